import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestTracer } from './helpers.js';

test('keys are lower case with dashes, for writing and for reading', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge').setBaggageItem('SOME_Key', 'v');
  assert.deepEqual({ ...span.context().baggage }, { 'some-key': 'v' });
  assert.equal(span.getBaggageItem('some-key'), 'v');
  assert.equal(span.getBaggageItem('SOME_Key'), 'v');
  assert.equal(span.getBaggageItem('other'), undefined);
});

test('children see what was set before they started, and nothing that was set later or on them', () => {
  const { tracer } = createTestTracer();
  const parent = tracer.startSpan('parent').setBaggageItem('a', '1');
  const child = tracer.startSpan('child', { childOf: parent });
  parent.setBaggageItem('a', '2').setBaggageItem('b', '2');
  child.setBaggageItem('c', '3');
  const later = tracer.startSpan('later', { childOf: parent });

  assert.deepEqual({ ...parent.baggage }, { a: '2', b: '2' });
  assert.deepEqual({ ...child.baggage }, { a: '1', c: '3' });
  assert.deepEqual({ ...later.baggage }, { a: '2', b: '2' });
});

test('a context does not change when its span gets more baggage', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge').setBaggageItem('a', '1');
  const before = span.context();
  span.setBaggageItem('a', '2');
  assert.equal(before.baggage?.a, '1');
  assert.equal(span.context().baggage?.a, '2');
  assert.equal(span.context(), span.context());
});

test('null and undefined remove an item, an empty text stays one', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  span.setBaggageItem('a', '1').setBaggageItem('b', '2').setBaggageItem('c', '3');
  span
    .setBaggageItem('A', null)
    .setBaggageItem('b', undefined as never)
    .setBaggageItem('d', null)
    .setBaggageItem('e', '');
  assert.deepEqual({ ...span.baggage }, { c: '3', e: '' });
});

test('values that are no text become one', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  span.setBaggageItem('number', 7 as never).setBaggageItem('object', { a: 1 } as never);
  assert.deepEqual({ ...span.baggage }, { number: '7', object: '{"a":1}' });
});

test('values are cut at 2048 characters', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  span.setBaggageItem('exact', 'x'.repeat(2048)).setBaggageItem('long', 'x'.repeat(2049));
  assert.deepEqual({ ...span.baggage }, { exact: 'x'.repeat(2048), long: 'x'.repeat(2048) });
});

test('a character is not cut in half', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge').setBaggageItem('a', `${'x'.repeat(2047)}😀`);
  assert.equal(span.getBaggageItem('a'), 'x'.repeat(2047));
});

test('keys of more than 248 characters are refused', () => {
  const { tracer } = createTestTracer();
  const exact = 'k'.repeat(248);
  const span = tracer.startSpan('charge');
  span.setBaggageItem(`${exact}k`, 'v').setBaggageItem(exact, 'v');
  assert.deepEqual({ ...span.baggage }, { [exact]: 'v' });
});

test('beyond 64 items nothing new is kept, and what is there can still change', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  for (let i = 0; i < 70; i++) span.setBaggageItem(`k${i}`, 'v');
  span.setBaggageItem('k0', 'changed');
  const kept = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`k${i}`, 'v']));
  assert.deepEqual({ ...span.baggage }, { ...kept, k0: 'changed' });

  span.setBaggageItem('k1', null).setBaggageItem('k69', 'v');
  assert.equal(span.getBaggageItem('k69'), 'v');
});

test('names of Object.prototype are keys like any other', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  for (const key of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    assert.equal(span.getBaggageItem(key), undefined);
  }
  span.setBaggageItem('constructor', '1').setBaggageItem('__proto__', '2');
  assert.equal(span.getBaggageItem('constructor'), '1');
  assert.equal(span.getBaggageItem('__proto__'), '2');
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  assert.deepEqual(Object.entries(span.baggage!), [
    ['constructor', '1'],
    // `_` becomes `-`.
    ['--proto--', '2'],
  ]);
});

test('each change is logged on a span that is sampled', () => {
  const { tracer, reporter } = createTestTracer();
  const span = tracer.startSpan('charge');
  span
    .setBaggageItem('My_Key', 'a')
    .setBaggageItem('my-key', 'b')
    .setBaggageItem('my-key', null)
    .setBaggageItem('long', 'x'.repeat(2049));
  for (let i = 0; i < 64; i++) span.setBaggageItem(`k${i}`, 'v');
  span.finish();

  const fields = reporter.spans[0]!.logs.map((log) => log.fields);
  assert.deepEqual(fields.slice(0, 4), [
    { event: 'baggage', key: 'my-key', value: 'a' },
    { event: 'baggage', key: 'my-key', value: 'b', override: 'true' },
    { event: 'baggage', key: 'my-key', value: '', override: 'true' },
    { event: 'baggage', key: 'long', value: 'x'.repeat(2048), truncated: 'true' },
  ]);
  assert.deepEqual(fields.slice(-2), [
    { event: 'baggage', key: 'k62', value: 'v' },
    { event: 'baggage', key: 'k63', value: 'v', invalid: 'true' },
  ]);
});

test('a span that is not sampled carries baggage and logs nothing', () => {
  const { tracer } = createTestTracer({ sampler: { tags: [], isSampled: () => false } });
  const span = tracer.startSpan('charge').setBaggageItem('a', '1');
  assert.equal(span.logs, undefined);
  const carrier: Record<string, string> = {};
  tracer.inject(tracer.startSpan('child', { childOf: span }), 'text_map', carrier);
  assert.equal(carrier['uberctx-a'], '1');
});

test('baggage set on a finished span still travels', () => {
  const { tracer, reporter } = createTestTracer();
  const span = tracer.startSpan('charge');
  span.finish();
  span.setBaggageItem('a', '1');
  assert.equal(tracer.startSpan('child', { childOf: span }).getBaggageItem('a'), '1');
  assert.deepEqual(reporter.spans[0]?.logs, []);
});
