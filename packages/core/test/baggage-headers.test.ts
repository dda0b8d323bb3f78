import assert from 'node:assert/strict';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createTestTracer, Random } from './helpers.js';

const ids = { 'uber-trace-id': '1:2:0:1' };

/** The baggage that is read of headers. */
function read(headers: Record<string, unknown>, format = 'http_headers'): Record<string, string> {
  const { tracer } = createTestTracer();
  return { ...tracer.extract(format, { ...ids, ...headers })!.baggage };
}

/** The headers that are written for baggage. */
function written(items: Record<string, string>, format = 'http_headers'): Record<string, string> {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  for (const [key, value] of Object.entries(items)) span.setBaggageItem(key, value);
  const carrier: Record<string, string> = {};
  tracer.inject(span, format, carrier);
  delete carrier['uber-trace-id'];
  delete carrier.traceparent;
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
    assert.deepEqual(carrier, { 'uberctx-a': '1' });
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
