import assert from 'node:assert/strict';
import { forAll, foreign, foreignHeader } from './suite.mjs';

forAll('an incoming context is continued', async ({ ask }) => {
  const { span } = await ask('/users/1', {
    headers: { ...foreignHeader, 'uberctx-tenant': 'acme' },
  });
  assert.equal(span.context.toTraceId(), foreign.trace);
  assert.equal(span.parentId, foreign.span);
  assert.equal(span.baggage.tenant, 'acme');
});

forAll('a malformed context starts a new trace', async ({ ask }) => {
  const { span } = await ask('/users/1', { headers: { 'uber-trace-id': 'zz:1:0:1' } });
  assert.equal(span.parentId, '');
  assert.match(span.context.toTraceId(), /^[0-9a-f]{16}$/);
});

forAll(
  'a stranger context is referred to from a new trace where it is not trusted',
  async ({ ask }) => {
    const { span } = await ask('/users/1', { headers: foreignHeader });
    assert.notEqual(span.context.toTraceId(), foreign.trace);
    assert.equal(span.parentId, '');
    assert.deepEqual(span.references, [{ type: 'follows_from', spanId: foreign.span }]);
  },
  { options: { trustIncoming: false } },
);

forAll(
  'whom to trust can depend on the request',
  async ({ ask }) => {
    const trusted = await ask('/users/1', { headers: { ...foreignHeader, 'x-internal': '1' } });
    assert.equal(trusted.span.context.toTraceId(), foreign.trace);
    const untrusted = await ask('/users/1', { headers: foreignHeader });
    assert.notEqual(untrusted.span.context.toTraceId(), foreign.trace);
  },
  { options: { trustIncoming: ({ headers }) => headers['x-internal'] === '1' } },
);

forAll(
  'a request that is not sampled is reported nowhere',
  async ({ url, reporter }) => {
    await (await fetch(`${url}/child/1`)).text();
    await (await fetch(`${url}/users/1`)).text();
    assert.deepEqual(reporter.spans, []);
  },
  { sampled: false },
);

forAll(
  'an ignored request has no span, and nothing below it has one',
  async ({ ask, url, reporter }) => {
    for (const path of ['/child/1', '/status/204', '/named?x=1'])
      await (await fetch(url + path)).text();
    assert.deepEqual(reporter.spans, []);
    await ask('/users/1');
    assert.equal(reporter.spans.length, 1);
  },
  { options: { ignore: ['/named', /^\/child\//g, ({ url }) => url === '/status/204'] } },
);
