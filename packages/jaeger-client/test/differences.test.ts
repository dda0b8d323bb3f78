import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ours, theirs } from './clients.js';
import { differences } from './differences.js';

const page = new URL('../../../docs/jaeger-client.md', import.meta.url);

test('every intended difference has a row in docs/jaeger-client.md, with what is there, what is here, and why', () => {
  const rows = [...readFileSync(page, 'utf8').matchAll(/^\| `([a-z\d-]+)` \|.*\| .+ \|$/gm)];
  assert.deepEqual(
    rows.map(([, name]) => name),
    differences.map(({ name }) => name),
  );
});

for (const difference of differences) {
  test(`intended difference: ${difference.name}`, async (t) => {
    assert.notDeepEqual(difference.ours, difference.theirs);
    assert.deepEqual(await difference.show(theirs, t), difference.theirs, 'jaeger-client');
    assert.deepEqual(await difference.show(ours, t), difference.ours, '@spoor/jaeger-client');
  });
}
