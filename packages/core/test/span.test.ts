import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span } from '@spoor/core';
import { createRemoteTracer, createTestTracer, FakeTransport } from './helpers.js';

const failing = {
  before: 1,
  get failing() {
    throw new Error('no such field');
  },
};

/** The tags of the one span that `use` makes, as they are sent. */
async function sentTags(use: (span: Span) => void): Promise<[string, unknown][]> {
  const transport = new FakeTransport();
  const { tracer } = createRemoteTracer(transport);
  const span = tracer.startSpan('charge');
  use(span);
  span.finish();
  await tracer.close();
  return transport.spans()[0]!.tagList.map(({ key, value }) => [key, value]);
}

test('tags are sent in the order in which they were set', async () => {
  const tags = await sentTags((span) => {
    span.setTag('b', 1).addTags({ z: 2, a: 3 }).setTag('c', 4);
  });
  assert.deepEqual(tags, Object.entries({ b: 1, z: 2, a: 3, c: 4 }));
});

test('the tags given to startSpan come first', () => {
  const { tracer, reporter } = createTestTracer();
  tracer
    .startSpan('charge', { tags: { amount: 12, currency: 'EUR' } })
    .setTag('later', true)
    .finish();
  assert.deepEqual(Object.entries(reporter.spans[0]!.tags), [
    ['amount', 12],
    ['currency', 'EUR'],
    ['later', true],
  ]);
});

test('a tag that is set twice is sent twice, and the later value is the one that readers show', async () => {
  const tags = await sentTags((span) => {
    span.setTag('status', 200).setTag('other', 1).setTag('status', 500);
  });
  assert.deepEqual(tags, [
    ['status', 200],
    ['other', 1],
    ['status', 500],
  ]);

  const { tracer, reporter } = createTestTracer();
  tracer.startSpan('charge').setTag('status', 200).setTag('status', 500).finish();
  assert.deepEqual(reporter.spans[0]?.tags, { status: 500 });
});

test('a tag called __proto__ is a tag', async () => {
  const tags = await sentTags((span) => {
    span.setTag('__proto__', 'a').addTags(JSON.parse('{"__proto__":"b"}'));
  });
  assert.deepEqual(tags, [
    ['__proto__', 'a'],
    ['__proto__', 'b'],
  ]);
});

test('of an object only the own enumerable properties are tags', async () => {
  const tags = Object.create({ inherited: 1 }, { hidden: { value: 2, enumerable: false } });
  tags.own = 3;
  assert.deepEqual(await sentTags((span) => span.addTags(tags)), [['own', 3]]);
});

test('an object is shown as it was when it was set', () => {
  const { tracer, reporter } = createTestTracer();
  const order = { state: 'new' };
  const span = tracer.startSpan('charge', { tags: { start: order } }).setTag('tag', order);
  span.log({ event: 'x', order }, 1000);
  order.state = 'paid';
  span.addTags({ later: order }).finish();
  assert.deepEqual(reporter.spans[0]?.tags, {
    start: '{"state":"new"}',
    tag: '{"state":"new"}',
    later: '{"state":"paid"}',
  });
  assert.deepEqual(reporter.spans[0]?.logs, [
    { timestampMs: 1000, fields: { event: 'x', order: '{"state":"new"}' } },
  ]);
});

test('setters return the span and finish returns nothing', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  assert.equal(span.setTag('a', 1), span);
  assert.equal(span.addTags({ b: 2 }), span);
  assert.equal(span.log({ event: 'x' }), span);
  assert.equal(span.setOperationName('refund'), span);
  assert.equal(span.setBaggageItem('k', 'v'), span);
  assert.equal(span.finish(), undefined);
});

test('a second operation name replaces the first', () => {
  const { tracer, reporter } = createTestTracer();
  tracer.startSpan('GET').setOperationName('GET /users/:id').finish();
  assert.equal(reporter.spans[0]?.operationName, 'GET /users/:id');
});

test('logs keep their order, their fields and their times', () => {
  const { tracer, reporter } = createTestTracer();
  const span = tracer.startSpan('charge');
  span.log({ event: 'second', attempt: 1 }, 2000.25);
  span.log({ event: 'first' }, 1000);
  span.log({}, 3000);
  span.finish();
  assert.deepEqual(reporter.spans[0]?.logs, [
    { timestampMs: 2000.25, fields: { event: 'second', attempt: 1 } },
    { timestampMs: 1000, fields: { event: 'first' } },
    { timestampMs: 3000, fields: {} },
  ]);
});

