import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type InitOptions, initTracer, type Tracer, type TracingConfig } from '@spoor/core';
import { setEnvironment } from './helpers.js';

const jaeger = { 'uber-trace-id': '1:1:0:1' };
const w3c = { traceparent: '00-00000000000000000000000000000002-0000000000000002-01' };
const b3 = { 'x-b3-traceid': '3', 'x-b3-spanid': '3', 'x-b3-sampled': '1' };
const b3single = { b3: '4-4-1' };

const idHeaders = {
  jaeger: ['uber-trace-id'],
  w3c: ['traceparent'],
  b3: ['x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled'],
  b3single: ['b3'],
};

function init(
  t: TestContext,
  config: Omit<TracingConfig, 'serviceName'> = {},
  options?: InitOptions,
): Tracer {
  const tracer = initTracer({ serviceName: 'orders', ...config }, options);
  t.after(() => tracer.close());
  return tracer;
}

/** The headers of a span with one baggage item. */
function written(tracer: Tracer): string[] {
  const carrier = {};
  tracer.inject(tracer.startSpan('charge').setBaggageItem('a', '1'), 'http_headers', carrier);
  return Object.keys(carrier);
}

/** The last digit of the trace id that is read of `headers`. */
function read(tracer: Tracer, headers: object): string | undefined {
  return tracer.extract('http_headers', headers)?.toTraceId().at(-1);
}

test('by default Jaeger is read, then W3C, and both are written', (t) => {
  setEnvironment(t);
  const tracer = init(t);
  assert.deepEqual(
    [read(tracer, { ...b3, ...w3c, ...jaeger }), read(tracer, { ...b3, ...w3c }), read(tracer, b3)],
    ['1', '2', undefined],
  );
  assert.deepEqual(written(tracer), ['uber-trace-id', 'traceparent', 'uberctx-a', 'baggage']);
});

test('one list says what is read, in its order, and what is written', (t) => {
  setEnvironment(t);
  const tracer = init(t, { propagation: ['b3', 'w3c'] });
  assert.deepEqual(
    [
      read(tracer, { ...w3c, ...b3, ...jaeger }),
      read(tracer, { ...w3c, ...jaeger }),
      read(tracer, jaeger),
    ],
    ['3', '2', undefined],
  );
  assert.deepEqual(written(tracer), [...idHeaders.b3, 'traceparent', 'uberctx-a', 'baggage']);
});

test('one format can be written without a list, in any case', (t) => {
  setEnvironment(t);
  assert.deepEqual(written(init(t, { propagation: 'b3' })), [...idHeaders.b3, 'uberctx-a']);
  assert.deepEqual(written(init(t, { propagation: 'B3single' as never })), ['b3', 'uberctx-a']);
  assert.deepEqual(written(init(t, { propagation: 'tracecontext' })), ['traceparent']);
  assert.deepEqual(written(init(t, { propagation: 'baggage' })), ['baggage']);
  assert.deepEqual(written(init(t, { propagation: 'w3c, jaeger, w3c' as never })), [
    ...['traceparent', 'uber-trace-id', 'baggage', 'uberctx-a'],
  ]);
  assert.deepEqual(written(init(t, { propagation: [] })), []);
});

test('what is read and what is written can differ', (t) => {
  setEnvironment(t);
  const tracer = init(t, { propagation: { extract: ['b3', 'w3c', 'jaeger'], inject: 'w3c' } });
  assert.deepEqual([read(tracer, { ...jaeger, ...b3 }), read(tracer, jaeger)], ['3', '1']);
  assert.deepEqual(written(tracer), ['traceparent', 'baggage']);
  const onlyInject = init(t, { propagation: { inject: ['b3single'] } });
  assert.equal(read(onlyInject, { ...w3c, ...jaeger }), '1');
  assert.deepEqual(written(onlyInject), ['b3', 'uberctx-a']);
  const onlyExtract = init(t, { propagation: { extract: [] } });
  assert.equal(onlyExtract.extract('http_headers', { ...jaeger, 'jaeger-debug-id': 'a' }), null);
  assert.equal(written(onlyExtract).length, 4);
});

test('both spellings of B3 are read by either format', (t) => {
  setEnvironment(t);
  for (const propagation of ['b3', 'b3single'] as const) {
    const tracer = init(t, { propagation });
    assert.deepEqual([read(tracer, b3), read(tracer, b3single)], ['3', '4']);
  }
});

test('JAEGER_PROPAGATION has the names of the Jaeger clients', (t) => {
  for (const [value, headers] of Object.entries({
    jaeger: idHeaders.jaeger,
    b3: idHeaders.b3,
    w3c: idHeaders.w3c,
    'W3C, B3': [...idHeaders.w3c, ...idHeaders.b3],
  })) {
    setEnvironment(t, { JAEGER_PROPAGATION: value, OTEL_PROPAGATORS: 'baggage' });
    const ids = written(init(t)).filter((name) => !/^(uberctx-a|baggage)$/.test(name));
    assert.deepEqual(ids, headers);
  }
});

test('OTEL_PROPAGATORS has names of its own', (t) => {
  for (const [value, headers] of Object.entries({
    'tracecontext,baggage': ['traceparent', 'baggage'],
    tracecontext: ['traceparent'],
    b3: ['b3', 'uberctx-a'],
    b3multi: [...idHeaders.b3, 'uberctx-a'],
    jaeger: ['uber-trace-id', 'uberctx-a'],
    none: [],
  })) {
    setEnvironment(t, { OTEL_PROPAGATORS: value });
    assert.deepEqual(written(init(t)), headers, value);
    assert.deepEqual(written(init(t, { propagation: 'jaeger' })), ['uber-trace-id', 'uberctx-a']);
  }
});

test('the headers of Jaeger can have other names', (t) => {
  setEnvironment(t);
  const headers = {
    traceContextHeaderName: 'X-Trace',
    traceBaggageHeaderPrefix: 'X-Bag-',
    jaegerDebugHeader: 'X-Debug',
    jaegerBaggageHeader: 'X-Baggage',
  };
  const tracer = init(t, { headers, propagation: ['jaeger', 'b3'] });
  assert.deepEqual(written(tracer), ['x-trace', ...idHeaders.b3, 'x-bag-a']);
  assert.equal(read(tracer, { 'X-TRACE': '5:5:0:1' }), '5');
  const context = tracer.extract('http_headers', {
    ...{ 'x-debug': 'd', 'x-bag-a': '1', 'x-baggage': 'b=2', 'uberctx-c': '3' },
  })!;
  assert.deepEqual([context.debugId, { ...context.baggage }], ['d', { a: '1', b: '2' }]);
  assert.deepEqual(
    [tracer.isBaggageHeader('x-bag-a'), tracer.isBaggageHeader('x-trace')],
    [true, false],
  );
});

test('contextKey and baggagePrefix stand where jaeger-client had them, and win', (t) => {
  setEnvironment(t);
  const options = { contextKey: 'Trace-Context', baggagePrefix: 'Baggage-' };
  const config = { propagation: 'jaeger', headers: { traceContextHeaderName: 'other' } } as const;
  assert.deepEqual(written(init(t, config, options)), ['trace-context', 'baggage-a']);
});
