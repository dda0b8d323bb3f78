import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GuaranteedThroughputSampler,
  InMemoryReporter,
  PerOperationSampler,
  type PerOperationSamplerOptions,
  RateLimitingSampler,
  Tracer,
} from '@spoor/core';
import { createTestTracer } from './helpers.js';

const always = { 'sampler.type': 'probabilistic', 'sampler.param': 1 };

test('guaranteed throughput: beyond the share so many a second are kept, and say so', () => {
  let nowMs = 0;
  const sampler = new GuaranteedThroughputSampler(2, 0.5, () => nowMs);
  const inShare: [number, number] = [0, 1];
  const beyond: [number, number] = [0x7fffffff, 1];
  const decide = (id: [number, number]): unknown => sampler.isSampled(...id) && sampler.tags[1];
  assert.deepEqual([beyond, beyond, beyond, inShare].map(decide), [
    'lowerbound',
    'lowerbound',
    false,
    'probabilistic',
  ]);
  nowMs = 1000;
  // What the share keeps counts for the bound too.
  assert.deepEqual([inShare, inShare, beyond].map(decide), [
    'probabilistic',
    'probabilistic',
    false,
  ]);
  nowMs = 1500;
  assert.equal(decide(beyond), 'lowerbound');
  assert.deepEqual(sampler.tags, ['sampler.type', 'lowerbound', 'sampler.param', 0.5]);
  assert.equal(String(sampler), 'GuaranteedThroughputSampler(samplingRate=0.5, lowerBound=2)');
});

test('guaranteed throughput: an update changes what is different, and says whether anything was', () => {
  let nowMs = 0;
  const sampler = new GuaranteedThroughputSampler(1, 0, () => nowMs);
  assert.equal(sampler.update(1, 0), false);
  assert.equal(sampler.isSampled(1, 1), true);
  assert.equal(sampler.update(1, 0.25), true);
  assert.equal(sampler.isSampled(0x7fffffff, 1), false);
  assert.equal(sampler.update(4, 0.25), true);
  nowMs = 250;
  assert.equal(sampler.isSampled(0x7fffffff, 1), true);
  assert.deepEqual(sampler.tags, ['sampler.type', 'lowerbound', 'sampler.param', 0.25]);
  assert.deepEqual([sampler.lowerBound, sampler.samplingRate], [4, 0.25]);
});

test('guaranteed throughput refuses what cannot be', () => {
  assert.throws(() => new GuaranteedThroughputSampler(-1, 0.5), { code: 'SPOOR_CONFIG' });
  assert.throws(() => new GuaranteedThroughputSampler(1, 2), { code: 'SPOOR_CONFIG' });
});

test('rate limiting: an update leaves the bucket as full as it was', () => {
  let nowMs = 0;
  const sampler = new RateLimitingSampler(4, () => nowMs);
  for (let i = 0; i < 2; i++) sampler.isSampled();
  assert.equal(sampler.update(4), false);
  assert.equal(sampler.update(10), true);
  const kept = (): number => {
    let count = 0;
    while (sampler.isSampled()) count++;
    return count;
  };
  assert.equal(kept(), 5);
  nowMs = 100;
  assert.equal(kept(), 1);
  assert.deepEqual(sampler.tags, ['sampler.type', 'ratelimiting', 'sampler.param', 10]);
  sampler.update(0);
  nowMs = 10_000;
  assert.equal(kept(), 0);
  sampler.update(2);
  assert.equal(kept(), 2);
});

function create(
  rates: Record<string, number>,
  options: PerOperationSamplerOptions & { defaultRate?: number; lowerBound?: number } = {},
) {
  const sampler = new PerOperationSampler(strategies(rates, options), options);
  return { sampler, ...createTestTracer({ sampler }) };
}

function strategies(
  rates: Record<string, number>,
  { defaultRate = 0, lowerBound = 0 }: { defaultRate?: number; lowerBound?: number } = {},
) {
  return {
    defaultSamplingProbability: defaultRate,
    defaultLowerBoundTracesPerSecond: lowerBound,
    perOperationStrategies: Object.entries(rates).map(([operation, samplingRate]) => ({
      operation,
      samplingRate,
    })),
  };
}

test('each operation has its rate, and those that are not listed the default rate', () => {
  const { tracer } = create({ checkout: 1, health: 0 }, { defaultRate: 1 });
  assert.equal(tracer.startSpan('checkout').isSampled(), true);
  assert.equal(tracer.startSpan('health').isSampled(), false);
  assert.equal(tracer.startSpan('other').isSampled(), true);
  assert.equal(tracer.startSpan('constructor').isSampled(), true);
});

test('of each operation so many a second are kept at least', () => {
  let nowMs = 0;
  const { tracer, reporter } = create({ rare: 0 }, { lowerBound: 1, nowMs: () => nowMs });
  for (nowMs = 0; nowMs < 3000; nowMs += 500) {
    tracer.startSpan('rare').finish();
    tracer.startSpan('unlisted').finish();
  }
  const count = (name: string): number =>
    reporter.spans.filter(({ operationName }) => operationName === name).length;
  assert.deepEqual([count('rare'), count('unlisted')], [3, 3]);
  assert.deepEqual(reporter.spans[0]?.tags, { 'sampler.type': 'lowerbound', 'sampler.param': 0 });
});

