import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Span, SpanContext, selfReference } from '@spoor/core';
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
  const strange = [
    ...[null, undefined, 7, {}, new opentracing.Reference('sibling', parent)],
    ...[childOf(null as never), followsFrom(undefined as never)],
  ];
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

test('a context that carries baggage alone does not hide a reference to a span', () => {
  const all = createTestTracer();
  const bare = all.tracer.extract('text_map', { 'uberctx-user': 'jo' })!;
  const parent = all.tracer.startSpan('parent');
  const expected = {
    traceId: ids(parent).traceId,
    parentId: ids(parent).spanId,
    references: [['follows_from', ids(parent).spanId]],
  };
  const followed = followsFrom(parent);
  assert.deepEqual(links(all, { references: [childOf(bare), followed] }), expected);
  assert.deepEqual(links(all, { references: [followsFrom(bare), followed] }), expected);
  assert.deepEqual(links(all, { childOf: bare, references: [followed] }), expected);

  const span = all.tracer.startSpan('root', { references: [followsFrom(bare)] });
  assert.deepEqual([span.parentId1, span.getBaggageItem('user')], [0, 'jo']);
});

test('a self reference gives a span the ids, the parent, the flags and the baggage of the context', () => {
  const isSampled = () => assert.fail('the sampler was asked');
  const { tracer, reporter, metrics } = createTestTracer({ sampler: { tags: [], isSampled } });
  const ids = { ...noIds, traceId3: 1, spanId1: 2, parentId1: 3, flags: 9 };
  const context = new SpanContext(ids, { user: 'jo' }, false);
  const other = new SpanContext({ ...ids, spanId1: 4 }, undefined, false);
  const span = tracer.startSpan('same', {
    childOf: other,
    references: [followsFrom(other), selfReference(context)],
  });
  assert.equal(String(span), String(context));
  assert.equal(span.getBaggageItem('user'), 'jo');
  tracer.startSpan('child', { childOf: span }).finish();
  span.finish();
  const [child, same] = reporter.spans;
  assert.deepEqual(
    [child?.parentId, same?.parentId],
    [2, 3].map((id) => `000000000000000${id}`),
  );
  assert.deepEqual(same?.references, [{ type: 'follows_from', spanId: '0000000000000004' }]);
  assert.equal(metrics.counts['jaeger:traces state=started sampled=y'], undefined);
});

test('a self reference to a span makes another record of that span', () => {
  const { tracer, reporter } = createTestTracer();
  const span = tracer.startSpan('first half');
  const again = tracer.startSpan('second half', { references: [selfReference(span)] });
  assert.equal(String(again), String(span));
  span.finish();
  again.finish();
  assert.equal(reporter.spans.length, 2);
});

test('a self reference to no trace, and beside newTrace, is as good as none', () => {
  const all = createTestTracer();
  const empty = new SpanContext(noIds, undefined, false);
  const parent = all.tracer.startSpan('parent').context();
  for (const options of [
    { references: [selfReference(empty)] },
    { references: [selfReference(parent)], newTrace: true },
  ]) {
    const { traceId, parentId, references } = links(all, options);
    assert.deepEqual([parentId, references], ['', []]);
    assert.notEqual(traceId, parent.toTraceId());
  }
});

test('with shareRpcSpan the server has the span of the client', () => {
  const { tracer, reporter } = createTestTracer({ shareRpcSpan: true });
  const client = tracer.startSpan('client', {
    childOf: tracer.startSpan('root'),
    tags: { 'span.kind': 'client' },
  });
  const carrier = {};
  tracer.inject(client, 'text_map', carrier);
  const context = tracer.extract('text_map', carrier)!;
  for (const options of [
    { childOf: context },
    { childOf: client },
    { references: [followsFrom(context)] },
  ]) {
    const tags = { 'span.kind': 'server' };
    const server = tracer.startSpan('server', { ...options, tags });
    server.finish();
    assert.deepEqual(
      [ids(server), server.context().flags, reporter.spans.at(-1)?.tags],
      [ids(client), 1, tags],
    );
  }
});

test('a span of the client is shared with nobody but a server that was told so at its start', () => {
  const parentIds = { 'uber-trace-id': '1:2:3:1' };
  const share = createTestTracer({ shareRpcSpan: true });
  const parent = share.tracer.extract('text_map', parentIds)!;
  const tags = { 'span.kind': 'server' };
  const failing = {
    get 'span.kind'() {
      throw new Error('no such field');
    },
  };
  assert.equal(links(share, { childOf: parent }).parentId, '0000000000000002');
  const consumer = { childOf: parent, tags: { 'span.kind': 'consumer' } };
  assert.equal(links(share, consumer).parentId, '0000000000000002');
  assert.equal(links(share, { childOf: parent, tags: failing }).parentId, '0000000000000002');
  assert.equal(links(share, { tags }).parentId, '');
  const late = share.tracer.startSpan('server', { childOf: parent }).addTags(tags);
  assert.notEqual(late.context().toSpanId(), '0000000000000002');
  const active = share.tracer.startSpan('active');
  const { parentId } = share.tracer.withSpan(active, () => links(share, { tags }));
  assert.equal(parentId, ids(active).spanId);

  const separate = createTestTracer();
  assert.equal(links(separate, { childOf: parent, tags }).parentId, '0000000000000002');
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
