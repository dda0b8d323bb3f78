import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Propagation, type SpanContext, w3cCodec } from '@spoor/core';
import { createTestTracer, type TestTracer } from './helpers.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function extract(headers: Record<string, unknown>, { tracer } = createTestTracer()): SpanContext {
  const context = tracer.extract('http_headers', headers)!;
  const fromRequest = tracer.extractRequest(
    headers as never,
    Object.entries(headers).flat() as never,
  );
  assert.deepEqual(fromRequest, context);
  return context;
}

/** The tracestate that a child of the request with `headers` sends on. */
function passedOn(
  headers: Record<string, unknown>,
  test: TestTracer = createTestTracer(),
): unknown {
  const carrier: Record<string, unknown> = {};
  const child = test.tracer.startSpan('child', { childOf: extract(headers, test) });
  test.tracer.inject(test.tracer.startSpan('grandchild', { childOf: child }), 'text_map', carrier);
  return carrier.tracestate;
}

test('tracestate goes through the process, from span to span', () => {
  assert.equal(
    passedOn({ traceparent, tracestate: 'rojo=00f067,congo=t61rcWkgMzE' }),
    'rojo=00f067,congo=t61rcWkgMzE',
  );
  assert.equal(
    passedOn({ traceparent, tracestate: 'a=1 \t,\t b=x y ,, c@d=~' }),
    'a=1,b=x y,c@d=~',
  );
  assert.equal(passedOn({ traceparent, tracestate: ['a=1', 'b=2'] }), 'a=1,b=2');
  assert.equal(passedOn({ traceparent, tracestate: '' }), undefined);
  assert.equal(passedOn({ traceparent }), undefined);
  const { tracer } = createTestTracer();
  const carrier = {};
  tracer.inject(extract({ traceparent, tracestate: 'a=1' }), 'http_headers', carrier);
  assert.equal((carrier as { tracestate?: string }).tracestate, 'a=1');
  assert.equal(extract({ traceparent, tracestate: 'a=1' }).w3c?.traceState, 'a=1');
});

test('tracestate is kept beside the header of Jaeger where both are of one trace', () => {
  const [, traceId, spanId] = traceparent.split('-');
  const tracestate = 'a=1';
  const jaeger = (id: string | undefined) => ({ 'uber-trace-id': `${id}:1:0:1` });
  assert.equal(passedOn({ ...jaeger(traceId), traceparent, tracestate }), 'a=1');
  assert.equal(passedOn({ ...jaeger(spanId), traceparent, tracestate }), undefined);
  assert.equal(passedOn({ ...jaeger(traceId), traceparent: 'x', tracestate }), undefined);
  assert.equal(passedOn({ ...jaeger(traceId), tracestate }), undefined);
});

test('without a trace tracestate is none, and a new trace does not take it over', () => {
  const { tracer } = createTestTracer();
  assert.equal(tracer.extract('http_headers', { tracestate: 'a=1' }), null);
  assert.equal(extract({ tracestate: 'a=1', 'uberctx-b': '1' }).w3c, undefined);
  const parent = extract({ traceparent, tracestate: 'a=1' });
  const span = tracer.startSpan('new', { childOf: parent, newTrace: true });
  const carrier = {};
  tracer.inject(span, 'http_headers', carrier);
  assert.equal('tracestate' in carrier, false);
});

test('a malformed tracestate is left out whole; the trace goes on', () => {
  const malformed = [
    ...['foo', '=1', 'foo=', 'Foo=1', 'foo =1', 'foo=1=2', 'föö=1', 'foo=bär', 'foo=\u00001'],
    ...['@foo=1', '_foo=1', 'foo.bar=1', 'a=1,b', '\n', 'a=1\nb=2'],
    ...[`${'z'.repeat(257)}=1`, `${'t'.repeat(250)}@vendors=1`],
    ...[`a=${'v'.repeat(257)}`, 'x'.repeat(1_000_000), `a=${' '.repeat(16_000)}b`],
    Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(','),
  ].filter((tracestate) => tracestate.trim() !== '');
  for (const tracestate of [...malformed, 7, {}, null, ['a=1', 2]]) {
    const test = createTestTracer();
    assert.equal(
      passedOn({ traceparent, tracestate }, test),
      undefined,
      String(tracestate).slice(0, 50),
    );
    assert.equal(extract({ traceparent, tracestate }).toSpanId(), 'b7ad6b7169203331');
    assert.equal(test.metrics.counts['jaeger:span_context_decoding_errors'], undefined);
  }
});

