import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spanOf } from '@spoor/http';
import { listen } from '@spoor/testing';
import { adapters } from '../adapters/index.mjs';
import { forAll, name } from './suite.mjs';

forAll(
  'registered twice there is still one span for a request',
  async ({ ask, reporter }, adapter) => {
    const { span } = await ask('/users/1');
    assert.equal(span.operationName, name(adapter, 'GET', '/users/:id'));
    assert.equal(reporter.spans.length, 1);
  },
  { isTwice: true },
);

for (const adapter of adapters) {
  test(`${adapter.name}: an unknown option is refused with the one that was meant`, async () => {
    await assert.rejects(adapter.start(undefined, { trustProxi: true }), {
      name: 'SpoorError',
      message: /\.trustProxi: unknown option\. Did you mean \w+\.trustProxy\?$/,
    });
  });

  test(`${adapter.name}: without a tracer the application answers as ever`, async (t) => {
    const { server } = await adapter.start(undefined, {});
    const response = await fetch(`${await listen(t, server)}/users/1`);
    assert.equal(await response.text(), '{"id":"1"}');
  });
}

test('spanOf is undefined for what is not traced', () => {
  assert.equal(spanOf({}), undefined);
});
