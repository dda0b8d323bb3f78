import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Tracer, UdpTransport, type UdpTransportOptions } from '@spoor/core';
import { FaultLog } from '@spoor/core/internal';
import { startCollector } from '@spoor/testing';
import { createRemoteTracer, RecordedLog, type RemoteTracer, unusedPort } from './helpers.js';

const failed = 'jaeger:reporter_spans result=err';
const reported = 'jaeger:reporter_spans result=ok';

function createUdpTracer(
  t: TestContext,
  { tags, ...options }: UdpTransportOptions & { tags?: Record<string, unknown> },
): RemoteTracer & { faults: string[] } {
  const log = new RecordedLog();
  const transport = new UdpTransport({ ...options, faults: new FaultLog(log) });
  const remote = createRemoteTracer(transport, { tags });
  t.after(() => remote.tracer.close());
  return { ...remote, faults: log.errors };
}

async function send(tracer: Tracer, ...names: string[]): Promise<void> {
  for (const name of names) tracer.startSpan(name).finish();
  await tracer.flush();
}

test('spans reach an agent with their process', async (t) => {
  const collector = await startCollector(t);
  const tags = { region: 'eu', replicas: 3 };
  const { tracer, metrics } = createUdpTracer(t, {
    host: collector.host,
    port: collector.port,
    tags,
  });
  const parent = tracer.startSpan('parent', { startTime: 1000, tags: { amount: 12 } });
  tracer.startSpan('child', { childOf: parent, startTime: 1001 }).finish(1002);
  parent.finish(1004);
  await tracer.flush();

  const [child, root] = await collector.received(2);
  const traceId = parent.context().toTraceId();
  assert.deepEqual(
    [root?.traceId, root?.spanId, root?.parentSpanId, root?.operationName, root?.tags],
    [traceId, traceId, '', 'parent', { amount: 12 }],
  );
  assert.deepEqual(
    [child?.traceId, child?.parentSpanId, child?.startTimeUs, child?.durationUs],
    [traceId, traceId, 1_001_000, 1000],
  );
  assert.equal(root?.serviceName, 'orders');
  assert.equal(metrics.counts[reported], 2);
  assert.deepEqual([collector.batches.length, collector.malformed.count], [1, 0]);
});

