import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  b3Codec,
  ConstSampler,
  DefaultThrottler,
  jaegerCodec,
  PrioritySampler,
  Propagation,
  type SpanContext,
  TagEqualsSampler,
  type TracerOptions,
} from '@spoor/core';
import { createTestTracer, type TestTracer } from './helpers.js';

const malformedCount = 'jaeger:span_context_decoding_errors';
const throttledCount = 'jaeger:throttled_debug_spans';
const both = [jaegerCodec, b3Codec];

function createTracer(options: TracerOptions = {}): TestTracer {
  return createTestTracer({ propagation: new Propagation(both, both), ...options });
}

/** From a carrier and from a request of `node:http`, which agree. */
function extract({ tracer }: TestTracer, headers: Record<string, string>): SpanContext | undefined {
  const fromCarrier = tracer.extract('http_headers', headers) ?? undefined;
  const fromRequest = tracer.extractRequest(headers, Object.entries(headers).flat());
  assert.deepEqual(fromRequest, fromCarrier);
  return fromCarrier;
}

/** The flags of a trace that starts with such headers, and those of a span below it. */
function flagsWith(headers: Record<string, string>, test: TestTracer): number[] {
  const root = test.tracer.startSpan('root', { childOf: extract(test, headers) });
  const child = test.tracer.startSpan('child', { childOf: root });
  child.finish();
  root.finish();
  assert.equal(root.context().toTraceId(), child.context().toTraceId());
  assert.equal(root.isLocalRoot(), true);
  return [root.flags, child.flags];
}

const lateKeep = new PrioritySampler([
  new TagEqualsSampler('kept', [{ tagValue: true, firehose: false }]),
  new ConstSampler(true),
]);

for (const headers of [{ b3: '0' }, { 'x-b3-sampled': '0' }, { 'x-b3-sampled': 'false' }]) {
  const shown = JSON.stringify(headers);
  test(`a trace that starts with ${shown}, without ids, is not kept, whatever the sampler says`, () => {
    for (const sampler of [new ConstSampler(true), lateKeep]) {
      const test = createTracer({ sampler });
      assert.deepEqual(flagsWith(headers, test), [0, 0]);
      const { tracer, reporter } = test;
      tracer.startSpan('late', { childOf: extract(test, headers), tags: { kept: true } }).finish();
      assert.deepEqual(reporter.spans, []);
      assert.equal(test.metrics.counts['jaeger:traces state=started sampled=n'], 2);
      assert.equal(test.metrics.counts[malformedCount], undefined);
    }
  });
}

for (const headers of [{ b3: '1' }, { 'x-b3-sampled': '1' }, { 'x-b3-sampled': 'true' }]) {
  test(`a trace that starts with ${JSON.stringify(headers)}, without ids, is kept, whatever the sampler says`, () => {
    for (const sampler of [new ConstSampler(false), new TagEqualsSampler('kept', [])]) {
      // As with ids, a throttler has no part in it.
      const test = createTracer({ sampler, throttler: new DefaultThrottler(true) });
      assert.deepEqual(flagsWith(headers, test), [1, 1]);
      assert.deepEqual(
        test.reporter.spans.map(({ operationName, tags }) => [operationName, tags]),
        [
          ['child', {}],
          ['root', {}],
        ],
      );
    }
  });
}

for (const headers of [
  { b3: 'd' },
  { 'x-b3-flags': '1' },
  { 'x-b3-flags': '1', 'x-b3-sampled': '0' },
]) {
  test(`${JSON.stringify(headers)} without ids asks for a debug trace, as far as the throttler agrees`, () => {
    const sampler = new ConstSampler(false);
    assert.deepEqual(flagsWith(headers, createTracer({ sampler })), [3, 3]);
    const refusing = createTracer({ sampler, throttler: new DefaultThrottler(true) });
    assert.deepEqual(flagsWith(headers, refusing), [0, 0]);
    assert.equal(refusing.metrics.counts[throttledCount], 1);
    const asked: unknown[] = [];
    const throttler = {
      isAllowed: (...request: unknown[]) => {
        asked.push(request);
        return true;
      },
    };
    flagsWith(headers, createTracer({ sampler, throttler }));
    assert.deepEqual(asked, [['root', 'jaeger-debug-id']]);
  });
}

test('strangers get ten debug traces a second by B3 and by jaeger-debug-id together', () => {
  const throttler = new DefaultThrottler(false, () => 0);
  const test = createTracer({ sampler: new ConstSampler(false), throttler });
  const kept = Array.from({ length: 20 }, (_, i) =>
    flagsWith(i % 2 === 0 ? { b3: 'd' } : { 'jaeger-debug-id': 'a' }, test),
  );
  assert.equal(kept.filter(([flags]) => flags === 3).length, 10);
});

test('ids in another format win over a state without ids', () => {
  const ids = { 'uber-trace-id': '1:2:0:1' };
  for (const codecs of [both, both.toReversed()]) {
    const test = createTracer({ propagation: new Propagation(codecs, codecs) });
    for (const state of [{ b3: '0' }, { 'x-b3-sampled': '0' }]) {
      const context = extract(test, { ...ids, ...state })!;
      assert.deepEqual(
        [context.toString(), context.isSampled()],
        ['0000000000000001:0000000000000002:0:1', true],
      );
    }
  }
});

test('a state without ids goes with baggage, and a debug id wins over it', () => {
  const test = createTracer();
  const context = extract(test, { b3: '0', 'uberctx-tenant': 'a' })!;
  const span = test.tracer.startSpan('a', { childOf: context });
  assert.deepEqual([span.flags, span.getBaggageItem('tenant')], [0, 'a']);
  assert.deepEqual(flagsWith({ b3: '0', 'jaeger-debug-id': 'a' }, test), [3, 3]);
});

test('a context with a state alone belongs to no trace and writes no headers', () => {
  const test = createTracer();
  for (const b3 of ['0', '1', 'd']) {
    const context = extract(test, { b3 })!;
    assert.deepEqual(
      [context.isValid, context.isSampled(), context.isDebug(), context.toTraceId()],
      [false, false, false, ''],
    );
    const carrier = {};
    test.tracer.inject(context, 'http_headers', carrier);
    assert.deepEqual(carrier, {});
  }
});

test('a state that is none is malformed also without ids, and one that leaves it open is nothing', () => {
  for (const headers of [{ b3: '2' }, { 'x-b3-sampled': 'maybe' }, { 'x-b3-flags': '2' }]) {
    const test = createTracer();
    assert.equal(test.tracer.extract('http_headers', headers), null);
    assert.equal(test.metrics.counts[malformedCount], 1);
  }
  const test = createTracer();
  assert.equal(extract(test, { 'x-b3-flags': '0' }), undefined);
  assert.deepEqual(test.metrics.counts, {});
});
