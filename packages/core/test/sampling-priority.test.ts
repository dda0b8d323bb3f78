import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConstSampler,
  DefaultThrottler,
  PrioritySampler,
  TagEqualsSampler,
  type Throttler,
} from '@spoor/core';
import { createTestTracer } from './helpers.js';

const never = new ConstSampler(false);
const always = new ConstSampler(true);
const tag = 'sampling.priority';

/** Counts how often it was asked. */
class CountingThrottler implements Throttler {
  readonly asked: string[] = [];
  readonly #isAllowed: boolean;

  constructor(isAllowed: boolean) {
    this.#isAllowed = isAllowed;
  }

  isAllowed(operationName: string, requestedBy: string): boolean {
    this.asked.push(`${operationName} ${requestedBy}`);
    return this.#isAllowed;
  }
}

test('sampling.priority above 0 keeps a trace that the sampler refused, with the debug flag', () => {
  const { tracer, reporter } = createTestTracer({ sampler: never });
  const span = tracer.startSpan('charge', { tags: { dropped: 1 } });
  span.setTag('dropped', 2).log({ event: 'dropped' });
  span.setTag(tag, 3).setTag('kept', 1);
  assert.equal(span.flags, 3);
  span.finish();
  const [sent] = reporter.spans;
  assert.deepEqual(Object.entries(sent!.tags), [
    [tag, 3],
    ['kept', 1],
  ]);
  assert.deepEqual(sent?.logs, []);
});

test('sampling.priority among the tags at the start is obeyed before the others', () => {
  const { tracer, reporter, metrics } = createTestTracer({ sampler: never });
  tracer.startSpan('charge', { tags: { a: 1, [tag]: 1, b: 2 } }).finish();
  assert.deepEqual(Object.entries(reporter.spans[0]!.tags), [
    [tag, 1],
    ['a', 1],
    ['b', 2],
  ]);
  assert.equal(metrics.counts['jaeger:traces state=started sampled=y'], 1);

  const kept = createTestTracer({ sampler: always });
  const span = kept.tracer.startSpan('charge', { tags: { a: 1, [tag]: 0 } });
  assert.deepEqual([span.flags, span.isWritable()], [0, false]);
  assert.equal(kept.metrics.counts['jaeger:traces state=started sampled=n'], 1);
});

test('sampling.priority among tags that are added later is obeyed before the others', () => {
  const { tracer, reporter } = createTestTracer({ sampler: never });
  tracer
    .startSpan('charge')
    .addTags({ a: 1, [tag]: 1 })
    .finish();
  assert.deepEqual(reporter.spans[0]?.tags, { [tag]: 1, a: 1 });
});

test('the values of sampling.priority are compared as JavaScript does', () => {
  const table: [unknown, number][] = [
    [1, 3],
    [0.5, 3],
    ['2', 3],
    [true, 3],
    [1n, 3],
    [null, 1],
    [undefined, 1],
    [0, 0],
    [-1, 0],
    ['abc', 0],
    ['', 0],
    [false, 0],
    [Number.NaN, 0],
    [{}, 0],
    [Symbol('s'), 0],
    [Object.create(null), 0],
  ];
  for (const [value, flags] of table) {
    const { tracer } = createTestTracer({ sampler: always });
    const span = tracer.startSpan('charge').setTag(tag, value);
    assert.equal(span.flags, flags, String(typeof value));
  }
});

test('0 clears sampled and debug, of the whole trace, and is not recorded', () => {
  const { tracer, reporter } = createTestTracer({ sampler: always });
  const root = tracer.startSpan('root');
  const child = tracer.startSpan('child', { childOf: root });
  child.setTag(tag, 1);
  assert.deepEqual([root.flags, child.flags], [3, 3]);
  child.setTag(tag, 0);
  assert.deepEqual([root.flags, child.flags, child.isWritable()], [0, 0, false]);
  tracer.startSpan('later', { childOf: root }).finish();
  child.finish();
  root.finish();
  assert.deepEqual(reporter.spans, []);
});

test('it reaches open spans of the trace in this process, and children to come', () => {
  const { tracer, reporter } = createTestTracer({ sampler: never });
  const root = tracer.startSpan('root');
  const child = tracer.startSpan('child', { childOf: root });
  const early = tracer.startSpan('early', { childOf: root });
  early.finish();
  child.setTag(tag, 1);
  tracer.startSpan('later', { childOf: root.context() }).finish();
  child.finish();
  root.setTag('a', 1).finish();
  assert.deepEqual(
    reporter.spans.map(({ operationName, tags, context }) => [operationName, tags, context.flags]),
    [
      ['later', {}, 3],
      ['child', { [tag]: 1 }, 3],
      ['root', { a: 1 }, 3],
    ],
  );
});

