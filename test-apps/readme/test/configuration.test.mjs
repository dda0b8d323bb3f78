import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startCollector } from '@spoor/testing';
import { snippet, start } from '../snippets.mjs';

const page = 'docs/coming-from-jaeger-client.md';
const nowhere = { host: '127.0.0.1', port: 9 };

/** Runs a snippet of the page to its end. */
async function run(t, name, collector, change = (code) => code) {
  const app = await start(t, change(snippet(page, name)), collector);
  assert.equal(await app.exitCode, 0, app.text());
  return app.text();
}

/** What the comment at the end of a line says is printed. */
function promised(name) {
  return /\/\/ (.*)\n/.exec(snippet(page, name))?.[1];
}

test('a wrong key is refused with the sentence that the page promises', async (t) => {
  const text = await run(t, 'validate', nowhere);
  assert.equal(text, `${promised('validate')}\n`);
});

test('a second tracer reports for a service of its own, in the same trace', async (t) => {
  const collector = await startCollector(t);
  const text = await run(t, 'tracers', collector);
  assert.equal(text, 'true\n');
  const spans = await collector.received(2);
  const sent = Object.fromEntries(spans.map((span) => [span.serviceName, span]));
  assert.equal(sent['legacy-database'].parentSpanId, sent.orders.spanId);
  assert.equal(sent['legacy-database'].traceId, sent.orders.traceId);
});

test('the agent is where local_agent says, its port a text', async (t) => {
  const collector = await startCollector(t);
  await run(t, 'local-agent', nowhere, (code) =>
    code
      .replace('your-reporting-host', collector.host)
      .replace("'6831'", `'${String(collector.port)}'`),
  );
  const [span] = await collector.received(1);
  assert.deepEqual([span.operationName, span.serviceName], ['TestSpan', 'your-app-name']);
});

test('sampling.priority forces a trace that no sampler keeps', async (t) => {
  const collector = await startCollector(t);
  await run(t, 'priority', collector);
  const [span] = await collector.received(1);
  assert.deepEqual([span.operationName, span.flags], ['charge', 3]);
});

test('the request of the page forces a trace that is found by its correlation id', async (t) => {
  const collector = await startCollector(t);
  const app = await start(t, snippet(page, 'debug-id', 3000), collector);
  const port = await app.output(/port (\d+)/);
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8');
  const [, name, value, path] = /^curl -H '([\w-]+): ([\w-]+)' http:\/\/localhost:3000(\S+)$/m.exec(
    text,
  );

  await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  await (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { [name]: value } })).text();

  const [span] = await collector.received(1);
  assert.equal(span.operationName, 'GET /orders/:id');
  assert.equal(span.tags['jaeger-debug-id'], 'some-correlation-id');
});

test("a trace goes on in Zipkin's headers with propagation: 'b3'", async (t) => {
  const collector = await startCollector(t);
  const text = await run(t, 'b3', collector);
  assert.equal(text, `${promised('b3')}\n`);
  const [span] = await collector.received(1);
  assert.deepEqual([span.traceId, span.parentSpanId], ['463ac35c9f6413ad', 'a2fb4a1d1a96d312']);
});

test('faults of the tracer are told to the logger', async (t) => {
  const text = await run(t, 'logger', nowhere);
  const start = promised('logger').replace('…', '');
  assert.ok(text.startsWith(start), text);
});

test('what a tracer says of itself is what docs/configuration.md promises', async (t) => {
  const code = snippet('docs/configuration.md', 'describe');
  const app = await start(t, `delete process.env.JAEGER_AGENT_HOST;\n${code}`, {
    host: '',
    port: '',
  });
  assert.equal(await app.exitCode, 0, app.text());
  const lines = [...code.matchAll(/; \/\/ (.*)\n/g)].map(([, line]) => line);
  assert.deepEqual(app.text().trim().split('\n'), lines);
});