test('children are never sampled by it', () => {
  const { tracer } = create({ child: 1 });
  const root = tracer.startSpan('root');
  const child = tracer.startSpan('child', { childOf: root });
  assert.deepEqual([child.isSampled(), root.isUndecided()], [false, true]);
  child.setOperationName('child');
  assert.deepEqual([child.isSampled(), root.isUndecided()], [false, false]);
});

test('a root that was refused is decided again, for good, when it gets its name', () => {
  const { tracer, reporter } = create({ 'GET /orders/:id': 1 });
  const root = tracer.startSpan('GET', { tags: { early: 1 } });
  assert.deepEqual([root.isSampled(), root.isUndecided()], [false, true]);
  const child = tracer.startSpan('SELECT', { childOf: root });
  root.setTag('another', 2).setOperationName('GET /orders/:id');
  assert.deepEqual([root.isSampled(), root.isUndecided()], [true, false]);
  child.finish();
  root.setOperationName('renamed').finish();
  assert.deepEqual(
    reporter.spans.map(({ operationName, tags }) => [operationName, tags]),
    [
      ['SELECT', {}],
      ['renamed', { early: 1, another: 2, ...always }],
    ],
  );
});

test('a name that has no rate ends the trace', () => {
  const { tracer } = create({ checkout: 1 });
  const root = tracer.startSpan('GET').setOperationName('GET /health');
  assert.deepEqual([root.isUndecided(), root.isWritable()], [false, false]);
  assert.equal(root.setOperationName('checkout').isSampled(), false);
});

test('without late binding the first name decides for good', () => {
  const { tracer } = create({ checkout: 1 }, { operationNameLateBinding: false });
  const root = tracer.startSpan('GET', { tags: { a: 1 } });
  assert.deepEqual([root.isUndecided(), root.isWritable(), root.tags], [false, false, []]);
  assert.equal(root.setOperationName('checkout').isSampled(), false);
  assert.equal(tracer.startSpan('checkout').isUndecided(), false);
});

test('beyond the largest number of operations the default rate decides, without a lower bound', () => {
  const nowMs = (): number => 0;
  const { tracer } = create({ a: 0 }, { maxOperations: 2, lowerBound: 5, nowMs });
  assert.equal(tracer.startSpan('b').isSampled(), true);
  assert.equal(tracer.startSpan('c').isSampled(), false);
  assert.equal(tracer.startSpan('a').isSampled(), true);
});

test('an update says whether anything changed, and keeps the balance of the lower bound', () => {
  const nowMs = (): number => 0;
  const { tracer, sampler } = create({ a: 0 }, { lowerBound: 1, nowMs });
  assert.equal(tracer.startSpan('a').isSampled(), true);
  assert.equal(sampler.update(strategies({ a: 0 }, { lowerBound: 1 })), false);
  assert.equal(tracer.startSpan('a').isSampled(), false);
  assert.equal(sampler.update(strategies({ a: 1 }, { lowerBound: 1 })), true);
  assert.equal(tracer.startSpan('a').isSampled(), true);
  assert.equal(sampler.update(strategies({ a: 1 }, { lowerBound: 2 })), true);
  assert.equal(sampler.update(strategies({ a: 1, b: 1 }, { lowerBound: 2 })), true);
});

test('an operation that has left the list has the default rate, and is forgotten when nobody asks for it', () => {
  const { tracer, sampler } = create({ a: 1, b: 1 }, { maxOperations: 2 });
  tracer.startSpan('a');
  sampler.update(strategies({}, { lowerBound: 1 }));
  // b is forgotten, so that there is room for another; a is not.
  assert.equal(tracer.startSpan('c').isSampled(), true);
  assert.equal(tracer.startSpan('d').isSampled(), false);
  sampler.update(strategies({}, { defaultRate: 1, lowerBound: 1 }));
  assert.equal(tracer.startSpan('c').isSampled(), true);
});

test('listed operations have room whatever names were seen before', () => {
  const { tracer, sampler } = create({}, { maxOperations: 1 });
  tracer.startSpan('GET /random/1');
  sampler.update(strategies({ checkout: 1 }));
  assert.equal(tracer.startSpan('checkout').isSampled(), true);
});

test('strategies that cannot be are refused', () => {
  assert.throws(() => new PerOperationSampler(strategies({ a: 2 })), { code: 'SPOOR_CONFIG' });
  assert.throws(() => new PerOperationSampler(strategies({}, { defaultRate: -1 })), {
    code: 'SPOOR_CONFIG',
  });
});

test('it names itself', () => {
  const { sampler } = create({}, { maxOperations: 5 });
  assert.equal(String(sampler), 'PerOperationSampler(maxOperations=5)');
  const tracer = new Tracer('orders', { sampler, reporter: new InMemoryReporter() });
  assert.equal(tracer.startSpan('a').isUndecided(), true);
});
