import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Span, SpanContext } from '@spoor/core';
import opentracing, { childOf, followsFrom, type Reference } from 'opentracing';
import { createTestTracer, type TestTracer } from './helpers.js';

const noIds = {
  traceId0: 0,
  traceId1: 0,
  traceId2: 0,
  traceId3: 0,
  spanId0: 0,
  spanId1: 0,
  parentId0: 0,
  parentId1: 0,
  flags: 1,
};

/** What a finished span says of its parent and its references. */
function links(
  { tracer, reporter }: TestTracer,
  options: Parameters<typeof tracer.startSpan>[1],
): { traceId: string; parentId: string; references: [string, string][] } {
  tracer.startSpan('child', options).finish();
  const { context, parentId, references } = reporter.spans.at(-1)!;
  return {
    traceId: context.toTraceId(),
    parentId,
    references: references.map(({ type, spanId }) => [type, spanId]),
  };
}

function ids(span: Span): { traceId: string; spanId: string } {
  return { traceId: span.context().toTraceId(), spanId: span.context().toSpanId() };
}

test('a span without a parent starts a trace whose id is the id of the span', () => {
  const { tracer, reporter } = createTestTracer();
  tracer.startSpan('root').finish();
  const { context, parentId, references } = reporter.spans[0]!;
  assert.equal(context.toTraceId(), context.toSpanId());
  assert.deepEqual([parentId, references], ['', []]);
  assert.match(String(context), /^([0-9a-f]{16}):\1:0:1$/);
});

test('childOf takes a span and a context, and is not repeated among the references', () => {
  const all = createTestTracer();
  const parent = all.tracer.startSpan('parent');
  const expected = { traceId: ids(parent).traceId, parentId: ids(parent).spanId, references: [] };
  assert.deepEqual(links(all, { childOf: parent }), expected);
  assert.deepEqual(links(all, { childOf: parent.context() }), expected);
});

test('children have ids of their own and the flags of the parent', () => {
  const { tracer } = createTestTracer();
  const parent = tracer.extract('http_headers', { 'uber-trace-id': '1:2:0:b' })!;
  const child = tracer.startSpan('child', { childOf: parent });
  assert.equal(child.context().flags, 0xb);
  assert.equal(child.context().toTraceId(), '0000000000000001');
  assert.notEqual(child.context().toSpanId(), '0000000000000002');
});

test('the first child_of is the parent, even behind follows_from, and all are reported', () => {
  const all = createTestTracer();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => all.tracer.startSpan(name)) as [Span, Span, Span];
  const references = [followsFrom(a), childOf(b), childOf(c)];
  assert.deepEqual(links(all, { references }), {
    traceId: ids(b).traceId,
    parentId: ids(b).spanId,
    references: [
      ['follows_from', ids(a).spanId],
      ['child_of', ids(b).spanId],
      ['child_of', ids(c).spanId],
    ],
  });
});

test('without a child_of the first follows_from is the parent', () => {
  const all = createTestTracer();
  const [a, b] = ['a', 'b'].map((name) => all.tracer.startSpan(name)) as [Span, Span];
  assert.deepEqual(links(all, { references: [followsFrom(a), followsFrom(b)] }), {
    traceId: ids(a).traceId,
    parentId: ids(a).spanId,
    references: [
      ['follows_from', ids(a).spanId],
      ['follows_from', ids(b).spanId],
    ],
  });
});

test('childOf wins over the references', () => {
  const all = createTestTracer();
  const [a, b] = ['a', 'b'].map((name) => all.tracer.startSpan(name)) as [Span, Span];
  assert.deepEqual(links(all, { childOf: a, references: [childOf(b)] }), {
    traceId: ids(a).traceId,
    parentId: ids(a).spanId,
    references: [['child_of', ids(b).spanId]],
  });
});