test('a trace that was refused for good begins, for the backend, when it is forced', (t) => {
  const { tracer, reporter } = createTestTracer({ sampler: never });
  let nowMs = 1000;
  t.mock.method(tracer.clock, 'monotonicMs', () => nowMs);
  tracer.clock.wallOffsetMs = 0;
  const root = tracer.startSpan('root');
  const known = tracer.startSpan('known start', { childOf: root, startTime: 1100 });
  const child = tracer.startSpan('child', { childOf: root });
  nowMs = 1200;
  child.setTag(tag, 1);
  assert.equal(root.startTimeMs, 1200);
  nowMs = 1300;
  for (const span of [child, known, root]) span.finish();
  assert.deepEqual(
    reporter.spans.map(({ operationName, startTimeMs, durationMs }) => [
      ...[operationName, startTimeMs, durationMs],
    ]),
    [
      ['child', 1200, 100],
      ['known start', 1100, 200],
      ['root', 1200, 100],
    ],
  );
});

test('a trace that came unsampled from elsewhere can be forced too', () => {
  const { tracer, reporter } = createTestTracer();
  const childOf = tracer.extract('text_map', { 'uber-trace-id': '1:2:0:0' });
  const span = tracer.startSpan('server', { childOf });
  span.setTag(tag, 1);
  const carrier: Record<string, string> = {};
  tracer.inject(span, 'text_map', carrier);
  assert.match(carrier['uber-trace-id']!, /:3$/);
  span.finish();
  assert.equal(reporter.spans.length, 1);
});

test('the sampler is not asked any more, and its tags do not appear', () => {
  const sampler = new PrioritySampler([new TagEqualsSampler('user', [{ tagValue: 'test' }])]);
  for (const priority of [0, 1]) {
    const { tracer, reporter } = createTestTracer({ sampler });
    const span = tracer.startSpan('charge').setTag(tag, priority).setTag('user', 'test');
    assert.equal(span.isUndecided(), false);
    span.finish();
    const expected = priority === 0 ? [] : [{ [tag]: 1, user: 'test' }];
    assert.deepEqual(
      reporter.spans.map(({ tags }) => tags),
      expected,
    );
  }
});

test('a repeated priority asks the throttler once and is recorded once', () => {
  const throttler = new CountingThrottler(true);
  const { tracer, reporter } = createTestTracer({ sampler: never, throttler });
  tracer
    .startSpan('charge')
    .setTag(tag, 1)
    .setTag(tag, 2)
    .addTags({ [tag]: 3 })
    .finish();
  assert.deepEqual(throttler.asked, ['charge sampling.priority']);
  assert.deepEqual(reporter.spans[0]?.tags, { [tag]: 1 });
});

test('a throttled priority changes no flag, is not recorded, is counted, and ends the sampling', () => {
  const throttler = new CountingThrottler(false);
  const sampler = new PrioritySampler([new TagEqualsSampler('user', [{ tagValue: 'test' }])]);
  const { tracer, reporter, metrics } = createTestTracer({ sampler, throttler });
  const span = tracer.startSpan('charge').setTag(tag, 1);
  assert.deepEqual([span.flags, span.isUndecided(), span.isWritable()], [0, false, false]);
  span.setTag('user', 'test').finish();
  assert.deepEqual(reporter.spans, []);
  assert.equal(metrics.counts['jaeger:throttled_debug_spans'], 1);

  const kept = createTestTracer({ sampler: always, throttler });
  kept.tracer.startSpan('charge').setTag(tag, 1).finish();
  assert.deepEqual(kept.reporter.spans[0]?.tags, {
    'sampler.type': 'const',
    'sampler.param': true,
  });
});

test('without the debug flag the throttler is not asked', () => {
  const throttler = new CountingThrottler(false);
  const { tracer } = createTestTracer({
    sampler: never,
    throttler,
    noDebugFlagOnForcedSampling: true,
  });
  assert.equal(tracer.startSpan('charge').setTag(tag, 1).flags, 1);
  assert.deepEqual(throttler.asked, []);
});

test('a finished span forces nothing', () => {
  const { tracer } = createTestTracer({ sampler: never });
  const root = tracer.startSpan('root');
  const child = tracer.startSpan('child', { childOf: root });
  child.finish();
  child.setTag(tag, 1);
  assert.equal(root.isSampled(), false);
});

test('tags with getters that throw break nothing, whatever the priority', () => {
  const { tracer } = createTestTracer({ sampler: never });
  const throwing = {
    get [tag]() {
      throw new Error('no such tag');
    },
  };
  assert.equal(tracer.startSpan('charge', { tags: throwing }).addTags(throwing).flags, 0);
  const late = createTestTracer({
    sampler: new PrioritySampler([new TagEqualsSampler('user', [{ tagValue: 1 }])]),
  });
  const tags = { before: 1, ...Object.defineProperty({}, 'x', { value: 1 }) };
  const failing = Object.defineProperty(tags, 'failing', {
    enumerable: true,
    get() {
      throw new Error('no such tag');
    },
  });
  assert.deepEqual(late.tracer.startSpan('charge', { tags: failing }).tags, ['before', 1]);
});

