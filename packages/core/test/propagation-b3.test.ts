import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  b3Codec,
  b3SingleCodec,
  ConstSampler,
  jaegerCodec,
  Propagation,
  w3cCodec,
} from '@spoor/core';
import { createTestTracer, type TestTracer } from './helpers.js';

const malformedCount = 'jaeger:span_context_decoding_errors';
const trace = '463ac35c9f6413ad48485a3953bb6124';
const shortTrace = '48485a3953bb6124';
const span = 'a2fb4a1d1a96d312';
const parent = '0020000000000001';

function b3Tracer(): TestTracer {
  return createTestTracer({ propagation: new Propagation([b3Codec], [b3Codec]) });
}

/** What is read of headers, as text; `'malformed'` where that was counted once; else undefined. */
function read(headers: Record<string, unknown>): string | undefined {
  const { tracer, metrics } = b3Tracer();
  const context = tracer.extract('http_headers', headers);
  const malformed = metrics.counts[malformedCount];
  if (context !== null) {
    assert.equal(malformed, undefined);
    return context.toString();
  }
  assert.ok(malformed === undefined || malformed === 1);
  return malformed === 1 ? 'malformed' : undefined;
}

function multi(fields: {
  trace?: unknown;
  span?: unknown;
  parent?: unknown;
  sampled?: unknown;
  flags?: unknown;
}): Record<string, unknown> {
  const { trace: traceId = trace, span: spanId = span } = fields;
  const headers = {
    'X-B3-TraceId': traceId,
    'X-B3-SpanId': spanId,
    'X-B3-ParentSpanId': fields.parent,
    'X-B3-Sampled': fields.sampled,
    'X-B3-Flags': fields.flags,
  };
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

function written(uberTraceId: string, codec = b3Codec): Record<string, unknown> {
  const { tracer } = createTestTracer();
  const context = tracer.extract('text_map', { 'uber-trace-id': uberTraceId })!;
  const carrier = {};
  const writer = createTestTracer({ propagation: new Propagation([], [codec]) }).tracer;
  writer.inject(context, 'http_headers', carrier);
  return carrier;
}

test('the headers are read with long and short ids, with and without a parent', () => {
  assert.equal(read(multi({ sampled: '1', parent })), `${trace}:${span}:${parent}:1`);
  assert.equal(read(multi({ sampled: '1', trace: shortTrace })), `${shortTrace}:${span}:0:1`);
  const padded = '0'.repeat(16) + shortTrace;
  assert.equal(read(multi({ sampled: '1', trace: padded })), `${shortTrace}:${span}:0:1`);
  assert.equal(read(multi({ sampled: '1', trace: trace.toUpperCase() })), `${trace}:${span}:0:1`);
});

test('ids without their leading zeros are read, as the Jaeger client for Node wrote them', () => {
  const expected = '0000000000000100:000000000000007f:0:1';
  assert.equal(read(multi({ trace: '100', span: '7f', sampled: '1' })), expected);
  assert.equal(read({ b3: '100-7f-1' }), expected);
});

test('each sampling state is read, in the words of old clients too', () => {
  const flags = (fields: Parameters<typeof multi>[0]) => read(multi(fields))?.split(':')[3];
  for (const [sampled, expected] of Object.entries({
    0: '0',
    1: '1',
    true: '1',
    True: '1',
    false: '0',
    d: '3',
  })) {
    assert.equal(flags({ sampled }), expected, sampled);
  }
  assert.equal(flags({}), '0');
  assert.equal(flags({ flags: '1' }), '3');
  assert.equal(flags({ flags: '1', sampled: '0' }), '3');
  assert.equal(flags({ flags: '0', sampled: '1' }), '1');
});

test('the single header is read, and before the others', () => {
  const table: Record<string, string> = {
    [`${trace}-${span}-1-${parent}`]: `${trace}:${span}:${parent}:1`,
    [`${trace}-${span}-1`]: `${trace}:${span}:0:1`,
    [`${trace}-${span}-0`]: `${trace}:${span}:0:0`,
    [`${shortTrace}-${span}-d`]: `${shortTrace}:${span}:0:3`,
    [`${trace}-${span}`]: `${trace}:${span}:0:0`,
  };
  for (const [b3, expected] of Object.entries(table)) {
    assert.equal(read({ b3 }), expected);
    assert.equal(read({ B3: b3, ...multi({ trace: '1', span: '2', sampled: '1' }) }), expected);
  }
});

test('ids without a state leave it to the sampler whether the trace is kept', () => {
  const propagation = new Propagation([b3Codec], [b3Codec]);
  for (const headers of [multi({}), { b3: `${trace}-${span}` }]) {
    for (const isKept of [true, false]) {
      const sampler = new ConstSampler(isKept);
      const { tracer, reporter, metrics } = createTestTracer({ propagation, sampler });
      const context = tracer.extract('http_headers', headers)!;
      assert.equal(context.isSampled(), false);
      const child = tracer.startSpan('child', { childOf: context });
      tracer.startSpan('grandchild', { childOf: child }).finish();
      child.finish();
      assert.equal(child.toString().split(':')[0], trace);
      assert.equal(child.flags, isKept ? 1 : 0);
      const tags = { 'sampler.type': 'const', 'sampler.param': true };
      assert.deepEqual(
        reporter.spans.map((finished) => finished.tags),
        isKept ? [{}, tags] : [],
      );
      assert.equal(metrics.counts['jaeger:traces state=started sampled=y'], undefined);
    }
  }
});

test('a context that nobody has decided on is passed on as such', () => {
  for (const [codec, headers] of [
    [b3Codec, { 'x-b3-traceid': trace, 'x-b3-spanid': span, 'x-b3-parentspanid': parent }],
    [b3SingleCodec, { b3: `${trace}-${span}` }],
  ] as const) {
    const { tracer } = createTestTracer({ propagation: new Propagation([codec], [codec]) });
    const carrier = {};
    tracer.inject(tracer.extract('http_headers', headers)!, 'http_headers', carrier);
    assert.deepEqual(carrier, headers);
  }
  const all = [b3Codec, w3cCodec, jaegerCodec];
  const { tracer } = createTestTracer({
    propagation: new Propagation(all, [w3cCodec, jaegerCodec]),
  });
  const carrier = {};
  tracer.inject(tracer.extract('http_headers', multi({}))!, 'http_headers', carrier);
  assert.deepEqual(carrier, {
    traceparent: `00-${trace}-${span}-00`,
    'uber-trace-id': `${trace}:${span}:0:0`,
  });
});

test('malformed headers are no context and are counted once', () => {
  const odd = [
    ...[
      '',
      '0',
      'g',
      ' 1',
      '1 ',
      '-1',
      '+1',
      '0x1',
      '1.5',
      '1_0',
      '１',
      '1,1',
      '1\0',
      'x'.repeat(1e6),
    ],
    ...[1, true, null, {}, [], ['1', '2'], Symbol('s')],
  ];
  for (const id of odd) {
    assert.equal(read(multi({ trace: id })), 'malformed');
    assert.equal(read(multi({ span: id })), 'malformed');
    if (id !== '0') assert.equal(read(multi({ parent: id })), 'malformed');
    if (id !== '0') assert.equal(read({ b3: id }), 'malformed');
    if (id !== '0') assert.equal(read(multi({ sampled: id })), 'malformed');
    if (id !== '0') assert.equal(read(multi({ flags: id })), 'malformed');
  }
  const digits = (count: number) => '1'.repeat(count);
  assert.equal(read(multi({ trace: digits(33) })), 'malformed');
  assert.equal(read(multi({ span: digits(17) })), 'malformed');
  assert.equal(read(multi({ parent: digits(17) })), 'malformed');
  assert.equal(read({ 'x-b3-traceid': trace }), 'malformed');
  assert.equal(read({ 'x-b3-spanid': span }), 'malformed');
  const singles = [
    ...['-', '--', '---', `${trace}-`, `-${span}`, `${trace}-${span}-`, `${trace}-${span}-2`],
    ...[`${trace}-${span}-1-`, `${trace}-${span}-1-x`, `${trace}-${span}-1-${parent}-`],
    ...[`${trace}-${span}-1-${parent}-1`, `${trace}-${span}-${parent}`, `${trace}_${span}`],
    ...[`${'0'.repeat(32)}-${span}-1`, `${trace}-${'0'.repeat(16)}-1`, `${trace}-${span}-1, 0`],
    ...[`0${trace}-${span}-1`, `${trace}-0${span}-1`, '2', 'x', '-'.repeat(1e6)],
  ];
  for (const b3 of singles) assert.equal(read({ b3 }), 'malformed', b3.slice(0, 100));
});

test('ids are written with 16 or 32 digits, the parent where there is one', () => {
  assert.deepEqual(written('1:2:0:1'), {
    'x-b3-traceid': '0000000000000001',
    'x-b3-spanid': '0000000000000002',
    'x-b3-sampled': '1',
  });
  assert.deepEqual(written(`${trace}:2:3:0`), {
    'x-b3-traceid': trace,
    'x-b3-spanid': '0000000000000002',
    'x-b3-parentspanid': '0000000000000003',
    'x-b3-sampled': '0',
  });
  assert.deepEqual(written(`${trace}:2:0:3`), {
    'x-b3-traceid': trace,
    'x-b3-spanid': '0000000000000002',
    'x-b3-flags': '1',
  });
});

test('the single header is written on request', () => {
  const id = (digit: string) => digit.padStart(16, '0');
  assert.deepEqual(written('1:2:0:1', b3SingleCodec), { b3: `${id('1')}-${id('2')}-1` });
  assert.deepEqual(written(`${trace}:2:3:0`, b3SingleCodec), {
    b3: `${trace}-${id('2')}-0-${id('3')}`,
  });
  assert.deepEqual(written('1:2:0:3', b3SingleCodec), { b3: `${id('1')}-${id('2')}-d` });
  // Debug alone keeps nothing.
  assert.deepEqual(written('1:2:0:2', b3SingleCodec), { b3: `${id('1')}-${id('2')}-0` });
});

test('what is injected is what is extracted', () => {
  for (const codec of [b3Codec, b3SingleCodec]) {
    for (const traceId128bit of [false, true]) {
      const propagation = new Propagation([codec], [codec]);
      const { tracer } = createTestTracer({ propagation, traceId128bit });
      for (let i = 0; i < 100; i++) {
        const child = tracer.startSpan('child', { childOf: tracer.startSpan('root') });
        child.setBaggageItem('tenant', 'a & b');
        const carrier: Record<string, unknown> = {};
        tracer.inject(child, 'http_headers', carrier);
        const context = tracer.extract('http_headers', carrier)!;
        assert.equal(context.toString(), child.toString());
        assert.deepEqual({ ...context.baggage }, { tenant: 'a & b' });
        assert.equal(carrier['uberctx-tenant'], 'a%20%26%20b');
      }
    }
  }
});
