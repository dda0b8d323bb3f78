import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJaegerCodec, jaegerCodec, Propagation, type Span } from '@spoor/core';
import { createTestTracer, Random, type TestTracer } from './helpers.js';

const malformedCount = 'jaeger:span_context_decoding_errors';

/** A tracer that reads and writes `uber-trace-id` alone. */
function jaegerTracer(options: { traceId128bit?: boolean } = {}): TestTracer {
  return createTestTracer({
    propagation: new Propagation([jaegerCodec], [jaegerCodec]),
    ...options,
  });
}

/** What is read of a header, as text; `undefined` for a malformed one, which must be counted once. */
function read(header: unknown): string | undefined {
  const { tracer, metrics } = jaegerTracer();
  const context = tracer.extract('http_headers', { 'uber-trace-id': header });
  assert.equal(metrics.counts[malformedCount], context === null ? 1 : undefined, String(header));
  assert.equal(context?.isRemote(), context === null ? undefined : true);
  return context?.toString();
}

function write(span: Span): unknown {
  const carrier: Record<string, unknown> = {};
  span.tracer().inject(span, 'http_headers', carrier);
  assert.deepEqual(Object.keys(carrier), ['uber-trace-id']);
  return carrier['uber-trace-id'];
}

test('ids are padded to 16 and 32 digits', () => {
  const id = (digits: string): string => digits.padStart(16, '0');
  const f = 'f'.repeat(16);
  const long = `123456789abcdef0${f}`;
  const table: Record<string, string> = {
    '1:2:0:1': `${id('1')}:${id('2')}:0:1`,
    '100:7f:0:1': `${id('100')}:${id('7f')}:0:1`,
    '1:2:3:0': `${id('1')}:${id('2')}:${id('3')}:0`,
    '1:2:0000000000000000:1': `${id('1')}:${id('2')}:0:1`,
    [`${f}:${f}:${f}:ff`]: `${f}:${f}:${f}:ff`,
    '20000000000000001:2:0:1': `${id('2')}${id('1')}:${id('2')}:0:1`,
    [`${long}:2:0:1`]: `${long}:${id('2')}:0:1`,
    [`${id('')}${f}:2:0:1`]: `${f}:${id('2')}:0:1`,
  };
  assert.deepEqual(
    Object.keys(table).map((header) => [header, read(header)]),
    Object.entries(table),
  );
});

test('upper-case digits are read and written in lower case', () => {
  assert.equal(read('ABCDEF:FED:0:1'), '0000000000abcdef:0000000000000fed:0:1');
});

test('flags are one or two hex digits, of which every bit is kept', () => {
  for (const flags of ['0', '1', '2', '3', '8', 'a', 'f', '10', 'ff']) {
    assert.equal(read(`1:2:0:${flags}`)?.split(':')[3], flags);
  }
  assert.equal(read('1:2:0:01')?.split(':')[3], '1');
  const { tracer } = jaegerTracer();
  const context = tracer.extract('text_map', { 'uber-trace-id': '1:2:0:3' });
  assert.deepEqual([context?.isSampled(), context?.isDebug()], [true, true]);
});

test('colons may be escaped', () => {
  const expected = '0000000000000001:0000000000000002:0:1';
  assert.equal(read('1%3A2%3A0%3A1'), expected);
  assert.equal(read('1%3a2:0%3a1'), expected);
  const f = 'f'.repeat(16);
  assert.equal(read(`${f}${f}%3A${f}%3A${f}%3Aff`), `${f}${f}:${f}:${f}:ff`);
});

test('a malformed header is no context and is counted once', () => {
  const digits = (count: number): string => '1'.repeat(count);
  const malformed = [
    ...['', ':', '::', ':::', '1', '1:2', '1:2:0', '1:2:0:1:', '1:2:0:1:1', ':1:2:0:1'],
    ...['1::0:1', ':2:0:1', '1:2::1', '1:2:0:', '1:2:0:1:5'],
    ...['0:2:0:1', '00000000000000000000000000000000:2:0:1', '1:0:0:1', '1:0000:0:1'],
    ...['1g:2:0:1', '1:2z:0:1', '1:2:x:1', '1:2:0:y', '1.5:2:0:1', '0x1f:2:0:1', '1_0:2:0:1'],
    ...[' 1:2:0:1', '1:2:0:1 ', '1: 2:0:1', '-1:2:0:1', '1:-2:0:1', '+1:2:0:1', '1:2:0:-1'],
    ...[`${digits(33)}:2:0:1`, `1:${digits(17)}:0:1`, `1:2:${digits(17)}:1`, '1:2:0:100'],
    ...[`0${digits(32)}:2:0:1`, `1:0${digits(16)}:0:1`, '1:2:0:001', '1:2:0:103'],
    ...['1%3:2:0:1', '1%3A2%3A0%3', '%:%:%:%', '1:2:0:1%', '１:2:0:1', '1:2:0:1\0', '\n1:2:0:1'],
    ...['1:2:0:1, 1:2:0:1', 'Infinity:2:0:1', 'x'.repeat(1_000_000), ':'.repeat(1_000_000)],
  ];
  assert.deepEqual(
    malformed.filter((header) => read(header) !== undefined),
    [],
  );
});