test('32 members and the longest keys and values are passed on', () => {
  const all = Array.from({ length: 32 }, (_, i) => `k${i}=1`).join(',');
  const long = [
    `${'z'.repeat(256)}=1`,
    `${'t'.repeat(241)}@${'v'.repeat(14)}=1`,
    `a=${'v'.repeat(256)}`,
    // Level 1 of the specification did not know these.
    ...['1foo=1', 'foo@=1', 'foo@1bar@@2=1', `t@${'v'.repeat(254)}=1`],
  ];
  for (const tracestate of [all, ...long])
    assert.equal(passedOn({ traceparent, tracestate }), tracestate);
});

test('of more than 512 characters the long members go first, then the last ones', () => {
  const member = (name: string, chars: number) => `${name}=${'v'.repeat(chars - name.length - 1)}`;
  const short = [0, 1, 2, 3, 4].map((i) => member(`s${i}`, 100));
  const whole = [...short, member('e', 8)].join(',');
  assert.equal(whole.length, 513);
  assert.equal(passedOn({ traceparent, tracestate: whole }), short.join(','));
  const exact = [...short, member('e', 7)].join(',');
  assert.equal(passedOn({ traceparent, tracestate: exact }), exact);
  const mixed = [short[0], member('big', 200), ...short.slice(1)].join(',');
  assert.equal(passedOn({ traceparent, tracestate: mixed }), short.join(','));
  const tooLong = `${'k'.repeat(256)}=${'v'.repeat(256)}`;
  assert.equal(passedOn({ traceparent, tracestate: tooLong }), undefined);
  assert.equal(passedOn({ traceparent, tracestate: `${tooLong},a=1` }), 'a=1');
  const manyLong = [member('x', 250), member('y', 250), member('z', 250)];
  assert.equal(
    passedOn({ traceparent, tracestate: manyLong.join(',') }),
    manyLong.slice(0, 2).join(','),
  );
});

test('flags that traceparent cannot carry go in front, in a member of our own', () => {
  const { tracer } = createTestTracer();
  const write = (context: SpanContext): Record<string, string> => {
    const carrier = {};
    tracer.inject(context, 'text_map', carrier);
    return carrier;
  };
  const debug = extract({ 'uber-trace-id': '1:2:0:3' });
  assert.equal(write(debug).tracestate, 'spoor=3');
  const w3c = createTestTracer({ propagation: new Propagation([w3cCodec], [w3cCodec]) });
  const { traceparent: own, tracestate } = write(debug) as Record<string, string>;
  const read = (state: unknown) => extract({ traceparent: own, tracestate: state }, w3c);
  assert.deepEqual([read(tracestate).flags, read(tracestate).w3c], [3, undefined]);
  // Somebody else was between us: his member is first, ours stays what it is, and goes in front when we write.
  const between = read(`congo=1,${tracestate},rojo=2`);
  assert.deepEqual([between.flags, between.w3c?.traceState], [3, 'congo=1,rojo=2']);
  assert.equal(write(between).tracestate, 'spoor=3,congo=1,rojo=2');
  for (const odd of ['spoor=x', 'spoor=100', 'spoor=-1']) {
    assert.deepEqual([read(odd).flags, write(read(odd)).tracestate], [1, undefined]);
  }
});

test('whether a trace is kept is said by traceparent, not by our member', () => {
  const dropped = traceparent.replace(/01$/, '00');
  assert.equal(extract({ traceparent: dropped, tracestate: 'spoor=3' }).flags, 0);
});

test('with our member in front the limits hold', () => {
  const { tracer } = createTestTracer();
  const full = Array.from({ length: 32 }, (_, i) => `k${i}=1`);
  const [, traceId] = traceparent.split('-');
  const context = extract({
    'uber-trace-id': `${traceId}:2:0:3`,
    traceparent,
    tracestate: full.join(','),
  });
  const carrier: Record<string, string> = {};
  tracer.inject(context, 'http_headers', carrier);
  assert.deepEqual(carrier.tracestate?.split(','), ['spoor=3', ...full.slice(0, 31)]);
});
