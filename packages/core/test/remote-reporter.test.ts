import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  activeSpan,
  ConstSampler,
  initTracer,
  RemoteReporter,
  type SendOutcome,
  ThriftCompactEncoder,
} from '@spoor/core';
import { startCollector } from '@spoor/testing';
import {
  createRemoteTracer,
  deferred,
  FakeTransport,
  RecordedLog,
  setEnvironment,
} from './helpers.js';

const reported = 'jaeger:reporter_spans result=ok';
const dropped = 'jaeger:reporter_spans result=dropped';

test('spans go out at the flush interval, without anybody asking', async (t) => {
  setEnvironment(t);
  const collector = await startCollector(t);
  const tracer = initTracer({
    serviceName: 'orders',
    sampler: { type: 'const', param: 1 },
    reporter: { agentHost: collector.host, agentPort: collector.port, flushIntervalMs: 5 },
  });
  t.after(() => tracer.close());
  tracer.startSpan('first').finish();
  await collector.received(1);
  tracer.startSpan('second').finish();
  await collector.received(2);
  assert.deepEqual(
    collector.batches.map(({ spans }) => spans.map(({ operationName }) => operationName)),
    [['first'], ['second']],
  );
});

test('nothing is sent where nothing has finished', async () => {
  const transport = new FakeTransport();
  const { tracer } = createRemoteTracer(transport);
  tracer.startSpan('never finished');
  await tracer.flush();
  await tracer.close();
  assert.deepEqual(transport.batches, []);
});

test('flush sends what has finished, in one batch, and resolves when it is accepted', async (t) => {
  const accepted = deferred<'accepted'>();
  const transport = new FakeTransport({ answer: () => accepted.promise });
  const { tracer, metrics } = createRemoteTracer(transport);
  t.after(() => tracer.close());
  for (const name of ['a', 'b', 'c']) tracer.startSpan(name).finish();
  let isFlushed = false;
  const flushed = tracer.flush().then(() => {
    isFlushed = true;
  });
  await nextTurn();
  assert.equal(isFlushed, false);
  accepted.resolve('accepted');
  await flushed;
  assert.deepEqual(transport.names(), [['a', 'b', 'c']]);
  assert.equal(metrics.counts[reported], 3);
});

test('flush and close can be called at any time, any number of times', async () => {
  const transport = new FakeTransport();
  const { tracer } = createRemoteTracer(transport);
  await Promise.all([tracer.flush(), tracer.flush()]);
  tracer.startSpan('a').finish();
  await Promise.all([tracer.flush(), tracer.close(), tracer.flush(), tracer.close()]);
  await tracer.close();
  await tracer.flush();
  assert.deepEqual([transport.names(), transport.closeCount], [[['a']], 1]);
});

test('flush and close call back once, after the spans are sent, each caller for itself', async () => {
  const transport = new FakeTransport();
  const { tracer } = createRemoteTracer(transport);
  const calls: string[] = [];
  const call = (name: string, send: (callback: () => void) => Promise<void>): Promise<void> =>
    new Promise((resolve) => {
      void send(() => {
        calls.push(`${name} ${transport.batches.length}`);
        resolve();
      });
    });
  tracer.startSpan('a').finish();
  await call('flush', (callback) => tracer.flush(callback));
  tracer.startSpan('b').finish();
  await Promise.all([
    call('close', (callback) => tracer.close(callback)),
    call('close again', (callback) => tracer.close(callback)),
  ]);
  await call('close late', (callback) => tracer.close(callback));
  await nextTurn();
  assert.deepEqual(calls, ['flush 1', 'close 2', 'close again 2', 'close late 2']);
});

test('a callback that is no function is ignored', async () => {
  const { tracer } = createRemoteTracer(new FakeTransport());
  await tracer.flush(null as never);
  await tracer.close('now' as never);
});

test('spans that finish after close are counted as dropped', async () => {
  const transport = new FakeTransport();
  const { tracer, metrics } = createRemoteTracer(transport);
  const span = tracer.startSpan('late');
  await tracer.close();
  span.finish();
  tracer.startSpan('later').finish();
  assert.deepEqual([metrics.counts[dropped], metrics.counts[reported]], [2, undefined]);
  await tracer.flush();
  assert.deepEqual(transport.batches, []);
});

