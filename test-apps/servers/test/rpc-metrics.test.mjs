import assert from 'node:assert/strict';
import { forAll } from './suite.mjs';

/** What `RpcMetrics` makes of the name of a span. */
const endpoint = (adapter, method, route) => (adapter.hasRoutes ? `${method}-${route}` : method);

for (const semconv of ['opentracing', 'otel', 'both']) {
  forAll(
    `requests that are not sampled are counted by route and status, with the conventions ${semconv}`,
    async ({ url, calls, reporter }, adapter) => {
      for (const path of ['/users/42', '/users/43', '/status/503', '/no/such/path']) {
        await (await fetch(url + path)).text();
      }
      await calls.answered(4);
      const [users, status] = [
        endpoint(adapter, 'GET', '/users/-id'),
        endpoint(adapter, 'GET', '/status/-code'),
      ];
      const expected = {};
      const count = (id) => {
        expected[id] = (expected[id] ?? 0) + 1;
      };
      for (const name of [users, users, 'GET']) count(`requests endpoint=${name} error=false`);
      count(`requests endpoint=${status} error=true`);
      for (const name of [users, users]) count(`http_requests endpoint=${name} status_code=2xx`);
      count(`http_requests endpoint=${status} status_code=5xx`);
      count('http_requests endpoint=GET status_code=4xx');
      assert.deepEqual(calls.counts, expected);
      assert.equal(calls.durationsMs.length, 4);
      assert.ok(calls.durationsMs.every((durationMs) => durationMs > 0 && durationMs < 5000));
      assert.deepEqual(reporter.spans, []);
    },
    { sampled: false, countsCalls: true, options: { semconv } },
  );
}

forAll(
  'a request that is sampled and counted has the span that it has otherwise',
  async ({ ask, calls }, adapter) => {
    const { span } = await ask('/users/42');
    await calls.answered(1);
    assert.equal(span.operationName, adapter.hasRoutes ? 'GET /users/:id' : 'GET');
    assert.equal(span.tags['http.status_code'], 200);
    assert.deepEqual(Object.keys(calls.counts), [
      `requests endpoint=${endpoint(adapter, 'GET', '/users/-id')} error=false`,
      `http_requests endpoint=${endpoint(adapter, 'GET', '/users/-id')} status_code=2xx`,
    ]);
  },
  { countsCalls: true },
);

forAll(
  'a request that nobody waits for any longer is counted as an error',
  async ({ url, calls, server }) => {
    const aborting = new AbortController();
    const asked = new Promise((resolve) => server.once('request', resolve));
    const answer = fetch(`${url}/never`, { signal: aborting.signal }).catch(() => {});
    await asked;
    aborting.abort();
    await answer;
    while (Object.keys(calls.counts).length === 0) {
      await new Promise((resolve) => calls.once('count', resolve));
    }
    const [counted] = Object.keys(calls.counts);
    assert.match(counted, /^requests endpoint=GET\S* error=true$/);
  },
  { sampled: false, countsCalls: true },
);
