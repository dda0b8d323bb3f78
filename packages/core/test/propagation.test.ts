import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Codec,
  ConstSampler,
  jaegerCodec,
  Propagation,
  SpanContext,
  w3cCodec,
} from '@spoor/core';
import opentracing from 'opentracing';
import { createTestTracer } from './helpers.js';

const malformedCount = 'jaeger:span_context_decoding_errors';
const jaegerHeader = '1:2:0:1';
const w3cHeader = '00-000000000000000000000000000000aa-00000000000000bb-01';
const fromJaeger = '0000000000000001:0000000000000002:0:1';
const fromW3c = '00000000000000aa:00000000000000bb:0:1';

test('both headers are written, for a span and for its context', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  const id = span.context().toTraceId();
  for (const format of ['http_headers', 'text_map']) {
    for (const source of [span, span.context()]) {
      const carrier = {};
      tracer.inject(source, format, carrier);
      assert.deepEqual(carrier, {
        'uber-trace-id': `${id}:${id}:0:1`,
        traceparent: `00-${'0'.repeat(16)}${id}-${id}-01`,
      });
    }
  }
});

test('a span that is not sampled tells so in both headers', () => {
  const { tracer } = createTestTracer({ sampler: new ConstSampler(false) });
  const carrier: Record<string, string> = {};
  tracer.inject(tracer.startSpan('charge'), 'http_headers', carrier);
  assert.match(carrier['uber-trace-id']!, /:0$/);
  assert.match(carrier.traceparent!, /-00$/);
});

test('other entries of a carrier stay', () => {
  const { tracer } = createTestTracer();
  const carrier: Record<string, unknown> = { host: 'a', traceparent: 'old' };
  tracer.inject(tracer.startSpan('charge'), 'http_headers', carrier);
  assert.deepEqual(Object.keys(carrier), ['host', 'traceparent', 'uber-trace-id']);
  assert.notEqual(carrier.traceparent, 'old');
});

test('the Jaeger header wins over the W3C header', () => {
  const { tracer, metrics } = createTestTracer();
  const carrier = { traceparent: w3cHeader, 'uber-trace-id': jaegerHeader };
  assert.equal(String(tracer.extract('http_headers', carrier)), fromJaeger);
  assert.equal(metrics.counts[malformedCount], undefined);
});

test('a malformed Jaeger header is counted and the W3C header is read', () => {
  const { tracer, metrics } = createTestTracer();
  const carrier = { traceparent: w3cHeader, 'uber-trace-id': '1:2:0' };
  assert.equal(String(tracer.extract('http_headers', carrier)), fromW3c);
  assert.equal(metrics.counts[malformedCount], 1);
  assert.equal(tracer.extract('http_headers', { traceparent: 'x', 'uber-trace-id': 'y' }), null);
  assert.equal(metrics.counts[malformedCount], 2, 'one context was lost, not two');
});

test('the order and the choice of formats can be set', () => {
  const both = { traceparent: w3cHeader, 'uber-trace-id': jaegerHeader };
  const w3cFirst = createTestTracer({
    propagation: new Propagation([w3cCodec, jaegerCodec], [w3cCodec]),
  }).tracer;
  assert.equal(String(w3cFirst.extract('text_map', both)), fromW3c);
  const carrier = {};
  w3cFirst.inject(w3cFirst.startSpan('charge'), 'text_map', carrier);
  assert.deepEqual(Object.keys(carrier), ['traceparent']);

  const none = createTestTracer({ propagation: new Propagation([], []) }).tracer;
  assert.equal(none.extract('text_map', { ...both, 'uberctx-a': '1' }), null);
  const span = none.startSpan('charge').setBaggageItem('a', '1');
  const empty = {};
  none.inject(span, 'text_map', empty);
  assert.deepEqual(empty, {});
});

test('header names are read in any case, the last of equal ones wins', () => {
  const { tracer } = createTestTracer();
  for (const name of ['uber-trace-id', 'Uber-Trace-Id', 'UBER-TRACE-ID']) {
    assert.equal(String(tracer.extract('http_headers', { [name]: jaegerHeader })), fromJaeger);
  }
  assert.equal(String(tracer.extract('text_map', { TraceParent: w3cHeader })), fromW3c);
  const twice = { 'uber-trace-id': '5:6:0:1', 'Uber-Trace-Id': jaegerHeader };
  assert.equal(String(tracer.extract('http_headers', twice)), fromJaeger);
});

test('an empty carrier holds no context and is not malformed', () => {
  const { tracer, metrics } = createTestTracer();
  for (const carrier of [{}, [], Object.create(null), { host: 'a' }]) {
    assert.equal(tracer.extract('http_headers', carrier), null);
  }
  assert.deepEqual(metrics.counts, {});
});

test('carriers without a prototype work, inherited entries are not read', () => {
  const { tracer } = createTestTracer();
  const bare = Object.assign(Object.create(null), { 'uber-trace-id': jaegerHeader });
  assert.equal(String(tracer.extract('http_headers', bare)), fromJaeger);
  assert.equal(tracer.extract('http_headers', Object.create(bare)), null);
});

test('what is no carrier is ignored', () => {
  const { tracer, log } = createTestTracer();
  const span = tracer.startSpan('charge');
  for (const carrier of [null, undefined, 7, 'text', true]) {
    for (const format of ['http_headers', 'text_map', 'binary']) {
      tracer.inject(span, format, carrier);
      assert.equal(tracer.extract(format, carrier), null);
    }
  }
  assert.deepEqual(log.errors, []);
});

