import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConstSampler, ProbabilisticSampler, RateLimitingSampler, SpoorError } from '@spoor/core';
import { createTestTracer, Random } from './helpers.js';

/** `2^63 * rate`, rounded down, from the bits of the double: no rounding of ours comes in. */
function goBoundary(rate: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, rate);
  const exponent = Number((bits.getBigUint64(0) >> 52n) & 0x7ffn);
  const fraction = bits.getBigUint64(0) & (2n ** 52n - 1n);
  const mantissa = exponent === 0 ? fraction : fraction | (2n ** 52n);
  const shift = BigInt(Math.max(exponent, 1) - 1075 + 63);
  return shift >= 0n ? mantissa << shift : mantissa >> -shift;
}

/** The rule of jaeger-client-go, with our exception: a rate of zero keeps nothing. */
function goDecision(id: bigint, rate: number): boolean {
  return rate > 0 && (id & (2n ** 63n - 1n)) <= goBoundary(rate);
}

function isSampled(sampler: ProbabilisticSampler, id: bigint): boolean {
  const unsigned = BigInt.asUintN(64, id);
  return sampler.isSampled(Number(unsigned >> 32n) | 0, Number(unsigned & 0xffffffffn) | 0);
}

test('the const sampler keeps all or none, and says so on the first span alone', () => {
  const { tracer, reporter } = createTestTracer({ sampler: new ConstSampler(true) });
  const root = tracer.startSpan('root', { tags: { mine: 1 } });
  tracer.startSpan('child', { childOf: root }).finish();
  root.finish();
  assert.deepEqual(
    reporter.spans.map(({ operationName, tags }) => [operationName, tags]),
    [
      ['child', {}],
      ['root', { 'sampler.type': 'const', 'sampler.param': true, mine: 1 }],
    ],
  );

  const none = createTestTracer({ sampler: new ConstSampler(false) });
  none.tracer.startSpan('root').finish();
  assert.deepEqual(none.reporter.spans, []);
});

test('a tag of the user wins over that of the sampler', () => {
  const { tracer, reporter } = createTestTracer({ sampler: new ConstSampler(true) });
  tracer.startSpan('root', { tags: { 'sampler.param': 'mine' } }).finish();
  assert.deepEqual(reporter.spans[0]?.tags, { 'sampler.type': 'const', 'sampler.param': 'mine' });
});

test('the probabilistic sampler decides exactly as jaeger-client-go', () => {
  const random = new Random(1);
  for (let i = 0; i < 2000; i++) {
    const rate = random.pick([random.fraction(), random.fraction() ** 8, 2 ** -random.int(0, 70)]);
    const sampler = new ProbabilisticSampler(rate);
    const boundary = goBoundary(rate);
    const anywhere = (BigInt(random.word()) << 32n) | BigInt(random.word());
    for (const id of [anywhere, boundary - 1n, boundary, boundary + 1n]) {
      if (id < 0n || id >= 2n ** 63n) continue;
      // The highest bit does not count.
      for (const signed of [id, id | (1n << 63n)]) {
        assert.equal(
          isSampled(sampler, signed),
          goDecision(signed, rate),
          `rate ${rate}, id ${signed.toString(16)}`,
        );
      }
    }
  }
});

