import assert from 'node:assert/strict';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createJaegerCodec, Propagation } from '@spoor/core';
import { createTestTracer, Random } from './helpers.js';

const ids = { 'uber-trace-id': '1:2:0:1' };

/** The baggage that is read of headers. */
function read(headers: Record<string, unknown>, format = 'http_headers'): Record<string, string> {
  const { tracer } = createTestTracer();
  return { ...tracer.extract(format, { ...ids, ...headers })!.baggage };
}

/** The headers of Jaeger that are written for baggage. */
function written(items: Record<string, string>, format = 'http_headers'): Record<string, string> {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  for (const [key, value] of Object.entries(items)) span.setBaggageItem(key, value);
  const carrier: Record<string, string> = {};
  tracer.inject(span, format, carrier);
  delete carrier['uber-trace-id'];
  delete carrier.traceparent;
  delete carrier.baggage;
  return carrier;
}

test('each item is a header of its own, percent-encoded for HTTP', () => {
  const items = { Captain: 'Leela vs. Bender', some_key: 'ä,;="%', plain: 'a-b_c.d~e' };
  const headers = {
    'uberctx-captain': 'Leela%20vs.%20Bender',
    'uberctx-some-key': '%C3%A4%2C%3B%3D%22%25',
    'uberctx-plain': 'a-b_c.d~e',
  };
  assert.deepEqual(written(items), headers);
  assert.deepEqual(read(headers), {
    captain: 'Leela vs. Bender',
    'some-key': 'ä,;="%',
    plain: 'a-b_c.d~e',
  });
});

test('a text map carries values as they are', () => {
  const items = { captain: 'Leela vs. Bender', percent: '100%25' };
  const headers = { 'uberctx-captain': 'Leela vs. Bender', 'uberctx-percent': '100%25' };
  assert.deepEqual(written(items, 'text_map'), headers);
  assert.deepEqual(read(headers, 'text_map'), items);
});

test('keys are normalised on the way in as on the span', () => {
  const { tracer } = createTestTracer();
  const context = tracer.extract('http_headers', { 'UBERCTX-Foo_Bar': 'v', ...ids })!;
  assert.deepEqual({ ...context.baggage }, { 'foo-bar': 'v' });
  assert.equal(tracer.startSpan('x', { childOf: context }).getBaggageItem('Foo_Bar'), 'v');
});

test('malformed escapes and plus signs stay as they are', () => {
  for (const value of ['%EA', '100%', '%', '%zz', 'a+b', '%E0%A4%A']) {
    assert.deepEqual(read({ 'uberctx-k': value }), { k: value });
  }
});

test('a prefix without a key and values that are no text are left out', () => {
  const headers = { 'uberctx-': 'v', 'uberctx-n': 7, 'uberctx-a': ['a', 'b'], 'uberctx-o': {} };
  assert.deepEqual(read({ ...headers, 'uberctx-null': null, 'uberctx-k': ['v'] }), { k: 'v' });
});

test('jaeger-baggage holds a list of items, for callers with and without a trace', () => {
  const table: [string, Record<string, string>][] = [
    ['kevin%20spacey=se7en%3Aactor', { 'kevin spacey': 'se7en:actor' }],
    ['key1=, key2=', { key1: '', key2: '' }],
    ['key3    =    value3 ', { key3: '    value3' }],
    ['a=1, Lord Nibbler, b_c = 2,, =3,e=f=g', { a: '1', 'b-c': ' 2' }],
    ['a=1,a=2,A=3', { a: '1' }],
    ['__proto__=1,constructor=2', { '--proto--': '1', constructor: '2' }],
    ['', {}],
    [',,,', {}],
    ['%EA=%EA', { '%ea': '%EA' }],
  ];
  for (const [header, items] of table) {
    assert.deepEqual(read({ 'Jaeger-Baggage': header }), items, header);
    const { tracer } = createTestTracer();
    const context = tracer.extract('http_headers', { 'jaeger-baggage': header });
    assert.deepEqual({ ...context?.baggage }, items, header);
  }
  assert.deepEqual(read({ 'jaeger-baggage': 'a%3D1=b%20c' }, 'text_map'), { 'a%3d1': 'b%20c' });
  assert.deepEqual(read({ 'jaeger-baggage': ['a=1', 'b=2'] }), { a: '1', b: '2' });
});

test('a trace that starts below jaeger-baggage carries it on', () => {
  const { tracer } = createTestTracer();
  const parent = tracer.extract('http_headers', { 'jaeger-baggage': 'tenant=acme' });
  const span = tracer.startSpan('root', { childOf: parent });
  assert.equal(span.getBaggageItem('tenant'), 'acme');
  const carrier: Record<string, string> = {};
  tracer.inject(span, 'http_headers', carrier);
  assert.equal(carrier['uberctx-tenant'], 'acme');
  assert.equal(carrier['jaeger-baggage'], undefined);
});

test('uberctx wins over jaeger-baggage', () => {
  const headers = { 'jaeger-baggage': 'a=list,b=list', 'uberctx-a': 'own' };
  assert.deepEqual(read(headers), { a: 'own', b: 'list' });
});

test('a flood of jaeger-baggage is cut to the items within 8192 characters', () => {
  const long = Array.from({ length: 40 }, (_, i) => `k${i}=${'v'.repeat(300)}`);
  const whole = long.filter((_, i) => long.slice(0, i + 1).join(',').length <= 8192);
  assert.equal(Object.keys(read({ 'jaeger-baggage': long.join(',') })).length, whole.length);
  assert.deepEqual(read({ 'jaeger-baggage': `a=${'x'.repeat(10_000)}` }), {});
  const many = Array.from({ length: 1000 }, (_, i) => `k${i}=v`).join(',');
  assert.equal(Object.keys(read({ 'jaeger-baggage': many })).length, 64);
});