test('a process tells its version, host, address and a UUID after the tags of the user', async (t) => {
  const collector = await startCollector(t);
  const address = { host: collector.host, port: collector.port };
  const { tracer } = createUdpTracer(t, { ...address, tags: { region: 'eu' } });
  await send(tracer, 'a');
  const { version } = JSON.parse(
    readFileSync(new URL(import.meta.resolve('@spoor/core/package.json')), 'utf8'),
  );
  const external = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  const [span] = await collector.received(1);
  const { 'client-uuid': uuid, ...others } = span!.processTags;
  assert.deepEqual(Object.entries(others), [
    ['region', 'eu'],
    ['jaeger.version', `Spoor-Node-${version}`],
    ['hostname', hostname()],
    ['ip', external?.address ?? '0.0.0.0'],
  ]);
  assert.match(
    String(uuid),
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test('a hostname and an ip of the user win, a version and a UUID do not', async (t) => {
  const collector = await startCollector(t);
  const tags = {
    hostname: 'pod-7',
    ip: '10.0.0.7',
    'jaeger.version': 'mine',
    'client-uuid': 'mine',
  };
  const before = { ...tags };
  const { tracer } = createUdpTracer(t, { host: collector.host, port: collector.port, tags });
  await send(tracer, 'a');
  const [span] = await collector.received(1);
  const { hostname: host, ip, 'jaeger.version': version, 'client-uuid': uuid } = span!.processTags;
  assert.deepEqual([host, ip], ['pod-7', '10.0.0.7']);
  assert.match(String(version), /^Spoor-Node-/);
  assert.notEqual(uuid, 'mine');
  assert.deepEqual(tags, before);
});

test('the name localhost and IPv6 addresses are sent to', async (t) => {
  const four = await startCollector(t);
  await send(createUdpTracer(t, { host: 'localhost', port: four.port }).tracer, 'a');
  await four.received(1);
  const six = await startCollector(t, { host: '::1' });
  await send(createUdpTracer(t, { host: '::1', port: six.port }).tracer, 'b');
  await six.received(1);
});

test('where no agent listens every span is counted as failed, which is logged once', async (t) => {
  const port = await unusedPort();
  for (const host of ['127.0.0.1', '127.0.0.1', 'localhost', 'localhost']) {
    const { tracer, metrics } = createUdpTracer(t, { host, port });
    for (let i = 0; i < 5; i++) await send(tracer, 'a', 'b');
    assert.deepEqual(metrics.counts, {
      'jaeger:started_spans sampled=y': 10,
      'jaeger:traces state=started sampled=y': 10,
      'jaeger:finished_spans': 10,
      [failed]: 10,
    });
  }
  const { tracer, faults } = createUdpTracer(t, { host: 'localhost', port });
  const startedAtMs = Date.now();
  for (let minute = 0; minute < 5; minute++) {
    t.mock.method(Date, 'now', () => startedAtMs + minute * 120_000);
    await send(tracer, 'a');
  }
  assert.deepEqual(faults, [
    `spoor: no Jaeger agent listens at localhost:${port} (UDP); spans are lost until one does. Set JAEGER_AGENT_HOST and JAEGER_AGENT_PORT if it is elsewhere.`,
  ]);
});

test('an agent that starts later gets the spans from then on, and hears of those that were lost', async (t) => {
  const port = await unusedPort();
  const { tracer, metrics } = createUdpTracer(t, { host: '127.0.0.1', port });
  await send(tracer, 'lost');
  const collector = await startCollector(t, { port });
  await send(tracer, 'a');
  await send(tracer, 'b');
  assert.deepEqual(
    (await collector.received(2)).map(({ operationName }) => operationName),
    ['a', 'b'],
  );
  assert.deepEqual(
    collector.batches.map(({ seqNo, stats }) => [seqNo, stats?.failedToEmitSpans]),
    [
      [2, 1],
      [3, 1],
    ],
  );
  assert.deepEqual([metrics.counts[failed], metrics.counts[reported]], [1, 2]);
});

test('an agent that restarts gets the spans again', async (t) => {
  const port = await unusedPort();
  const first = await startCollector(t, { port });
  const { tracer, metrics } = createUdpTracer(t, { host: '127.0.0.1', port });
  await send(tracer, 'a');
  await first.received(1);
  await first.close();
  await send(tracer, 'lost');
  const second = await startCollector(t, { port });
  await send(tracer, 'b');
  await second.received(1);
  assert.deepEqual([metrics.counts[failed], metrics.counts[reported]], [1, 2]);
});

test('an address that cannot be reached keeps the spans and says so once', async (t) => {
  // No socket may connect to the broadcast address unless it asks for that.
  const { tracer, metrics, faults } = createUdpTracer(t, { host: '255.255.255.255', port: 6831 });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  tracer.startSpan('a').finish();
  const flushed = tracer.flush();
  while (faults.length === 0) await nextTurn();
  t.mock.timers.tick(5000);
  await flushed;
  assert.deepEqual([metrics.counts[failed], metrics.counts[reported]], [undefined, undefined]);
  const closed = tracer.close();
  t.mock.timers.tick(5000);
  await closed;
  assert.equal(faults.length, 1);
  assert.match(
    faults[0]!,
    /^spoor: reporter\.agentHost: "255\.255\.255\.255" cannot be reached \(connect E[A-Z]+ 255\.255\.255\.255:6831\)\. Write the name or the address of the machine with the Jaeger agent; spans are kept as long as there is room\.$/,
  );
});

test('full packets of 65000 bytes arrive whole', async (t) => {
  const collector = await startCollector(t);
  const { tracer } = createUdpTracer(t, { host: collector.host, port: collector.port });
  for (let i = 0; i < 400; i++) {
    tracer.startSpan('a', { tags: { i, text: 'x'.repeat(1000) } }).finish();
  }
  await tracer.flush();
  const spans = await collector.received(400);
  assert.deepEqual(
    spans.map(({ tags }) => tags.i),
    Array.from({ length: 400 }, (_, i) => i),
  );
  const sizes = collector.batches.map(({ packetBytes }) => packetBytes);
  assert.ok(
    sizes.slice(0, -1).every((size) => size > 63_000 && size <= 65_000),
    `${sizes}`,
  );
});

test('defaults are the local agent and its packet size', () => {
  const transport = new UdpTransport();
  assert.deepEqual(
    [String(transport), transport.maxBatchBytes],
    ['UdpTransport(localhost:6831)', 65_000],
  );
});
