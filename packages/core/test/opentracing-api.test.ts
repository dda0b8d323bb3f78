import assert from 'node:assert/strict';
import { beforeEach, describe, it, test } from 'node:test';
import * as core from '@spoor/core';
import { InMemoryReporter, initTracer, Span, SpanContext, Tracer } from '@spoor/core';
import opentracing from 'opentracing';
import apiCompatibility from 'opentracing/lib/test/api_compatibility.js';
import { createTestTracer, RecordedLog, setEnvironment } from './helpers.js';

// The suite that opentracing ships is written for mocha, whose globals node:test has under the same names.
Object.assign(globalThis, { describe, it, beforeEach });
describe('a tracer that keeps every span', () => {
  apiCompatibility.default(() => createTestTracer().tracer);
});
describe('a tracer that keeps none', () => {
  apiCompatibility.default(() => new Tracer('orders'));
});

test('tracers, spans and contexts are those of opentracing', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  assert.ok(tracer instanceof opentracing.Tracer);
  assert.ok(span instanceof opentracing.Span && span instanceof Span);
  assert.ok(span.context() instanceof opentracing.SpanContext);
  assert.ok(span.context() instanceof SpanContext);
  assert.equal(span.tracer(), tracer);
});

test('initTracer makes the global tracer of opentracing', (t) => {
  setEnvironment(t);
  const reporter = new InMemoryReporter();
  const logger = new RecordedLog();
  const tracer = initTracer({ serviceName: 'orders' }, { reporter, logger });
  opentracing.globalTracer().startSpan('charge').finish();
  assert.deepEqual(
    reporter.spans.map(({ operationName }) => operationName),
    ['charge'],
  );

  const second = initTracer({ serviceName: 'orders' }, { reporter, logger });
  assert.notEqual(second, tracer);
  const span = opentracing.globalTracer().startSpan('refund');
  assert.equal((span as Span).tracer(), second);
});

test('the package gives its opentracing to those who have none, but for the mock tracer', () => {
  // Its mock tracer would be loaded by every process that traces.
  const { MockTracer, ...rest } = opentracing;
  assert.deepEqual({ ...core.opentracing }, rest);
});

test('references made by opentracing link spans', () => {
  const { tracer, reporter } = createTestTracer();
  const parent = tracer.startSpan('parent');
  const references = [opentracing.childOf(parent), opentracing.followsFrom(parent.context())];
  tracer.startSpan('child', { references }).finish();

  const spanId = parent.context().toSpanId();
  assert.deepEqual(reporter.spans[0]?.references, [
    { type: 'child_of', spanId },
    { type: 'follows_from', spanId },
  ]);
  assert.equal(reporter.spans[0]?.parentId, spanId);
});

test('logEvent logs the event and its payload', () => {
  const { tracer, reporter } = createTestTracer();
  const span = tracer.startSpan('charge');
  assert.equal(span.logEvent('retry', { attempt: 2 }), undefined);
  span.finish();
  assert.deepEqual(
    reporter.spans[0]?.logs.map(({ fields }) => fields),
    [{ event: 'retry', payload: '{"attempt":2}' }],
  );
});
