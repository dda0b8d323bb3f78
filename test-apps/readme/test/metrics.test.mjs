import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCollector } from '@spoor/testing';
import { snippet, start } from '../snippets.mjs';

test('the metrics of the example of docs/metrics.md can be scraped', async (t) => {
  const collector = await startCollector(t);
  const app = await start(t, snippet('docs/metrics.md', 'prometheus', 9464), collector);
  const origin = `http://127.0.0.1:${await app.output(/port (\d+)/)}`;

  await (await fetch(origin)).text();
  await collector.received(1);
  const response = await fetch(`${origin}/metrics`);

  assert.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  assert.match(text, /^orders_jaeger:traces\{state="started",sampled="y"\} 1$/m);
  assert.match(text, /^orders_jaeger:finished_spans 1$/m);
});

test("the metrics of the example with the configuration of Python's client have the service as a label", async (t) => {
  const collector = await startCollector(t);
  const app = await start(t, snippet('docs/metrics.md', 'prometheus-config'), collector);

  assert.equal(await app.exitCode, 0, app.text());
  assert.match(app.text(), /^jaeger:reporter_spans\{result="ok",service="your-app-name"\} 1$/m);
});

test('the calls of the example of docs/metrics.md are counted by route, though hardly any is sampled', async (t) => {
  const collector = await startCollector(t);
  const app = await start(t, snippet('docs/metrics.md', 'rpc-metrics', 9464), collector);
  const origin = `http://127.0.0.1:${await app.output(/port (\d+)/)}`;

  await (await fetch(`${origin}/orders/1234`)).text();
  const endpoint = 'endpoint="GET-/orders/-id"';
  let text = '';
  // The answer may be here before its response is closed there.
  for (let i = 0; i < 100 && !text.includes(endpoint); i++) {
    text = await (await fetch(`${origin}/metrics`)).text();
  }
  for (const line of [
    `orders_jaeger_rpc:requests{${endpoint},error="false"} 1`,
    `orders_jaeger_rpc:http_requests{${endpoint},status_code="2xx"} 1`,
    `orders_jaeger_rpc:request_latency_count{${endpoint},error="false"} 1`,
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line} is not in ${text}`);
  }
});

test('the observer of the example of docs/metrics.md sees what was slow', async (t) => {
  const collector = await startCollector(t);
  const app = await start(t, snippet('docs/metrics.md', 'observers'), collector);

  assert.equal(await app.exitCode, 0, app.text());
  assert.equal(app.text(), 'slow: pg:SELECT\n');
});