test('both headers can have other names', () => {
  const codec = createJaegerCodec({
    traceBaggageHeaderPrefix: 'Baggage-',
    jaegerBaggageHeader: 'x-bag',
  });
  const { tracer } = createTestTracer({ propagation: new Propagation([codec], [codec]) });
  const headers = { ...ids, 'baggage-a': '1', 'x-bag': 'b=2', 'uberctx-c': '3' };
  const fromCarrier = tracer.extract('http_headers', headers)!;
  const fromRequest = tracer.extractRequest(headers, Object.entries(headers).flat())!;
  for (const context of [fromCarrier, fromRequest]) {
    assert.deepEqual({ ...context.baggage }, { a: '1', b: '2' });
  }
  const carrier: Record<string, unknown> = {};
  tracer.inject(fromCarrier, 'http_headers', carrier);
  assert.deepEqual(Object.keys(carrier), ['uber-trace-id', 'baggage-a', 'baggage-b']);
});

test('other headers are no baggage', () => {
  assert.deepEqual(read({ uberctx: 'a', 'x-uberctx-b': 'b', 'uberctxc-d': 'c', 'u-': 'd' }), {});
});

test('baggage is read where the ids are missing or malformed', () => {
  const { tracer } = createTestTracer();
  for (const header of [undefined, 'malformed']) {
    const context = tracer.extract('http_headers', { 'uber-trace-id': header, 'uberctx-a': '1' })!;
    assert.deepEqual({ ...context.baggage }, { a: '1' });
    assert.deepEqual([context.isValid, context.toTraceId(), context.toSpanId()], [false, '', '']);
    const carrier = {};
    tracer.inject(context, 'http_headers', carrier);
    assert.deepEqual(carrier, { 'uberctx-a': '1', baggage: 'a=1' });
  }
});

test('a flood of baggage is cut: 64 items, 2048 characters each, short keys', () => {
  const flood = Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => [`uberctx-k${i}`, 'v'.repeat(5000)]),
  );
  const kept = Array.from({ length: 64 }, (_, i) => [`k${i}`, 'v'.repeat(2048)]);
  assert.deepEqual(Object.entries(read(flood)), kept);
  assert.deepEqual(read({ [`uberctx-${'k'.repeat(300)}`]: 'v', 'uberctx-a': '1' }), { a: '1' });
  assert.deepEqual(read({ 'uberctx-a': '%20'.repeat(3000) }), { a: ' '.repeat(2048) });
});

test('names of Object.prototype are keys like any other', () => {
  const headers = JSON.parse('{"uberctx-__proto__":"a","uberctx-constructor":"b"}');
  const baggage = createTestTracer().tracer.extract('http_headers', headers)!.baggage!;
  assert.deepEqual(Object.entries(baggage), [
    ['--proto--', 'a'],
    ['constructor', 'b'],
  ]);
});

test('an item that cannot be a header is left out of HTTP, with the others in place', () => {
  const items = { 'with space': '1', ümlaut: '2', 'line\nbreak': '3', '': '4', fine: '5' };
  assert.deepEqual(written(items), { 'uberctx-fine': '5' });
  assert.equal(Object.keys(written(items, 'text_map')).length, 5);
});

test('a value with half a character becomes a header all the same', () => {
  assert.deepEqual(written({ a: 'x\ud83d' }), { 'uberctx-a': 'x%EF%BF%BD' });
  assert.deepEqual(written({ a: `${'x'.repeat(2047)}😀` }), {
    'uberctx-a': 'x'.repeat(2047),
  });
});

test('whatever is in the baggage, an HTTP request with its headers can be sent', async (t) => {
  const { tracer } = createTestTracer();
  const server = createServer((request, response) => {
    const context = tracer.extractRequest(request.headers, request.rawHeaders);
    response.end(JSON.stringify(context?.baggage ?? {}));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;

  const random = new Random(3);
  const alphabet = 'abcXYZ019-_.%+ ,;=:"\n\r\0äß中😀';
  for (let i = 0; i < 100; i++) {
    const span = tracer.startSpan('client');
    const items = Array.from({ length: random.int(1, 5) }, () => [
      random.text(alphabet, { maxChars: 8 }),
      random.text(alphabet, { maxChars: 40 }),
    ]) as [string, string][];
    for (const [key, value] of items) span.setBaggageItem(key, value);
    const headers: Record<string, string> = {};
    tracer.inject(span, 'http_headers', headers);
    const body = await new Promise<string>((resolve, reject) => {
      get({ host: '127.0.0.1', port, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      }).on('error', reject);
    });
    const token = /^[!#$%&'*+.^`|~\w-]+$/;
    const expected = Object.entries(span.baggage!).filter(([key]) => token.test(key));
    assert.deepEqual(JSON.parse(body), Object.fromEntries(expected));
  }
});

test('a request without baggage headers has no baggage, one with any spelling has', () => {
  const { tracer } = createTestTracer();
  const extract = (name: string): unknown =>
    tracer.extractRequest({ ...ids, [name.toLowerCase()]: 'v' }, ['uber-trace-id', '1', name, 'v'])
      ?.baggage;
  assert.deepEqual({ ...(extract('Uberctx-A') as object) }, { a: 'v' });
  assert.deepEqual({ ...(extract('UBERCTX-a') as object) }, { a: 'v' });
  assert.equal(extract('Upgrade'), undefined);
  assert.equal(extract('uberct'), undefined);
});