test('a second finish reports nothing and is logged', () => {
  const { tracer, reporter, log, metrics } = createTestTracer();
  const span = tracer.startSpan('charge');
  span.finish();
  span.finish();
  span.finish();
  assert.equal(reporter.spans.length, 1);
  assert.equal(metrics.counts['jaeger:finished_spans'], 1);
  assert.deepEqual(log.errors, [
    `spoor: span "charge" (${span}) was finished twice; the second time changed nothing. Call finish() once.`,
  ]);
});

test('a second finish of a span that is not sampled is logged too', () => {
  const { tracer, log } = createTestTracer({ sampler: { tags: [], isSampled: () => false } });
  const span = tracer.startSpan('charge');
  span.finish();
  span.finish();
  assert.equal(log.errors.length, 1);
});

test('what is written after finish is ignored, and logged once', () => {
  const { tracer, reporter, log } = createTestTracer();
  const span = tracer.startSpan('charge', { tags: { amount: 12 } });
  span.finish();
  span.setTag('late', 1).addTags({ late: 2 }).log({ event: 'late' }).setOperationName('late');
  assert.deepEqual(
    { tags: span.tags, logs: span.logs, name: span.operationName },
    { tags: [], logs: undefined, name: 'charge' },
  );
  assert.deepEqual(reporter.spans[0]?.tags, { amount: 12 });
  assert.deepEqual(log.errors, [
    `spoor: span "charge" (${span}) had finished when something was set on it, which is lost. Call finish() last.`,
  ]);
});

for (const [setter, set] of Object.entries<(span: Span) => void>({
  setTag: (span) => span.setTag('late', 1),
  addTags: (span) => span.addTags({ late: 1 }),
  log: (span) => span.log({ event: 'late' }),
  logEvent: (span) => span.logEvent('late', {}),
  setOperationName: (span) => span.setOperationName('late'),
})) {
  test(`${setter} after finish is logged, on a span that is not sampled too`, () => {
    for (const isSampled of [true, false]) {
      const { tracer, log } = createTestTracer({
        sampler: { tags: [], isSampled: () => isSampled },
      });
      const span = tracer.startSpan('charge');
      set(span);
      assert.deepEqual(log.errors, []);
      span.finish();
      set(span);
      assert.equal(log.errors.length, 1);
    }
  });
}

test('a finished span holds no tags, logs and references any more', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge', { tags: { amount: 12 }, references: [] });
  span.log({ event: 'x' });
  span.finish();
  assert.deepEqual(
    { tags: span.tags, logs: span.logs, references: span.references },
    { tags: [], logs: undefined, references: undefined },
  );
});

test('a span that is not sampled keeps no tags and logs and is not reported', () => {
  const { tracer, reporter, metrics } = createTestTracer({
    sampler: { tags: ['sampler.type', 'never'], isSampled: () => false },
  });
  const span = tracer.startSpan('charge', { tags: { amount: 12 } });
  span.setTag('a', 1).addTags({ b: 2 }).log({ event: 'x' });
  assert.deepEqual([span.tags, span.logs, span.isSampled()], [[], undefined, false]);
  span.finish();
  assert.deepEqual(reporter.spans, []);
  assert.deepEqual(metrics.counts, {
    'jaeger:started_spans sampled=n': 1,
    'jaeger:traces state=started sampled=n': 1,
  });
});

test('tags of one span never appear on another', () => {
  const { tracer, reporter } = createTestTracer();
  const empty = tracer.startSpan('empty');
  tracer.startSpan('tagged').setTag('a', 1).finish();
  empty.finish();
  assert.deepEqual(
    reporter.spans.map(({ operationName, tags }) => [operationName, tags]),
    [
      ['tagged', { a: 1 }],
      ['empty', {}],
    ],
  );
});

test('tags and fields whose getters throw reach nobody but the fields before them', () => {
  const { tracer, reporter } = createTestTracer();
  const span = tracer.startSpan('charge', { tags: failing });
  span.addTags(failing).log(failing, 1000);
  span.finish();
  assert.deepEqual(reporter.spans[0]?.tags, { before: 1 });
  assert.deepEqual(reporter.spans[0]?.logs, [{ timestampMs: 1000, fields: { before: 1 } }]);
});

test('arguments of any wrong type break nothing', () => {
  const { tracer, reporter } = createTestTracer();
  const strange = [undefined, null, 0, '', 'text', Symbol('s'), [], () => {}, Object.create(null)];
  for (const value of strange as never[]) {
    const span = tracer.startSpan(value, value);
    span.setTag(value, value).addTags(value).log(value, value).setOperationName(value);
    span.setBaggageItem(value, value).getBaggageItem(value);
    tracer.startSpan('child', { childOf: value, references: value, startTime: value, tags: value });
    tracer.startSpan('child', { references: [value] as never });
    span.finish(value);
    span.finish();
  }
  assert.equal(reporter.spans.length, strange.length);
});
