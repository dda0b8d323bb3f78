import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  b3Codec,
  b3SingleCodec,
  type Codec,
  jaegerCodec,
  Propagation,
  w3cCodec,
} from '@spoor/core';
import { createTestTracer } from './helpers.js';

const malformedCount = 'jaeger:span_context_decoding_errors';

/** Each header that carries ids, with a value that is read, and what else has to be there. */
const idHeaders: { codec: Codec; name: string; value: string; others?: Record<string, string> }[] =
  [
    { codec: jaegerCodec, name: 'uber-trace-id', value: '1:2:0:1' },
    {
      codec: w3cCodec,
      name: 'traceparent',
      value: '00-00000000000000000000000000000001-0000000000000002-01',
    },
    { codec: b3Codec, name: 'b3', value: '1-2-1' },
    { codec: b3SingleCodec, name: 'b3', value: '1-2-1' },
    { codec: b3Codec, name: 'x-b3-traceid', value: '1', others: { 'x-b3-spanid': '2' } },
    { codec: b3SingleCodec, name: 'x-b3-spanid', value: '2', others: { 'x-b3-traceid': '1' } },
  ];

/** What somebody may send in place of a value that is read. */
const hostile: Record<string, (value: string) => unknown> = {
  'an empty text': () => '',
  'a megabyte': () => 'a'.repeat(1_000_000),
  'a megabyte of separators': () => ':-,;=%'.repeat(170_000),
  'too many fields': (value) => Array(1000).fill(value).join(':'),
  'the header twice, as Node joins it': (value) => `${value}, ${value}`,
  'the header twice, as an array': (value) => [value, value],
  'an empty array': () => [],
  'an array of arrays': (value) => [[value]],
  'an array that is longer than it is': () => new Array(1e9),
  'a number': () => 1,
  'a bigint': () => 1n,
  null: () => null,
  'a boolean': () => true,
  'a symbol': () => Symbol('1:2:0:1'),
  'a function': () => () => '1:2:0:1',
  'an object': (value) => ({ toString: () => value, length: 7 }),
  'a String object': (value) => new String(value),
  'spaces around': (value) => ` ${value} `,
  'a line break': (value) => `${value}\r\nset-cookie: a=1`,
  'a null character': (value) => `${value}\0`,
  'digits of another script': (value) => value.replaceAll('1', '１').replaceAll('2', '２'),
  'a minus sign': (value) => `-${value}`,
  'a hex prefix': (value) => `0x${value}`,
  'zeros alone': (value) => value.replaceAll(/[12]/g, '0'),
  'letters that are no digits': (value) => value.replaceAll(/[12]/g, 'g'),
  'half a character': (value) => `${value}\ud800`,
  'a name of Object.prototype': () => '__proto__',
};

test('every value that is hostile starts a new trace, is counted once, and throws nothing', () => {
  for (const { codec, name, value, others } of idHeaders) {
    const propagation = new Propagation([codec], [codec]);
    const good = createTestTracer({ propagation });
    assert.ok(good.tracer.extract('http_headers', { ...others, [name]: value })?.isValid, name);
    assert.deepEqual(good.metrics.counts, {});

    for (const [what, make] of Object.entries(hostile)) {
      const headers = { ...others, [name]: make(value) };
      const ways = {
        http_headers: createTestTracer({ propagation }),
        text_map: createTestTracer({ propagation }),
        request: createTestTracer({ propagation }),
      };
      const { http_headers, text_map, request } = ways;
      const rawHeaders = Object.keys(headers).flatMap((key) => [key, '']);
      const contexts = [
        http_headers.tracer.extract('http_headers', headers),
        text_map.tracer.extract('text_map', headers),
        request.tracer.extractRequest(headers as never, rawHeaders) ?? null,
      ];
      assert.deepEqual(contexts, [null, null, null], `${codec.name} ${name}: ${what}`);
      for (const { tracer, metrics, log } of Object.values(ways)) {
        assert.equal(metrics.counts[malformedCount], 1, `${codec.name} ${name}: ${what}`);
        assert.deepEqual(log.errors, []);
        const span = tracer.startSpan('new', { childOf: contexts[0] ?? null });
        assert.equal(span.context().toTraceId(), span.context().toSpanId());
      }
    }
  }
});

