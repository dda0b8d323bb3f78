import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Propagation, w3cCodec } from '@spoor/core';
import { createTestTracer, Random, type TestTracer } from './helpers.js';

const malformedCount = 'jaeger:span_context_decoding_errors';
const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

/** A tracer that reads and writes `traceparent` alone. */
function w3cTracer(options: { traceId128bit?: boolean } = {}): TestTracer {
  return createTestTracer({ propagation: new Propagation([w3cCodec], [w3cCodec]), ...options });
}

/** What is read of a header, as text; `undefined` for a malformed one, which must be counted once. */
function read(header: unknown): string | undefined {
  const { tracer, metrics } = w3cTracer();
  const context = tracer.extract('http_headers', { traceparent: header });
  assert.equal(metrics.counts[malformedCount], context === null ? 1 : undefined, String(header));
  return context?.toString();
}

test('version 00 is read; the parent is unknown', () => {
  assert.equal(read(`00-${trace}-${span}-01`), `${trace}:${span}:0:1`);
  assert.equal(read(`00-${trace}-${span}-00`), `${trace}:${span}:0:0`);
});

test('of the flags only sampled means something', () => {
  for (const [flags, sampled] of Object.entries({ '02': 0, '03': 1, fe: 0, ff: 1 })) {
    assert.equal(read(`00-${trace}-${span}-${flags}`), `${trace}:${span}:0:${sampled}`);
  }
});

test('later versions are read as far as version 00 goes', () => {
  for (const version of ['01', '7f', 'cc', 'fe']) {
    for (const rest of ['', '-', '-what-the-future-brings', '--']) {
      assert.equal(read(`${version}-${trace}-${span}-01${rest}`), `${trace}:${span}:0:1`);
    }
  }
});

test('a malformed header is no context and is counted once', () => {
  const malformed = [
    ...['', '00', '-', `00-${trace}-${span}`, `00-${trace}-${span}-`, `00-${trace}-${span}-1`],
    ...[`ff-${trace}-${span}-01`, `ff-${trace}-${span}-01-x`, `0-${trace}-${span}-01`],
    ...[`00-${trace}-${span}-01-`, `00-${trace}-${span}-01-x`, `00-${trace}-${span}-011`],
    ...[`01-${trace}-${span}-01x`, `01-${trace}-${span}-011`, `01-${trace}-${span}-01.x`],
    ...[`00-${trace.toUpperCase()}-${span}-01`, `00-${trace}-${span.toUpperCase()}-01`],
    ...[`0A-${trace}-${span}-01`, `00-${trace}-${span}-0A`, `FF-${trace}-${span}-01`],
    ...[`00-${'0'.repeat(32)}-${span}-01`, `00-${trace}-${'0'.repeat(16)}-01`],
    ...[`00-${trace.slice(1)}-${span}-01`, `00-0${trace}-${span}-01`, `00-${trace}-0${span}-01`],
    ...[`00_${trace}-${span}-01`, `00-${trace}_${span}-01`, `00-${trace}-${span}_01`],
    ...[
      `.0-${trace}-${span}-01`,
      `00-${trace}-${span}-.1`,
      `00-${trace.replace('f', 'g')}-${span}-01`,
    ],
    ...[
      ` 00-${trace}-${span}-01`,
      `00-${trace}-${span}-01 `,
      `01-${trace}-${span}-01-${'x'.repeat(1e6)}`,
    ],
    ...[`00-${trace}-${span}-01,00-${trace}-${span}-01`, `00-${'é'.repeat(32)}-${span}-01`],
  ];
  assert.deepEqual(
    malformed.filter((header) => read(header) !== undefined),
    [],
  );
});

test('a header that is no text is malformed, an array of one text is that text', () => {
  for (const header of [1, true, null, {}, [], ['a', 'b']]) assert.equal(read(header), undefined);
  assert.equal(read([`00-${trace}-${span}-01`]), `${trace}:${span}:0:1`);
});

test('a 64-bit trace id is written with zeros in front, and read back as 64 bits', () => {
  const { tracer } = w3cTracer();
  const root = tracer.startSpan('root');
  const carrier: Record<string, string> = {};
  tracer.inject(root, 'http_headers', carrier);
  const id = root.context().toTraceId();
  assert.deepEqual(carrier, { traceparent: `00-${'0'.repeat(16)}${id}-${id}-01` });
  assert.equal(read(carrier.traceparent), `${id}:${id}:0:1`);
});

test('what is injected is what is extracted, but for the parent', () => {
  const { tracer } = w3cTracer({ traceId128bit: true });
  for (let i = 0; i < 500; i++) {
    const child = tracer.startSpan('child', { childOf: tracer.startSpan('root') });
    const carrier: Record<string, string> = {};
    tracer.inject(child, 'http_headers', carrier);
    const { traceId, spanId } = {
      traceId: child.context().toTraceId(),
      spanId: child.context().toSpanId(),
    };
    assert.deepEqual(carrier, { traceparent: `00-${traceId}-${spanId}-01` });
    assert.equal(read(carrier.traceparent), `${traceId}:${spanId}:0:1`);
  }
});

test('only the sampled flag is written', () => {
  const { tracer } = createTestTracer();
  for (const [flags, written] of Object.entries({ 0: '00', 1: '01', 2: '00', 3: '01', ff: '01' })) {
    const context = tracer.extract('text_map', { 'uber-trace-id': `1:2:0:${flags}` })!;
    const carrier: Record<string, string> = {};
    tracer.inject(context, 'text_map', carrier);
    assert.equal(carrier.traceparent?.slice(-3), `-${written}`);
  }
});

test('thirty thousand hostile headers are read exactly as the grammar says', () => {
  const grammar = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/s;
  function expected(header: string): string | undefined {
    const [, version, traceId = '', spanId = '', flags = '', rest] = grammar.exec(header) ?? [];
    if (version === undefined || (version === '00' && rest !== undefined)) return undefined;
    if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
    const short = traceId.startsWith('0'.repeat(16)) ? traceId.slice(16) : traceId;
    return `${short}:${spanId}:0:${Number.parseInt(flags, 16) & 1}`;
  }
  const random = new Random(11);
  const { tracer, metrics } = w3cTracer();
  const digits = (count: number): string =>
    random.text('0123456789abcdef', { minChars: count, maxChars: count });
  let malformed = 0;
  for (let i = 0; i < 30_000; i++) {
    const version = random.pick(['00', '00', '00', '01', 'ff', digits(2)]);
    const traceId = random.pick([
      digits(32),
      digits(32),
      `${'0'.repeat(16)}${digits(16)}`,
      '0'.repeat(32),
    ]);
    let header = `${version}-${traceId}-${digits(16)}-${digits(2)}`;
    if (random.fraction() < 0.2) header += `-${digits(random.int(0, 5))}`;
    if (random.fraction() < 0.3) {
      const at = random.int(0, header.length);
      const inserted = random.text('gF-0 \0é😀', { maxChars: 2 });
      header = header.slice(0, at) + inserted + header.slice(at + random.int(0, 2));
    }
    const context = tracer.extract('http_headers', { traceparent: header });
    assert.equal(context?.toString(), expected(header), JSON.stringify(header));
    if (context === null) malformed++;
  }
  assert.equal(metrics.counts[malformedCount], malformed);
  assert.ok(malformed > 5000 && malformed < 25_000, `${malformed} were malformed`);
});
