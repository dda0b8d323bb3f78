import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpanContext, Tracer } from '@spoor/core';
import { BinaryCarrier } from 'opentracing';
import { createTestTracer, Random } from './helpers.js';

const malformedCount = 'jaeger:span_context_decoding_errors';

/** Made by jaeger-client-go. */
const goVector = Buffer.from(
  `615d85e0e006d55b 366b9d86aabc5c8f 236306806a56df82 366b9d86aabc5c8f 01
   00000001 00000007 6b65795f6f6e65 00000009 76616c75655f6f6e65`.replaceAll(/\s/g, ''),
  'hex',
);

function extract(tracer: Tracer, buffer: unknown): SpanContext | null {
  return tracer.extract('binary', { buffer });
}

function inject(tracer: Tracer, context: SpanContext): unknown {
  const carrier: { buffer?: unknown } = {};
  tracer.inject(context, 'binary', carrier);
  return carrier.buffer;
}

/** Ids, flags and items as bytes, with wrong lengths where a test asks for them. */
function encoded({ span = 2, count = 0, rest = '' } = {}): Buffer {
  const head = Buffer.alloc(37);
  head.writeUInt32BE(1, 12);
  head.writeUInt32BE(span, 20);
  head.writeUInt8(1, 32);
  head.writeInt32BE(count, 33);
  return Buffer.concat([head, Buffer.from(rest, 'hex')]);
}

test('what jaeger-client-go writes is read, and written back but for the spelling of keys', () => {
  const { tracer } = createTestTracer();
  const context = extract(tracer, goVector)!;
  assert.equal(
    context.toString(),
    '615d85e0e006d55b366b9d86aabc5c8f:236306806a56df82:366b9d86aabc5c8f:1',
  );
  assert.deepEqual({ ...context.baggage }, { 'key-one': 'value_one' });
  assert.equal(tracer.startSpan('x', { childOf: context }).getBaggageItem('key_one'), 'value_one');
  assert.equal(context.isRemote(), true);
  const normalised = goVector.toString('latin1').replace('key_one', 'key-one');
  assert.deepEqual(inject(tracer, context), Buffer.from(normalised, 'latin1'));
});

test('what is injected is what is extracted, with baggage in any script', () => {
  const { tracer } = createTestTracer({ traceId128bit: true });
  const random = new Random(5);
  for (let i = 0; i < 200; i++) {
    const span = tracer.startSpan('child', { childOf: tracer.startSpan('root') });
    for (let item = random.int(0, 5); item > 0; item--) {
      span.setBaggageItem(`k${item}`, random.text('aä中😀\0', { maxChars: 20 }));
    }
    const read = extract(tracer, inject(tracer, span.context()))!;
    assert.equal(read.toString(), span.toString());
    assert.deepEqual({ ...read.baggage }, { ...span.baggage });
  }
});

test('the carrier of opentracing, arrays and views of a larger buffer are read', () => {
  const { tracer } = createTestTracer();
  const larger = Buffer.concat([Buffer.from('xyz'), goVector]);
  const view = new Uint8Array(larger.buffer, larger.byteOffset + 3, goVector.length);
  const carrier = new BinaryCarrier([...goVector] as unknown as Uint8Array);
  for (const context of [tracer.extract('binary', carrier), extract(tracer, view)]) {
    assert.equal(context?.toSpanId(), '236306806a56df82');
  }
});

test('no buffer is no context and not malformed', () => {
  const { tracer, metrics } = createTestTracer();
  for (const buffer of [undefined, null, 'text', 7, {}, new ArrayBuffer(40)]) {
    assert.equal(extract(tracer, buffer), null);
  }
  assert.equal(tracer.extract('binary', {}), null);
  assert.deepEqual(metrics.counts, {});
});

test('a malformed buffer is no context and is counted once', () => {
  const item = '00000001 61 00000001 62'.replaceAll(' ', '');
  const malformed = [
    ...[Buffer.alloc(0), Buffer.alloc(36), Buffer.alloc(37), encoded({ span: 0 })],
    ...[
      encoded({ count: 1 }),
      encoded({ count: -1 }),
      encoded({ count: 65, rest: item.repeat(65) }),
    ],
    ...[encoded({ count: 2, rest: item }), encoded({ count: 1, rest: item.slice(0, -2) })],
    ...[encoded({ count: 0x7fffffff, rest: item }), encoded({ count: 1, rest: 'ffffffff' })],
    ...[encoded({ count: 1, rest: '7fffffff61' }), encoded({ count: 1, rest: '80000000' })],
    ...[Buffer.from(goVector.toString('base64')), goVector.subarray(0, -1), ['a', 'b']],
  ];
  for (const buffer of malformed) {
    const { tracer, metrics } = createTestTracer();
    assert.equal(extract(tracer, buffer), null);
    assert.equal(metrics.counts[malformedCount], 1);
  }
  const { tracer } = createTestTracer();
  assert.deepEqual({ ...extract(tracer, encoded({ count: 1, rest: item }))?.baggage }, { a: 'b' });
});

test('random bytes never throw', () => {
  const random = new Random(13);
  const { tracer, metrics } = createTestTracer();
  let malformed = 0;
  for (let i = 0; i < 20_000; i++) {
    const bytes = Buffer.from(goVector);
    for (let change = random.int(1, 4); change > 0; change--) {
      bytes[random.int(0, bytes.length - 1)] = random.pick([0, 1, 0x7f, 0xff, random.int(0, 255)]);
    }
    const cut = bytes.subarray(0, random.pick([bytes.length, random.int(0, bytes.length)]));
    if (extract(tracer, cut) === null) malformed++;
  }
  assert.equal(metrics.counts[malformedCount], malformed);
  assert.ok(malformed > 1000, `${malformed} were malformed`);
});

test('long values are cut at 2048 characters, longer ones are malformed', () => {
  const { tracer } = createTestTracer();
  const read = (bytes: number): unknown => {
    const size = bytes.toString(16).padStart(8, '0');
    const rest = `0000000161${size}${'62'.repeat(bytes)}`;
    return extract(tracer, encoded({ count: 1, rest }))?.baggage?.a;
  };
  assert.equal(read(2048), 'b'.repeat(2048));
  assert.equal(read(8192), 'b'.repeat(2048));
  assert.equal(read(8193), undefined);
});
