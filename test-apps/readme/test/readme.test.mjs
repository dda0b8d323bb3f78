import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCollector } from '@spoor/testing';
import { snippet, start } from '../snippets.mjs';

test('the Express example of the README traces a request', async (t) => {
  const collector = await startCollector(t);
  const app = await start(t, snippet('README.md', 'express', 3000), collector);
  const port = await app.output(/port (\d+)/);

  const answer = await fetch(`http://127.0.0.1:${port}/orders/7`);

  assert.deepEqual(await answer.json(), { id: '7' });
  const [span] = await collector.received(1);
  assert.equal(span.operationName, 'GET /orders/:id');
  assert.equal(span.serviceName, 'orders');
});

test("the example of Python's jaeger-client, as the README ports it, reports both spans and logs a line for each", async (t) => {
  const collector = await startCollector(t);
  const app = await start(t, snippet('README.md', 'python'), collector);

  assert.equal(await app.exitCode, 0, app.text());
  const spans = await collector.received(2);

  assert.match(
    app.text(),
    /Reporting span \S+ your-app-name\.ChildSpan\nReporting span \S+ your-app-name\.TestSpan\n/,
  );
  const [child, parent] = spans;
  assert.equal(child.operationName, 'ChildSpan');
  assert.equal(child.parentSpanId, parent.spanId);
  assert.equal(child.traceId, parent.traceId);
  assert.deepEqual(
    parent.logs.map(({ fields }) => fields),
    [{ event: 'test message', life: 42 }],
  );
  assert.deepEqual(
    child.logs.map(({ fields }) => fields),
    [{ event: 'down below' }],
  );
  assert.equal(parent.tags['sampler.type'], 'const');
  assert.equal(parent.serviceName, 'your-app-name');
});