test('a header that is no text is malformed, an array of one text is that text', () => {
  for (const header of [1, true, null, {}, [], ['1:2:0:1', '1:2:0:1'], [7], Symbol('s')]) {
    assert.equal(read(header), undefined);
  }
  assert.equal(read(['1:2:0:1']), '0000000000000001:0000000000000002:0:1');
});

test('the header can have another name, in any case', () => {
  const codec = createJaegerCodec({ traceContextHeaderName: 'Trace-Context' });
  const { tracer } = createTestTracer({ propagation: new Propagation([codec], [codec]) });
  const context = tracer.extract('http_headers', {
    'trace-CONTEXT': '1:2:0:1',
    'uber-trace-id': '3:4:0:1',
  })!;
  assert.equal(context.toSpanId(), '0000000000000002');
  const carrier = {};
  tracer.inject(context, 'http_headers', carrier);
  assert.deepEqual(carrier, { 'trace-context': context.toString() });
});

test('what is injected is what is extracted', () => {
  for (const traceId128bit of [false, true]) {
    const { tracer } = jaegerTracer({ traceId128bit });
    for (let i = 0; i < 500; i++) {
      const root = tracer.startSpan('root');
      const child = tracer.startSpan('child', { childOf: root });
      for (const span of [root, child]) assert.equal(read(write(span)), span.toString());
    }
  }
});

test('a root says 0 for its parent, a child the span id of its parent', () => {
  const { tracer } = jaegerTracer();
  const root = tracer.startSpan('root');
  const child = tracer.startSpan('child', { childOf: root });
  const ids = [root, child].map((span) => span.context().toSpanId());
  assert.equal(write(root), `${ids[0]}:${ids[0]}:0:1`);
  assert.equal(write(child), `${ids[0]}:${ids[1]}:${ids[0]}:1`);
});

test('thirty thousand hostile headers are read exactly as the grammar says', () => {
  const grammar = /^([0-9a-f]{1,32}):([0-9a-f]{1,16}):([0-9a-f]{1,16}):([0-9a-f]{1,2})$/i;
  /** The grammar once more, with regular expressions and BigInt. */
  function expected(header: string): string | undefined {
    const [, trace = '0', span = '0', parent = '0', flags = '0'] =
      grammar.exec(header.replaceAll(/%3A/gi, ':')) ?? [];
    if (BigInt(`0x${trace}`) === 0n || BigInt(`0x${span}`) === 0n) return undefined;
    const hex = (digits: string, width: number): string =>
      BigInt(`0x${digits}`).toString(16).padStart(width, '0');
    const traceHex = hex(trace, 16);
    const parentHex = BigInt(`0x${parent}`) === 0n ? '0' : hex(parent, 16);
    const paddedTrace = traceHex.length > 16 ? traceHex.padStart(32, '0') : traceHex;
    return `${paddedTrace}:${hex(span, 16)}:${parentHex}:${hex(flags, 1)}`;
  }
  const random = new Random(7);
  const { tracer, metrics } = jaegerTracer();
  let malformed = 0;
  for (let i = 0; i < 30_000; i++) {
    const fields = [33, 17, 17, 3].map((maxDigits) =>
      random.text(random.pick(['0123456789abcdefABCDEF', '0123', '01', '0']), {
        minChars: random.pick([0, 1, 1, 1, 1, 1]),
        maxChars: maxDigits,
      }),
    );
    let header = fields.join(random.pick([':', ':', ':', '%3A', '%3a', '::']));
    if (random.fraction() < 0.2) {
      const at = random.int(0, header.length);
      header =
        header.slice(0, at) + random.text('g:%3A \0é😀-', { maxChars: 3 }) + header.slice(at);
    }
    const context = tracer.extract('http_headers', { 'uber-trace-id': header });
    assert.equal(context?.toString(), expected(header), JSON.stringify(header));
    if (context === null) malformed++;
  }
  assert.equal(metrics.counts[malformedCount], malformed);
  assert.ok(malformed > 5000 && malformed < 25_000, `${malformed} were malformed`);
});