test('contexts of other tracers and of no trace write nothing', () => {
  const { tracer } = createTestTracer();
  const noop = new opentracing.Tracer().startSpan('noop');
  const span = tracer.startSpan('charge');
  const noIds = { ...span, flags: 1, traceId2: 0, traceId3: 0, spanId0: 0, spanId1: 0 };
  const empty = new SpanContext(noIds, undefined, false);
  for (const source of [noop, noop.context(), empty, null, undefined, {}, 'text'] as never[]) {
    for (const format of ['http_headers', 'text_map', 'binary']) {
      const carrier = {};
      tracer.inject(source, format, carrier);
      assert.deepEqual(carrier, {});
    }
  }
});

test('an unknown format does nothing but log what to write', () => {
  const { tracer, log } = createTestTracer();
  const carrier = {};
  tracer.inject(tracer.startSpan('charge'), 'zipkin', carrier);
  assert.equal(tracer.extract('zipkin', { 'uber-trace-id': jaegerHeader }), null);
  assert.equal(tracer.extract(Symbol('s') as never, {}), null);
  assert.deepEqual(carrier, {});
  assert.deepEqual(log.errors, [
    'spoor: unknown carrier format "zipkin". Write opentracing.FORMAT_HTTP_HEADERS, FORMAT_TEXT_MAP or FORMAT_BINARY.',
  ]);
});

test('a carrier that throws is logged and breaks nothing', () => {
  const { tracer, log, metrics } = createTestTracer();
  const span = tracer.startSpan('charge');
  const failing = {
    get host() {
      throw new Error('detached');
    },
  };
  for (const format of ['http_headers', 'text_map', 'binary']) {
    tracer.inject(span, format, Object.freeze({}));
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    tracer.inject(span, format, proxy);
    assert.equal(tracer.extract(format, proxy), null);
  }
  assert.equal(metrics.counts[malformedCount], 3);
  for (const format of ['http_headers', 'text_map']) {
    assert.equal(tracer.extract(format, failing), null);
  }
  assert.equal(metrics.counts[malformedCount], 5);
  assert.deepEqual(log.errors, [
    'spoor: the carrier cannot be written to: Cannot add property uber-trace-id, object is not extensible.',
    "spoor: the carrier cannot be read: Cannot perform 'ownKeys' on a proxy that has been revoked.",
  ]);
});

test('a format of the application is read and written beside another, with its baggage', () => {
  const own: Codec = {
    name: 'own',
    baggage: jaegerCodec.baggage,
    inject(context, carrier) {
      carrier['x-own'] = [context.traceId3, context.spanId1, context.flags].join('/');
    },
    extract(headers) {
      const header = headers['x-own'];
      if (header === undefined) return undefined;
      const [traceId3 = 0, spanId1 = 0, flags = 0] = String(header).split('/').map(Number);
      if (Number.isNaN(traceId3)) return 'malformed';
      const zeros = {
        traceId0: 0,
        traceId1: 0,
        traceId2: 0,
        spanId0: 0,
        parentId0: 0,
        parentId1: 0,
      };
      return { ...zeros, traceId3, spanId1, flags };
    },
  };
  const propagation = new Propagation([own, w3cCodec], [own, w3cCodec]);
  const { tracer, metrics } = createTestTracer({ propagation });
  const headers = { 'X-Own': '7/8/1', 'uberctx-user': 'jo', traceparent: w3cHeader };
  const context = tracer.extract('http_headers', headers)!;
  assert.equal(String(context), '0000000000000007:0000000000000008:0:1');
  const carrier: Record<string, string> = {};
  tracer.inject(context, 'http_headers', carrier);
  assert.deepEqual(carrier, {
    'x-own': '7/8/1',
    traceparent: '00-00000000000000000000000000000007-0000000000000008-01',
    'uberctx-user': 'jo',
    baggage: 'user=jo',
  });

  const malformed = { 'x-own': 'x', traceparent: w3cHeader };
  assert.equal(String(tracer.extract('http_headers', malformed)), fromW3c);
  assert.equal(metrics.counts['jaeger:span_context_decoding_errors'], 1);
});

test('a codec that throws is logged and breaks nothing', () => {
  const broken: Codec = {
    name: 'broken',
    inject() {
      throw new Error('no key');
    },
    extract() {
      throw new Error('no key');
    },
  };
  const { tracer, log } = createTestTracer({ propagation: new Propagation([broken], [broken]) });
  tracer.inject(tracer.startSpan('charge'), 'http_headers', {});
  assert.equal(tracer.extract('http_headers', {}), null);
  assert.equal(tracer.extractRequest({}, []), undefined);
  assert.deepEqual(log.errors, [
    'spoor: the carrier cannot be written to: no key.',
    'spoor: the carrier cannot be read: no key.',
  ]);
});

test('extractRequest reads what extract reads', () => {
  const { tracer, metrics } = createTestTracer();
  const read = (headers: Record<string, string>): string | undefined =>
    tracer.extractRequest(headers, Object.entries(headers).flat())?.toString();
  assert.equal(read({ 'uber-trace-id': jaegerHeader, traceparent: w3cHeader }), fromJaeger);
  assert.equal(read({ traceparent: w3cHeader }), fromW3c);
  assert.equal(read({ host: 'a' }), undefined);
  assert.equal(metrics.counts[malformedCount], undefined);
  assert.equal(read({ 'uber-trace-id': 'x' }), undefined);
  assert.equal(metrics.counts[malformedCount], 1);
});
