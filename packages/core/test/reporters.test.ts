import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  CompositeReporter,
  InMemoryReporter,
  LoggingReporter,
  NullReporter,
  RemoteReporter,
  type Reporter,
  ThriftCompactEncoder,
  Tracer,
} from '@spoor/core';
import { createTestTracer, deferred, FakeTransport, keepAll, RecordedLog } from './helpers.js';

function failingReporter(): Reporter {
  const fail = (): never => {
    throw new Error('broken');
  };
  return { report: fail, flush: fail, close: fail };
}

test('the in-memory reporter keeps whole spans, in the order in which they finished', () => {
  const { tracer, reporter } = createTestTracer({ traceId128bit: true });
  const parent = tracer.startSpan('parent', { startTime: 1000 }).setBaggageItem('user', 'jo');
  const child = tracer.startSpan('child', { childOf: parent, startTime: 1001, tags: { a: 1 } });
  child.finish(1003);
  parent.setTag('late', true).finish(1010);

  const [first, second] = reporter.spans;
  assert.deepEqual(
    { ...first, baggage: { ...first?.baggage } },
    {
      operationName: 'child',
      context: first?.context,
      parentId: parent.context().toSpanId(),
      startTimeMs: 1001,
      durationMs: 2,
      tags: { a: 1 },
      logs: [],
      references: [],
      baggage: { user: 'jo' },
    },
  );
  assert.equal(String(first?.context), String(child));
  assert.deepEqual([second?.operationName, second?.tags], ['parent', { late: true }]);
});

test('the in-memory reporter forgets on clear, and what was read before stays', () => {
  const { tracer, reporter } = createTestTracer();
  tracer.startSpan('a').finish();
  const before = reporter.spans;
  reporter.clear();
  tracer.startSpan('b').finish();
  assert.deepEqual(
    [before, reporter.spans].map((spans) => spans.map(({ operationName }) => operationName)),
    [['a'], ['b']],
  );
});

test('the in-memory reporter still has its spans when the tracer is closed', async () => {
  const { tracer, reporter } = createTestTracer();
  tracer.startSpan('a').finish();
  await tracer.close();
  assert.deepEqual(
    reporter.spans.map(({ operationName }) => operationName),
    ['a'],
  );
});

test('the logging reporter logs one line a span', () => {
  const log = new RecordedLog();
  const reporter = new LoggingReporter(log);
  const { tracer } = createTestTracer({ reporter });
  const span = tracer.startSpan('charge');
  assert.deepEqual(log.infos, []);
  span.finish();
  assert.deepEqual(log.infos, [`Reporting span ${span} orders.charge`]);
});

test('the logging reporter survives every name', () => {
  const log = new RecordedLog();
  const { tracer } = createTestTracer({ reporter: new LoggingReporter(log) });
  const names = [Symbol('charge'), Object.create(null), undefined] as never[];
  for (const name of names) tracer.startSpan(name).finish();
  assert.deepEqual(
    log.infos.map((line) => line.replace(/^Reporting span \S+ /, '')),
    ['orders.Symbol(charge)', 'orders.{}', 'orders.undefined'],
  );
});

test('a composite reporter gives every span to each, in order, and flushes and closes all', async () => {
  const calls: string[] = [];
  const recording = (name: string): Reporter => ({
    start: ({ process }) => calls.push(`${name} start ${process.serviceName}`),
    report: (span) => calls.push(`${name} report ${span.operationName}`),
    flush: async () => void calls.push(`${name} flush`),
    close: async () => void calls.push(`${name} close`),
  });
  const reporter = new CompositeReporter([recording('a'), recording('b')]);
  const { tracer } = createTestTracer({ reporter });
  tracer.startSpan('charge').finish();
  await tracer.flush();
  await tracer.close();
  assert.deepEqual(
    calls,
    ['start orders', 'report charge', 'flush', 'close'].flatMap((call) => [
      `a ${call}`,
      `b ${call}`,
    ]),
  );
});

test('a reporter that fails does not keep the others in a composite from their work', async () => {
  const memory = new InMemoryReporter();
  const transport = new FakeTransport();
  const remote = new RemoteReporter(new ThriftCompactEncoder(), transport);
  const reporter = new CompositeReporter([failingReporter(), memory, remote]);
  const { tracer, metrics, log } = createTestTracer({ reporter });
  tracer.startSpan('charge').finish();
  await tracer.flush();
  await tracer.close();

  assert.equal(memory.spans.length, 1);
  assert.deepEqual([transport.names(), transport.closeCount], [[['charge']], 1]);
  assert.equal(metrics.counts['jaeger:reporter_spans result=dropped'], 1);
  assert.deepEqual(log.errors, [
    'spoor: the reporter threw: broken. The span is lost.',
    'spoor: the reporter could not be flushed: broken.',
  ]);
});

test('a composite waits for all of its reporters, whichever fails first', async () => {
  const slow = deferred<void>();
  const reporter = new CompositeReporter([
    failingReporter(),
    { report() {}, flush: () => slow.promise, close: () => slow.promise },
  ]);
  for (const end of ['flush', 'close'] as const) {
    const { tracer } = createTestTracer({ reporter });
    let hasEnded = false;
    const ended = tracer[end]().then(() => {
      hasEnded = true;
    });
    if (end === 'flush') {
      await nextTurn();
      assert.equal(hasEnded, false);
      slow.resolve();
    }
    await ended;
  }
});

test('flush and close of a reporter that throws or rejects resolve', async () => {
  const { tracer } = createTestTracer({ reporter: failingReporter() });
  let calls = 0;
  await new Promise<void>((resolve) => {
    void tracer.flush(() => {
      calls++;
      resolve();
    });
  });
  await tracer.close();
  assert.equal(calls, 1);
});

test('a tracer without a reporter and a sampler keeps nothing', async () => {
  const tracer = new Tracer('orders');
  assert.equal(tracer.startSpan('charge').isSampled(), false);
  await tracer.close();

  const kept = new Tracer('orders', { sampler: keepAll });
  kept.startSpan('charge').finish();
  await kept.close();
});

test('a logger that throws reaches nobody', () => {
  const logger = {
    info() {},
    error() {
      throw new Error('pipe closed');
    },
  };
  const { tracer } = createTestTracer({ logger });
  const span = tracer.startSpan('charge');
  span.finish();
  span.finish();
});

test('the same fault is logged once a minute', (t) => {
  const { tracer, log } = createTestTracer();
  const start = Date.now();
  const span = tracer.startSpan('charge');
  span.finish();
  for (const passedMs of [0, 1000, 59_000, 61_000, 62_000]) {
    t.mock.method(Date, 'now', () => start + passedMs);
    span.finish();
    t.mock.restoreAll();
  }
  assert.equal(log.errors.length, 2);
});

test('reporters name themselves', () => {
  const remote = new RemoteReporter(new ThriftCompactEncoder(), new FakeTransport());
  const all = [new NullReporter(), new InMemoryReporter(), new LoggingReporter(new RecordedLog())];
  assert.equal(
    String(new CompositeReporter(all)),
    'CompositeReporter(NullReporter,InMemoryReporter,LoggingReporter)',
  );
  assert.match(String(remote), /^RemoteReporter\(/);
});