test('a span that does not fit into a packet is dropped, counted and logged once; the others arrive', async () => {
  const transport = new FakeTransport({ maxBatchBytes: 1000 });
  const { tracer, metrics, log } = createRemoteTracer(transport);
  tracer.startSpan('before').finish();
  for (const _ of [1, 2]) tracer.startSpan('large', { tags: { text: 'x'.repeat(1000) } }).finish();
  tracer.startSpan('after').finish();
  await tracer.close();

  assert.deepEqual(transport.names(), [['before'], ['after']]);
  assert.equal(metrics.counts[dropped], 2);
  assert.deepEqual(
    transport.decoded().map(({ stats }) => stats?.tooLargeDroppedSpans),
    // The first was sealed when the first large span came.
    [0, 2],
  );
  assert.deepEqual(log.errors, [
    'spoor: span "large" does not fit into a packet of 1000 bytes and is dropped. Put less into its tags and logs.',
  ]);
});

test('process, sequence numbers and losses are told once per batch', async () => {
  const outcomes = ['accepted', 'lost', 'accepted'] as const;
  const transport: FakeTransport = new FakeTransport({
    answer: () => outcomes[transport.batches.length - 1]!,
  });
  const { tracer, metrics } = createRemoteTracer(transport);
  for (const name of ['a', 'b', 'c']) {
    tracer.startSpan(name).finish();
    tracer.startSpan(name).finish();
    await tracer.flush();
  }
  await tracer.close();
  assert.deepEqual(
    transport.decoded().map(({ seqNo, stats }) => [seqNo, stats?.failedToEmitSpans]),
    [
      [1, 0],
      [2, 0],
      [3, 2],
    ],
  );
  assert.equal(metrics.counts['jaeger:reporter_spans result=err'], 2);
  assert.equal(metrics.counts[reported], 4);
});

test('batches are sent outside of the span that happened to fill them', async () => {
  const seen: unknown[] = [];
  const transport = new FakeTransport({
    maxBatchBytes: 1000,
    answer: async (): Promise<SendOutcome> => {
      seen.push(activeSpan());
      await nextTurn();
      seen.push(activeSpan());
      return 'accepted';
    },
  });
  const { tracer } = createRemoteTracer(transport);
  await tracer.withSpan(tracer.startSpan('request'), async () => {
    for (let i = 0; i < 50; i++) tracer.startSpan('child', { tags: { i } }).finish();
    await tracer.flush();
  });
  assert.ok(seen.length >= 4, `${seen.length}`);
  assert.deepEqual(
    seen,
    seen.map(() => undefined),
  );
  await tracer.close();
});

test("a span that is finished inside the toJSON of another one's tag is reported like any other", async () => {
  const transport = new FakeTransport();
  const { tracer } = createRemoteTracer(transport);
  const nested = {
    toJSON() {
      tracer.startSpan('nested', { tags: { a: 1 } }).finish();
      void tracer.flush();
      return 'shown';
    },
  };
  tracer.startSpan('outer', { tags: { before: 1, nested, after: 2 } }).finish();
  await tracer.close();

  assert.deepEqual(
    transport.spans().map(({ operationName, tags }) => [operationName, tags]),
    [
      ['nested', { a: 1 }],
      ['outer', { before: 1, nested: '"shown"', after: 2 }],
    ],
  );
});

test('an encoder that throws loses its span and nothing else', async () => {
  const transport = new FakeTransport();
  const encoder = new ThriftCompactEncoder();
  const log = new RecordedLog();
  const reporter = new RemoteReporter(encoder, transport);
  const { tracer, metrics } = createRemoteTracer(transport, {
    reporter,
    logger: log,
    sampler: new ConstSampler(true),
  });
  const append = encoder.append.bind(encoder);
  encoder.append = (span) => {
    if (span.operationName === 'broken') throw new Error('no room');
    return append(span);
  };
  for (const name of ['a', 'broken', 'b']) tracer.startSpan(name).finish();
  await tracer.close();
  assert.deepEqual(transport.names(), [['a', 'b']]);
  assert.equal(metrics.counts[dropped], 1);
  assert.deepEqual(log.errors, ['spoor: the reporter threw: no room. The span is lost.']);
});
