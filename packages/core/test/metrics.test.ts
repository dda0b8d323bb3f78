import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricsFactory, SendOutcome } from '@spoor/core';
import {
  createRemoteTracer,
  createTestTracer,
  deferred,
  FakeTransport,
  RecordedMetrics,
} from './helpers.js';

test('counters have the names and tags of the Jaeger clients', () => {
  const { metrics } = createTestTracer();
  assert.deepEqual(metrics.created.toSorted(), [
    'jaeger:finished_spans',
    'jaeger:reporter_queue_length',
    'jaeger:reporter_spans result=dropped',
    'jaeger:reporter_spans result=err',
    'jaeger:reporter_spans result=ok',
    'jaeger:sampler_queries result=err',
    'jaeger:sampler_queries result=ok',
    'jaeger:sampler_updates result=err',
    'jaeger:sampler_updates result=ok',
    'jaeger:span_context_decoding_errors',
    'jaeger:started_spans sampled=n',
    'jaeger:started_spans sampled=y',
    'jaeger:throttled_debug_spans',
    'jaeger:throttler_updates result=err',
    'jaeger:throttler_updates result=ok',
    'jaeger:traces state=started sampled=n',
    'jaeger:traces state=started sampled=y',
  ]);
});

test('spans and traces are counted by what the sampler said', () => {
  let isSampled = true;
  const { tracer, metrics } = createTestTracer({
    sampler: { tags: [], isSampled: () => isSampled },
  });
  const root = tracer.startSpan('root');
  tracer.startSpan('child', { childOf: root }).finish();
  root.finish();
  isSampled = false;
  const dropped = tracer.startSpan('root');
  tracer.startSpan('child', { childOf: dropped }).finish();
  tracer.startSpan('never finished');
  assert.deepEqual(metrics.counts, {
    'jaeger:started_spans sampled=y': 2,
    'jaeger:traces state=started sampled=y': 1,
    'jaeger:finished_spans': 2,
    'jaeger:started_spans sampled=n': 3,
    'jaeger:traces state=started sampled=n': 2,
  });
});

test('a trace that came from elsewhere is not started here', () => {
  const { tracer, metrics } = createTestTracer();
  const parent = tracer.extract('text_map', { 'uber-trace-id': '1:2:0:1' });
  tracer.startSpan('server', { childOf: parent });
  assert.deepEqual(metrics.counts, { 'jaeger:started_spans sampled=y': 1 });
});

test('a reporter that throws drops its span, which is counted and logged once', () => {
  const reporter = {
    report() {
      throw new Error('disk full');
    },
    async flush() {},
    async close() {},
  };
  const { tracer, metrics, log } = createTestTracer({ reporter });
  for (let i = 0; i < 3; i++) tracer.startSpan('charge').finish();
  assert.equal(metrics.counts['jaeger:reporter_spans result=dropped'], 3);
  assert.deepEqual(log.errors, ['spoor: the reporter threw: disk full. The span is lost.']);
});

test('what waits to be sent is shown by a gauge', async (t) => {
  // Nothing of the tracer's holds the process while the test waits.
  const keepAlive = setTimeout(() => {}, 5000);
  t.after(() => clearTimeout(keepAlive));
  const waiting = deferred<void>();
  const metrics: MetricsFactory = {
    createCounter: () => ({ increment() {} }),
    createGauge: (name) => ({
      update(count) {
        if (name === 'jaeger:reporter_queue_length' && count === 3) waiting.resolve();
      },
    }),
  };
  let outcome: SendOutcome = 'retry';
  const transport = new FakeTransport({ answer: () => outcome });
  const { tracer } = createRemoteTracer(transport, { metrics, flushIntervalMs: 1 });
  for (let i = 0; i < 3; i++) tracer.startSpan('charge').finish();
  await waiting.promise;
  outcome = 'accepted';
  await tracer.close();
});

test('metrics that throw never reach the application, and are reported once', async (t) => {
  const warnings: string[] = [];
  t.mock.method(process, 'emitWarning', (message: string, type: string) => {
    warnings.push(`${type}: ${message}`);
  });
  const fail = (): never => {
    throw new Error('registry closed');
  };
  const metrics: MetricsFactory = {
    createCounter: () => ({ increment: fail }),
    createGauge: () => ({ update: fail }),
  };
  const transport = new FakeTransport();
  const { tracer } = createRemoteTracer(transport, { metrics, flushIntervalMs: 1 });
  tracer.startSpan('charge').finish();
  tracer.extract('text_map', { 'uber-trace-id': 'malformed' });
  await tracer.close();
  assert.deepEqual(transport.names(), [['charge']]);
  assert.deepEqual(warnings, ['SpoorWarning: a metric could not be updated: registry closed']);
});

test('counters are called as methods of what the factory made', () => {
  const counts = new Map<string, number>();
  class OwnCounter {
    readonly name: string;
    constructor(name: string) {
      this.name = name;
    }
    increment(delta = 1): void {
      counts.set(this.name, (counts.get(this.name) ?? 0) + delta);
    }
  }
  class OwnFactory extends RecordedMetrics {
    override createCounter(name: string): OwnCounter {
      return new OwnCounter(name);
    }
  }
  const { tracer } = createTestTracer({ metrics: new OwnFactory() });
  tracer.startSpan('charge').finish();
  assert.deepEqual([...counts].toSorted(), [
    ['jaeger:finished_spans', 1],
    ['jaeger:started_spans', 1],
    ['jaeger:traces', 1],
  ]);
});
