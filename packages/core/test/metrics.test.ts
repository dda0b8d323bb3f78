import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Metrics,
  type MetricsFactory,
  type Reporter,
  type Sampler,
  type SendOutcome,
  SpoorError,
  Tracer,
} from '@spoor/core';
import { createRemoteTracer, createTestTracer, FakeTransport, RecordedMetrics } from './helpers.js';

const keepNone: Sampler = { tags: [], isSampled: () => false };

const brokenReporter: Reporter = {
  report() {
    throw new Error('disk full');
  },
  async flush() {},
  async close() {},
};

const oneSpan = {
  'traces state=started sampled=y': 1,
  'started_spans sampled=y': 1,
  finished_spans: 1,
};
const fourSpans = {
  'traces state=started sampled=y': 4,
  'started_spans sampled=y': 4,
  finished_spans: 4,
};

test('counters have the names and tags of the Jaeger clients', () => {
  const { metrics } = createTestTracer();
  assert.deepEqual(metrics.created.toSorted(), [
    'jaeger:baggage_restrictions_updates result=err',
    'jaeger:baggage_restrictions_updates result=ok',
    'jaeger:baggage_truncations',
    'jaeger:baggage_updates result=err',
    'jaeger:baggage_updates result=ok',
    'jaeger:finished_spans',
    'jaeger:reporter_dropped_spans reason=closed',
    'jaeger:reporter_dropped_spans reason=queue_full',
    'jaeger:reporter_dropped_spans reason=reporter_error',
    'jaeger:reporter_dropped_spans reason=too_large',
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
    'jaeger:traces state=joined sampled=n',
    'jaeger:traces state=joined sampled=y',
    'jaeger:traces state=started sampled=n',
    'jaeger:traces state=started sampled=y',
  ]);
});

/** What is counted, how it is provoked, and every counter that this moves. */
const provoked: Record<string, [() => unknown, Record<string, number>]> = {
  'a new trace, and a span below it': [
    () => {
      const { tracer, metrics } = createTestTracer();
      tracer.startSpan('child', { childOf: tracer.startSpan('root') });
      return metrics;
    },
    { 'traces state=started sampled=y': 1, 'started_spans sampled=y': 2 },
  ],
  'a new trace that is not sampled': [
    () => {
      const { tracer, metrics } = createTestTracer({ sampler: keepNone });
      tracer.startSpan('child', { childOf: tracer.startSpan('root') }).finish();
      return metrics;
    },
    { 'traces state=started sampled=n': 1, 'started_spans sampled=n': 2 },
  ],
  'a span that goes on with a trace of elsewhere, and one below it': [
    () => {
      const { tracer, metrics } = createTestTracer({ sampler: keepNone });
      const childOf = tracer.extract('text_map', { 'uber-trace-id': '1:2:0:1' });
      tracer.startSpan('child', { childOf: tracer.startSpan('server', { childOf }) });
      return metrics;
    },
    { 'traces state=joined sampled=y': 1, 'started_spans sampled=y': 2 },
  ],
  'a span that goes on with a trace of elsewhere that is not sampled': [
    () => {
      const { tracer, metrics } = createTestTracer();
      const childOf = tracer.extract('text_map', { 'uber-trace-id': '1:2:0:0' });
      tracer.startSpan('server', { childOf });
      return metrics;
    },
    { 'traces state=joined sampled=n': 1, 'started_spans sampled=n': 1 },
  ],
  'a server span below a span of this process, as in tests of services': [
    () => {
      const { tracer, metrics } = createTestTracer();
      const childOf = tracer.startSpan('client', { tags: { 'span.kind': 'client' } });
      tracer.startSpan('server', { childOf, tags: { 'span.kind': 'server' } });
      return metrics;
    },
    {
      'traces state=started sampled=y': 1,
      'traces state=joined sampled=y': 1,
      'started_spans sampled=y': 2,
    },
  ],
  'a server span without a parent': [
    () => {
      const { tracer, metrics } = createTestTracer();
      tracer.startSpan('server', { tags: { 'span.kind': 'server' } });
      return metrics;
    },
    { 'traces state=started sampled=y': 1, 'started_spans sampled=y': 1 },
  ],
  'a span whose tags throw': [
    () => {
      const { tracer, metrics } = createTestTracer();
      const tags = {
        get 'span.kind'(): string {
          throw new Error('no kind');
        },
      };
      tracer.startSpan('child', { childOf: tracer.startSpan('root'), tags });
      return metrics;
    },
    { 'traces state=started sampled=y': 1, 'started_spans sampled=y': 2 },
  ],
  'a span that is finished twice': [
    () => {
      const { tracer, metrics } = createTestTracer();
      const span = tracer.startSpan('charge');
      span.finish();
      span.finish();
      return metrics;
    },
    {
      'traces state=started sampled=y': 1,
      'started_spans sampled=y': 1,
      finished_spans: 1,
    },
  ],
  'contexts that cannot be read': [
    () => {
      const { tracer, metrics } = createTestTracer();
      tracer.extract('text_map', { 'uber-trace-id': 'malformed' });
      tracer.extract('http_headers', { traceparent: '00-malformed' });
      tracer.extract('binary', { buffer: Buffer.from('malformed') });
      tracer.extract('text_map', {});
      return metrics;
    },
    { span_context_decoding_errors: 3 },
  ],
  'spans that are accepted': [
    () => afterBatches(() => 'accepted'),
    { ...fourSpans, 'reporter_spans result=ok': 4 },
  ],
  'spans that are lost on the way': [
    () => afterBatches(() => 'lost'),
    { ...fourSpans, 'reporter_spans result=err': 4 },
  ],
  'spans that a full queue has no room for': [
    () => afterBatches(() => 'accepted', 100),
    {
      ...fourSpans,
      'reporter_spans result=ok': 2,
      'reporter_spans result=dropped': 2,
      'reporter_dropped_spans reason=queue_full': 2,
    },
  ],
  'a span that is larger than a packet': [
    async () => {
      const { tracer, metrics } = createRemoteTracer(new FakeTransport());
      tracer.startSpan('x'.repeat(70_000)).finish();
      await tracer.close();
      return metrics;
    },
    {
      ...oneSpan,
      'reporter_spans result=dropped': 1,
      'reporter_dropped_spans reason=too_large': 1,
    },
  ],
  'a span that finishes after close': [
    async () => {
      const { tracer, metrics } = createRemoteTracer(new FakeTransport());
      const span = tracer.startSpan('charge');
      await tracer.close();
      span.finish();
      return metrics;
    },
    {
      ...oneSpan,
      'reporter_spans result=dropped': 1,
      'reporter_dropped_spans reason=closed': 1,
    },
  ],
  'a span whose reporter throws': [
    () => {
      const { tracer, metrics } = createTestTracer({ reporter: brokenReporter });
      tracer.startSpan('charge').finish();
      return metrics;
    },
    {
      ...oneSpan,
      'reporter_spans result=dropped': 1,
      'reporter_dropped_spans reason=reporter_error': 1,
    },
  ],
  'a sampling server, a throttler and restrictions, as those count who ask them': [
    () => {
      const recorded = new RecordedMetrics();
      let metrics: Metrics | undefined;
      const reporter: Reporter = {
        ...brokenReporter,
        start(context) {
          metrics = context.metrics;
        },
      };
      createTestTracer({ reporter, metrics: recorded });
      metrics?.samplerQueried('ok');
      metrics?.samplerUpdated('err');
      metrics?.baggageUpdated('ok');
      metrics?.baggageTruncated();
      metrics?.baggageRestrictionsUpdated('err');
      metrics?.debugSpanThrottled();
      metrics?.throttlerUpdated('ok');
      return recorded;
    },
    {
      'sampler_queries result=ok': 1,
      'sampler_updates result=err': 1,
      'baggage_updates result=ok': 1,
      baggage_truncations: 1,
      'baggage_restrictions_updates result=err': 1,
      throttled_debug_spans: 1,
      'throttler_updates result=ok': 1,
    },
  ],
};