test('one hostile header beside a good one of another format costs one count and no trace', () => {
  const codecs = [jaegerCodec, w3cCodec, b3Codec];
  for (const { name, value, others } of idHeaders.slice(0, 3)) {
    const { tracer, metrics } = createTestTracer({ propagation: new Propagation(codecs, codecs) });
    const carrier = Object.fromEntries(idHeaders.slice(0, 3).map((header) => [header.name, 'x']));
    const context = tracer.extract('http_headers', { ...carrier, ...others, [name]: value });
    assert.equal(context?.isValid, true);
    // A format that is read is asked no further; those before it count as one.
    assert.equal(metrics.counts[malformedCount], name === 'uber-trace-id' ? undefined : 1);
  }
});

test('carriers that are hostile themselves give no context and throw nothing', () => {
  const codecs = [jaegerCodec, w3cCodec, b3Codec];
  const explode = (): never => {
    throw new Error('hostile');
  };
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const carriers: unknown[] = [
    ...[undefined, null, 7, 'uber-trace-id', true, Symbol('s'), () => {}, [], [['uber-trace-id']]],
    ...[new Map([['uber-trace-id', '1:2:0:1']]), new Date(), Buffer.from('uber-trace-id: 1:2:0:1')],
    Object.create({ 'uber-trace-id': '1:2:0:1' }),
    Object.defineProperty({}, 'uber-trace-id', { enumerable: true, get: explode }),
    Object.defineProperty({}, 'buffer', { get: explode }),
    ...[revoked, new Proxy({}, { ownKeys: explode }), new Proxy({ a: 1 }, { get: explode })],
    new Proxy({}, { getPrototypeOf: explode, getOwnPropertyDescriptor: explode, has: explode }),
    JSON.parse('{"__proto__":{"uber-trace-id":"1:2:0:1"},"constructor":1,"toString":2}'),
    Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`header-${i}`, 'v'])),
    { ['uber-trace-id'.repeat(100_000)]: '1:2:0:1' },
  ];
  const { tracer } = createTestTracer({ propagation: new Propagation(codecs, codecs) });
  const span = tracer.startSpan('charge');
  const formats = ['http_headers', 'text_map', 'binary'];
  for (const carrier of carriers) {
    assert.deepEqual(
      formats.map((format) => tracer.extract(format, carrier)),
      [null, null, null],
    );
    tracer.extractRequest(carrier as never, carrier as never);
    for (const format of formats) tracer.inject(span, format, carrier);
  }
});

test('hostile baggage leaves the trace and every other object alone', () => {
  const propagation = new Propagation([jaegerCodec, w3cCodec], [jaegerCodec, w3cCodec]);
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
  const headers: Record<string, unknown>[] = names.flatMap((name) => [
    JSON.parse(`{"uberctx-${name}":"polluted"}`),
    { 'jaeger-baggage': `${name}=polluted` },
    { baggage: `${name}=polluted,${name}.polluted=polluted` },
  ]);
  for (const header of headers) {
    const { tracer, metrics } = createTestTracer({ propagation });
    const context = tracer.extract('http_headers', { 'uber-trace-id': '1:2:0:1', ...header })!;
    assert.ok(Object.values(context.baggage!).every((value) => value === 'polluted'));
    const span = tracer.startSpan('child', { childOf: context });
    for (const name of names) span.setBaggageItem(name, 'own');
    const carrier = {};
    tracer.inject(span, 'http_headers', carrier);
    assert.equal(Object.getPrototypeOf(carrier), Object.prototype);
    assert.equal(span.getBaggageItem('__proto__'), 'own');
    assert.equal(tracer.startSpan('other').getBaggageItem('constructor'), undefined);
    assert.deepEqual(metrics.counts['jaeger:span_context_decoding_errors'], undefined);
  }
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  assert.equal(typeof {}.toString, 'function');
});

test('hostile headers beside the ids are left out, and the trace goes on', () => {
  const others = ['tracestate', 'baggage', 'jaeger-baggage', 'jaeger-debug-id', 'uberctx-a'];
  for (const name of others) {
    for (const [what, make] of Object.entries(hostile)) {
      const { tracer, log } = createTestTracer();
      const traceparent = idHeaders[1]!.value;
      const headers = { traceparent, [name]: make('1') };
      const context = tracer.extract('http_headers', headers);
      assert.equal(context?.toSpanId(), '0000000000000002', `${name}: ${what}`);
      const fromRequest = tracer.extractRequest(headers as never, [name, '']);
      assert.equal(fromRequest?.toSpanId(), '0000000000000002', `${name}: ${what}`);
      const carrier: Record<string, string> = {};
      tracer.inject(context!, 'http_headers', carrier);
      for (const value of Object.values(carrier)) assert.match(value, /^[\t\x20-\x7e]{0,8192}$/);
      assert.deepEqual(log.errors, []);
    }
  }
});