test('contexts of no tracer, of other tracers and of no trace are no parents and no references', () => {
  const noop = new opentracing.Tracer().startSpan('noop');
  const empty = new SpanContext(noIds, undefined, false);
  for (const parent of [noop, noop.context(), empty]) {
    const all = createTestTracer();
    for (const options of [{ childOf: parent }, { references: [childOf(parent)] }]) {
      const { traceId, parentId, references } = links(all, options);
      assert.deepEqual([parentId, references], ['', []]);
      assert.match(traceId, /^[0-9a-f]{16}$/);
    }
  }
});

test('what is no reference is left out of the references', () => {
  const all = createTestTracer();
  const parent = all.tracer.startSpan('parent');
  const strange = [null, undefined, 7, {}, new opentracing.Reference('sibling', parent)];
  const references = [...strange, childOf(parent)] as Reference[];
  assert.deepEqual(links(all, { references }), {
    traceId: ids(parent).traceId,
    parentId: ids(parent).spanId,
    references: [['child_of', ids(parent).spanId]],
  });
});

test('a parent that carries baggage alone gives it to a new trace that is sampled anew', () => {
  const { tracer, reporter, metrics } = createTestTracer();
  const parent = tracer.extract('text_map', { 'uberctx-user': 'jo' })!;
  const span = tracer.startSpan('root', { childOf: parent });
  span.finish();
  assert.equal(span.getBaggageItem('user'), 'jo');
  assert.equal(reporter.spans[0]?.parentId, '');
  assert.equal(metrics.counts['jaeger:traces state=started sampled=y'], 1);
});

test('the active span is the parent where none is given', () => {
  const all = createTestTracer();
  const active = all.tracer.startSpan('active');
  const expected = { traceId: ids(active).traceId, parentId: ids(active).spanId, references: [] };
  all.tracer.withSpan(active, () => {
    for (const options of [undefined, {}, { childOf: null }, { references: [] }]) {
      assert.deepEqual(links(all, options), expected);
    }
    assert.deepEqual(links(all, { ignoreActiveSpan: false }), expected);
  });
});

test('a given parent wins over the active span', () => {
  const all = createTestTracer();
  const [active, parent] = ['a', 'b'].map((name) => all.tracer.startSpan(name)) as [Span, Span];
  all.tracer.withSpan(active, () => {
    assert.equal(links(all, { childOf: parent }).parentId, ids(parent).spanId);
    assert.equal(links(all, { references: [followsFrom(parent)] }).parentId, ids(parent).spanId);
    const both = { childOf: parent, ignoreActiveSpan: true };
    assert.equal(links(all, both).parentId, ids(parent).spanId);
  });
});

test('ignoreActiveSpan starts a new trace', () => {
  const all = createTestTracer();
  const active = all.tracer.startSpan('active');
  const { traceId, parentId } = all.tracer.withSpan(active, () =>
    links(all, { ignoreActiveSpan: true }),
  );
  assert.equal(parentId, '');
  assert.notEqual(traceId, ids(active).traceId);
});

test('newTrace starts a new trace whatever else is given, and its references are reported', () => {
  const all = createTestTracer();
  const parent = all.tracer.startSpan('parent').setBaggageItem('user', 'jo');
  const { traceId, ...others } = all.tracer.withSpan(parent, () =>
    links(all, { childOf: parent, references: [followsFrom(parent)], newTrace: true }),
  );
  assert.notEqual(traceId, ids(parent).traceId);
  assert.deepEqual(others, { parentId: '', references: [['follows_from', ids(parent).spanId]] });
  assert.equal(all.reporter.spans[0]?.baggage, undefined);
  assert.equal(all.metrics.counts['jaeger:traces state=started sampled=y'], 2);
});

test('the options given to startSpan are left as they are', () => {
  const { tracer } = createTestTracer();
  const parent = tracer.startSpan('parent');
  const options = { childOf: parent, references: [followsFrom(parent)], tags: { a: 1 } };
  const before = { ...options, references: [...options.references], tags: { ...options.tags } };
  tracer.startSpan('child', options).setTag('b', 2).finish();
  assert.deepEqual(options, before);
});