for (const [title, [provoke, counts]] of Object.entries(provoked)) {
  test(`counted: ${title}`, async () => {
    const metrics = (await provoke()) as RecordedMetrics;
    const expected = Object.entries(counts).map(([name, count]) => [`jaeger:${name}`, count]);
    assert.deepEqual(metrics.counts, Object.fromEntries(expected));
  });
}

/** What a tracer has counted after four spans, each of them a batch, went to a transport that answers so. */
async function afterBatches(answer: () => SendOutcome, maxQueueBytes = 100_000): Promise<unknown> {
  const transport = new FakeTransport({ answer });
  const { tracer, metrics } = createRemoteTracer(transport, { maxQueueBytes });
  const sent = ['a', 'b', 'c', 'd'].map((name) => {
    tracer.startSpan(name).finish();
    return tracer.flush();
  });
  await Promise.all(sent);
  return metrics;
}

test('a reporter that throws is logged once', () => {
  const { tracer, log } = createTestTracer({ reporter: brokenReporter });
  for (let i = 0; i < 3; i++) tracer.startSpan('charge').finish();
  assert.deepEqual(log.errors, ['spoor: the reporter threw: disk full. The span is lost.']);
});

test('what waits to be sent is shown by a gauge, and nothing is left of it in the end', async () => {
  let outcome: SendOutcome = 'retry';
  const transport = new FakeTransport({ answer: () => outcome });
  const { tracer, metrics } = createRemoteTracer(transport);
  for (let i = 0; i < 3; i++) tracer.startSpan('charge').finish();
  const flushed = tracer.flush();
  tracer.startSpan('charge').finish();
  const flushedAgain = tracer.flush();
  outcome = 'accepted';
  await Promise.all([flushed, flushedAgain]);
  assert.deepEqual(metrics.gauges, { 'jaeger:reporter_queue_length': [3, 4, 1, 0] });
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

test('a factory that cannot make a metric is a configuration error', () => {
  const counter = { increment() {} };
  const table: [object, string][] = [
    [
      {
        createCounter(name: string) {
          throw new Error(`${name} exists`);
        },
      },
      "metrics: createCounter('jaeger:traces') threw: jaeger:traces exists. Write a factory that makes every metric, or leave metrics out.",
    ],
    [
      { createCounter: () => counter },
      "metrics: createGauge('jaeger:reporter_queue_length') threw: factory.createGauge is not a function. Write a factory that makes every metric, or leave metrics out.",
    ],
    [
      { createCounter: () => ({ inc() {} }), createGauge: () => ({ update() {} }) },
      'metrics: createCounter() returned an object without increment(). Return { increment() {} } from createCounter.',
    ],
    [
      { createCounter: () => counter, createGauge: () => undefined },
      'metrics: createGauge() returned an object without update(). Return { update() {} } from createGauge.',
    ],
  ];
  for (const [metrics, message] of table) {
    assert.throws(
      () => new Tracer('orders', { metrics: metrics as MetricsFactory }),
      (error) => {
        assert.ok(error instanceof SpoorError);
        assert.equal(error.message, message);
        return true;
      },
    );
  }
});

test('two tracers may share a factory', () => {
  const metrics = new RecordedMetrics();
  for (let i = 0; i < 2; i++) createTestTracer({ metrics }).tracer.startSpan('charge').finish();
  assert.equal(metrics.counts['jaeger:finished_spans'], 2);
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