test('jaeger-debug-id without a trace starts one that is kept, under that id', () => {
  const { tracer, reporter, metrics } = createTestTracer({ sampler: never });
  for (const [format, value] of [
    ['text_map', 'value1'],
    ['http_headers', 'value%201'],
  ] as const) {
    const context = tracer.extract(format, { 'Jaeger-Debug-Id': value })!;
    assert.deepEqual([context.isValid, context.isRemote()], [false, true]);
    const span = tracer.startSpan('server', { childOf: context, tags: { a: 1 } });
    assert.deepEqual([span.flags, span.parentId0, span.parentId1], [3, 0, 0]);
    span.finish();
  }
  assert.deepEqual(
    reporter.spans.map(({ tags }) => Object.entries(tags)),
    [
      [
        ['a', 1],
        ['jaeger-debug-id', 'value1'],
      ],
      [
        ['a', 1],
        ['jaeger-debug-id', 'value 1'],
      ],
    ],
  );
  assert.equal(metrics.counts['jaeger:traces state=started sampled=y'], 2);
});

test('a debug id comes with the headers of a request, through follows_from, and beside baggage', () => {
  const { tracer } = createTestTracer({ sampler: never });
  const headers = { 'jaeger-debug-id': 'x', 'uberctx-user': 'u' };
  const context = tracer.extractRequest(headers, Object.entries(headers).flat())!;
  const reference = { type: () => 'follows_from', referencedContext: () => context };
  const span = tracer.startSpan('server', { references: [reference as never] });
  assert.deepEqual([span.flags, span.getBaggageItem('user')], [3, 'u']);
});

test('a debug id beside a trace id has no effect; beside a malformed one it has', () => {
  const { tracer } = createTestTracer({ sampler: never });
  const flagsOf = (headers: Record<string, string>): number =>
    tracer.startSpan('a', { childOf: tracer.extract('http_headers', headers) }).flags;
  const id = { 'jaeger-debug-id': 'x' };
  assert.equal(flagsOf({ ...id, 'uber-trace-id': '1:2:0:0' }), 0);
  assert.equal(flagsOf({ ...id, traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00` }), 0);
  assert.equal(flagsOf({ ...id, 'uber-trace-id': 'malformed' }), 3);
  assert.equal(flagsOf({ 'jaeger-debug-id': '' }), 0);
});

test('a debug id with a malformed escape stays as it is, a list of them is none', () => {
  const { tracer } = createTestTracer();
  const debugId = (value: unknown): string | undefined =>
    tracer.extract('http_headers', { 'jaeger-debug-id': value })?.debugId;
  assert.equal(debugId('%EA'), '%EA');
  assert.equal(debugId(['a', 'b']), undefined);
});

test('the sampler is asked all the same, and its tags say so', () => {
  const { tracer, reporter } = createTestTracer({ sampler: always });
  const childOf = tracer.extract('text_map', { 'jaeger-debug-id': 'x' });
  tracer.startSpan('server', { childOf }).finish();
  assert.deepEqual(reporter.spans[0]?.tags, {
    'sampler.type': 'const',
    'sampler.param': true,
    'jaeger-debug-id': 'x',
  });
});

test('a throttled debug id is sampled as any other trace, without the tag', () => {
  const throttler = new CountingThrottler(false);
  const { tracer, reporter, metrics } = createTestTracer({ sampler: always, throttler });
  const childOf = tracer.extract('text_map', { 'jaeger-debug-id': 'x' });
  const span = tracer.startSpan('server', { childOf });
  span.finish();
  assert.equal(span.flags, 1);
  assert.equal('jaeger-debug-id' in reporter.spans[0]!.tags, false);
  assert.equal(metrics.counts['jaeger:throttled_debug_spans'], 1);
  assert.deepEqual(throttler.asked, ['server jaeger-debug-id']);
});

test('strangers have ten traces a second kept by debug ids, the application as many as it wants', () => {
  let nowMs = 0;
  const throttler = new DefaultThrottler(false, () => nowMs);
  const { tracer, metrics } = createTestTracer({ sampler: never, throttler });
  const kept = (count: number): number => {
    let sampled = 0;
    for (let i = 0; i < count; i++) {
      const childOf = tracer.extract('text_map', { 'jaeger-debug-id': `${i}` });
      if (tracer.startSpan('server', { childOf }).isSampled()) sampled++;
    }
    return sampled;
  };
  assert.equal(kept(1000), 10);
  nowMs = 500;
  assert.equal(kept(1000), 5);
  assert.equal(metrics.counts['jaeger:throttled_debug_spans'], 1985);
  for (let i = 0; i < 100; i++) {
    assert.equal(tracer.startSpan('charge').setTag(tag, 1).flags, 3);
  }
});

test('a default throttler can refuse all', () => {
  const { tracer } = createTestTracer({ sampler: never, throttler: new DefaultThrottler(true) });
  assert.equal(tracer.startSpan('charge').setTag(tag, 1).flags, 0);
});

test('a throttler that throws allows nothing, is logged once and breaks nothing', () => {
  const throttler = {
    isAllowed() {
      throw new Error('no credits');
    },
  };
  const { tracer, log } = createTestTracer({ sampler: never, throttler });
  for (let i = 0; i < 3; i++) assert.equal(tracer.startSpan('charge').setTag(tag, 1).flags, 0);
  assert.deepEqual(log.errors, ['spoor: the throttler threw: no credits. Not allowed.']);
});
