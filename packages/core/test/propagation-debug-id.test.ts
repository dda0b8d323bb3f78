import assert from 'node:assert/strict';
import { test } from 'node:test';
import { b3Codec, jaegerCodec, Propagation, type SpanContext, w3cCodec } from '@spoor/core';
import { createTestTracer, type TestTracer } from './helpers.js';

const malformedCount = 'jaeger:span_context_decoding_errors';

function extract(
  headers: Record<string, unknown>,
  { tracer }: TestTracer = createTestTracer(),
): SpanContext | undefined {
  const names = Object.entries(headers).flat() as string[];
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const fromRequest = tracer.extractRequest(Object.fromEntries(lowerCase), names);
  const fromCarrier = tracer.extract('http_headers', headers) ?? undefined;
  assert.deepEqual(fromRequest, fromCarrier);
  return fromCarrier;
}

test('a debug id without ids is a context of its own that belongs to no trace', () => {
  const context = extract({ 'Jaeger-Debug-Id': 'ticket%2042' })!;
  assert.deepEqual(
    [context.debugId, context.isValid, context.isRemote()],
    ['ticket 42', false, true],
  );
  assert.equal(extract({ 'jaeger-debug-id': 'a', 'uberctx-b': 'c' })?.baggage?.b, 'c');
  const { tracer } = createTestTracer();
  assert.equal(tracer.extract('text_map', { 'jaeger-debug-id': 'a%20b' })?.debugId, 'a%20b');
});

test('a debug id beside ids means nothing, beside malformed ones it does', () => {
  assert.equal(extract({ 'jaeger-debug-id': 'a', 'uber-trace-id': '1:2:0:1' })?.debugId, undefined);
  assert.equal(extract({ 'jaeger-debug-id': 'a', 'uber-trace-id': 'x' })?.debugId, 'a');
});

test('an empty debug id is none; one that is no text or too long is counted', () => {
  const silent = createTestTracer();
  assert.equal(extract({ 'jaeger-debug-id': '' }, silent), undefined);
  assert.deepEqual(silent.metrics.counts, {});
  assert.equal(extract({ 'jaeger-debug-id': 'x'.repeat(256) })?.debugId?.length, 256);
  for (const value of ['x'.repeat(257), ['a', 'b'], 7, {}, null]) {
    const { tracer, metrics } = createTestTracer();
    assert.equal(tracer.extract('http_headers', { 'jaeger-debug-id': value }), null);
    assert.equal(metrics.counts[malformedCount], 1);
  }
});

test('a debug id is read whatever the formats are', () => {
  for (const codec of [b3Codec, w3cCodec]) {
    const other = createTestTracer({ propagation: new Propagation([codec], [codec]) });
    assert.equal(extract({ 'jaeger-debug-id': 'a' }, other)?.debugId, 'a');
  }
});

test('the header can have another name, and is never written', () => {
  const names = { jaegerDebugHeader: 'X-Debug' };
  const own = createTestTracer({
    propagation: new Propagation([jaegerCodec], [jaegerCodec], names),
  });
  const context = extract({ 'x-debug': 'a', 'jaeger-debug-id': 'b' }, own)!;
  assert.equal(context.debugId, 'a');
  const carrier = {};
  own.tracer.inject(context, 'http_headers', carrier);
  assert.deepEqual(carrier, {});
});