test('a rate of 0 keeps no trace and a rate of 1 keeps every trace', () => {
  for (const id of [0n, 1n, 2n ** 32n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    assert.equal(isSampled(new ProbabilisticSampler(0), id), false);
    assert.equal(isSampled(new ProbabilisticSampler(-0), id), false);
    assert.equal(isSampled(new ProbabilisticSampler(1), id), true);
  }
});

test('the probabilistic sampler keeps about its share of new traces', () => {
  const count = 50_000;
  for (const rate of [0.001, 0.1, 0.5, 0.9]) {
    const { tracer, metrics } = createTestTracer({ sampler: new ProbabilisticSampler(rate) });
    for (let i = 0; i < count; i++) tracer.startSpan('x');
    const kept = metrics.counts['jaeger:traces state=started sampled=y'] ?? 0;
    const tolerance = 6 * Math.sqrt(count * rate * (1 - rate));
    assert.ok(Math.abs(kept - count * rate) < tolerance, `${kept} of ${count} at ${rate}`);
  }
});

test('the sampler is asked once per trace, with the lower half of its id and the first name', () => {
  const asked: [number, number, string][] = [];
  const { tracer } = createTestTracer({
    traceId128bit: true,
    sampler: { tags: [], isSampled: (...args) => asked.push(args) > 0 },
  });
  const root = tracer.startSpan('first name');
  root.setOperationName('second name');
  tracer.startSpan('child', { childOf: root });
  tracer.startSpan('remote', {
    childOf: tracer.extract('text_map', { 'uber-trace-id': '1:2:0:0' }),
  });
  assert.deepEqual(asked, [[root.traceId2, root.traceId3, 'first name']]);
});

test('a child has the decision of its parent, whatever the sampler would say', () => {
  const { tracer } = createTestTracer({ sampler: new ConstSampler(false) });
  const kept = tracer.extract('text_map', { 'uber-trace-id': '1:2:0:1' });
  assert.equal(tracer.startSpan('child', { childOf: kept }).isSampled(), true);
  const other = createTestTracer({ sampler: new ConstSampler(true) }).tracer;
  const dropped = other.extract('text_map', { 'uber-trace-id': '1:2:0:0' });
  assert.equal(other.startSpan('child', { childOf: dropped }).isSampled(), false);
});

test('the rate limiting sampler starts full and fills with time, up to one second of it', () => {
  let nowMs = 5000;
  const sampler = new RateLimitingSampler(2, () => nowMs);
  const decideAt = (ms: number, times: number): boolean[] => {
    nowMs = 5000 + ms;
    return Array.from({ length: times }, () => sampler.isSampled());
  };
  assert.deepEqual(decideAt(0, 3), [true, true, false]);
  assert.deepEqual(decideAt(250, 1), [false]);
  assert.deepEqual(decideAt(499, 1), [false]);
  assert.deepEqual(decideAt(501, 2), [true, false]);
  assert.deepEqual(decideAt(60_000, 3), [true, true, false]);
});

test('a rate limit holds when somebody sets the clock', (t) => {
  const sampler = new RateLimitingSampler(0.001);
  assert.equal(sampler.isSampled(), true);
  const now = Date.now();
  for (const daysMs of [86_400_000, -86_400_000]) {
    t.mock.method(Date, 'now', () => now + daysMs);
    assert.equal(sampler.isSampled(), false);
  }
});

test('a rate below one trace a second keeps one in several seconds', () => {
  let nowMs = 0;
  const sampler = new RateLimitingSampler(0.125, () => nowMs);
  const kept: number[] = [];
  for (; nowMs <= 20_000; nowMs += 500) if (sampler.isSampled()) kept.push(nowMs);
  assert.deepEqual(kept, [0, 8000, 16_000]);
});

test('a rate limit of zero keeps nothing', () => {
  let nowMs = 0;
  const sampler = new RateLimitingSampler(0, () => nowMs);
  for (; nowMs < 100_000; nowMs += 1000) assert.equal(sampler.isSampled(), false);
});

test('samplers name themselves in tags and in text', () => {
  const samplers = [
    new ConstSampler(true),
    new ConstSampler(false),
    new ProbabilisticSampler(0.25),
    new RateLimitingSampler(1.5),
  ];
  assert.deepEqual(
    samplers.map((sampler) => [String(sampler), ...sampler.tags]),
    [
      ['ConstSampler(always)', 'sampler.type', 'const', 'sampler.param', true],
      ['ConstSampler(never)', 'sampler.type', 'const', 'sampler.param', false],
      [
        'ProbabilisticSampler(samplingRate=0.25)',
        ...['sampler.type', 'probabilistic', 'sampler.param', 0.25],
      ],
      [
        'RateLimitingSampler(maxTracesPerSecond=1.5)',
        ...['sampler.type', 'ratelimiting', 'sampler.param', 1.5],
      ],
    ],
  );
});

test('a rate that cannot be meant is refused with what to write instead', () => {
  for (const rate of [-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY, '0.5', undefined]) {
    assert.throws(() => new ProbabilisticSampler(rate as number), {
      name: 'SpoorError',
      code: 'SPOOR_CONFIG',
      message: `sampler.param: expected a number from 0 to 1, got ${rate}. Write 0.1 to keep one trace in ten.`,
    });
  }
  for (const rate of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5', undefined]) {
    assert.throws(() => new RateLimitingSampler(rate as number), {
      name: 'SpoorError',
      code: 'SPOOR_CONFIG',
      message: `sampler.param: expected traces per second as a number of 0 or more, got ${rate}. Write 100 to keep up to 100 new traces a second.`,
    });
  }
  assert.throws(
    () => new ProbabilisticSampler(2),
    (error) => error instanceof SpoorError,
  );
});

test('a sampler that throws keeps nothing, is logged once and breaks nothing', () => {
  const sampler = {
    tags: [],
    isSampled() {
      throw new Error('no strategy yet');
    },
  };
  const { tracer, reporter, log } = createTestTracer({ sampler });
  for (let i = 0; i < 3; i++) tracer.startSpan('charge').setTag('a', 1).finish();
  assert.deepEqual(reporter.spans, []);
  assert.deepEqual(log.errors, ['spoor: the sampler threw: no strategy yet. Not sampled.']);
});

test('a sampler without tags adds none', () => {
  const { tracer, reporter } = createTestTracer({ sampler: { isSampled: () => true } as never });
  tracer.startSpan('charge').finish();
  assert.deepEqual(reporter.spans[0]?.tags, {});
});

test('closing the tracer closes the sampler', async () => {
  let closed = 0;
  const sampler = { tags: [], isSampled: () => true, close: () => closed++ };
  const { tracer } = createTestTracer({ sampler });
  await Promise.all([tracer.close(), tracer.close()]);
  assert.equal(closed, 1);
});
