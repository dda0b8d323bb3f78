import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Propagation, type Span, w3cCodec } from '@spoor/core';
import { createTestTracer } from './helpers.js';

const w3cOnly = { propagation: new Propagation([w3cCodec], [w3cCodec]) };

/** The baggage that is read of a header, with and without ids, from a request and from a carrier. */
function read(baggage: unknown): Record<string, string> {
  const { tracer, metrics } = createTestTracer();
  const headers = { 'uber-trace-id': '1:2:0:1', baggage };
  const contexts = [
    tracer.extract('http_headers', headers),
    tracer.extract('text_map', { Baggage: baggage }),
    tracer.extractRequest(headers as never, Object.entries(headers).flat() as never),
  ];
  const [first, ...others] = contexts.map((context) => ({ ...context?.baggage }));
  for (const other of others) assert.deepEqual(other, first);
  assert.deepEqual(metrics.counts, {});
  return first!;
}

/** The header that a child of the request with `header` writes, after `change`. */
function passedOn(header: string, change?: (span: Span) => void): string | undefined {
  const { tracer } = createTestTracer(w3cOnly);
  const parent = tracer.extract('http_headers', { baggage: header });
  const span = tracer.startSpan('child', { childOf: parent });
  change?.(span);
  const carrier: Record<string, string> = {};
  tracer.inject(tracer.startSpan('grandchild', { childOf: span }), 'http_headers', carrier);
  return carrier.baggage;
}

test('items travel in one header, percent-encoded, beside those of Jaeger', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  span.setBaggageItem('Captain', 'Leela vs. Bender').setBaggageItem('some_key', 'ä,;="%\\');
  const baggage = 'captain=Leela%20vs.%20Bender,some-key=%C3%A4%2C%3B%3D%22%25%5C';
  for (const format of ['http_headers', 'text_map']) {
    const carrier: Record<string, string> = {};
    tracer.inject(span, format, carrier);
    assert.equal(carrier.baggage, baggage);
    assert.ok(carrier['uberctx-captain']);
  }
  assert.deepEqual(read(baggage), { captain: 'Leela vs. Bender', 'some-key': 'ä,;="%\\' });
});

test('members are read by the grammar, and those that are none are left out', () => {
  const table: [unknown, Record<string, string>][] = [
    ['a=1,b=2;p1;p2=x , c = 3 ;q', { a: '1', b: '2', c: '3' }],
    ['a=,b==,c=x=y', { a: '', b: '=', c: 'x=y' }],
    ['a,=1,b c=2,d;e=1,ü=1,f=2', { f: '2' }],
    ['a=%EA,b=%zz,c=a+b', { a: '%EA', b: '%zz', c: 'a+b' }],
    ['a=bär,c=\u0000,d=1', { d: '1' }],
    ['a=1,a=2,A=3', { a: '1' }],
    ['__proto__=1,constructor=2,toString=3', { '--proto--': '1', constructor: '2', tostring: '3' }],
    [['a=1', 'b=2'], { a: '1', b: '2' }],
    ...['', ',,,', '=', ';', 7, {}, null, [], ['a=1', 2]].map(
      (odd): [unknown, Record<string, string>] => [odd, {}],
    ),
  ];
  for (const [header, items] of table) assert.deepEqual(read(header), items, String(header));
});

test('a flood is cut: 64 members, 8192 characters, 2048 of one value', () => {
  const many = Array.from({ length: 1000 }, (_, i) => `k${i}=v`).join(',');
  assert.equal(Object.keys(read(many)).length, 64);
  assert.deepEqual(read(`a=${'x'.repeat(9000)}`), {});
  assert.deepEqual(read(`a=1,b=${'x'.repeat(9000)}`), { a: '1' });
  assert.deepEqual(read(`a=${'x'.repeat(3000)}`), { a: 'x'.repeat(2048) });
  assert.deepEqual(read(`${'k'.repeat(300)}=1,a=1`), { a: '1' });
});

test('what is written has at most 8192 characters, of whole members', () => {
  const { tracer } = createTestTracer(w3cOnly);
  const span = tracer.startSpan('charge');
  for (let i = 0; i < 6; i++) span.setBaggageItem(`k${i}`, 'v'.repeat(2000));
  span.setBaggageItem('last', '1').setBaggageItem('no name', '2');
  const carrier: Record<string, string> = {};
  tracer.inject(span, 'http_headers', carrier);
  const keys = carrier.baggage?.split(',').map((member) => member.split('=')[0]);
  assert.deepEqual(keys, ['k0', 'k1', 'k2', 'k3', 'last']);
  assert.ok(carrier.baggage!.length <= 8192);
});

test('a member keeps spelling and properties until the item is changed', () => {
  const header = 'userId=Am%C3%A9lie,server_node=DF%2028,isProduction=false;ttl=10;x';
  assert.equal(passedOn(header), header);
  assert.equal(
    passedOn(header, (span) => span.setBaggageItem('isProduction', 'true')),
    'userId=Am%C3%A9lie,server_node=DF%2028,isproduction=true',
  );
  assert.equal(
    passedOn(header, (span) => span.setBaggageItem('userid', null).setBaggageItem('new', '1')),
    'server_node=DF%2028,isProduction=false;ttl=10;x,new=1',
  );
  const { tracer } = createTestTracer(w3cOnly);
  const parent = tracer.extract('http_headers', { baggage: header });
  assert.equal(tracer.startSpan('a', { childOf: parent }).getBaggageItem('userId'), 'Amélie');
});

test('of one key in several headers that of the format that is read first stays', () => {
  const { tracer } = createTestTracer();
  const headers = {
    'uberctx-a': 'uberctx',
    'jaeger-baggage': 'a=list,b=list',
    baggage: 'a=w3c,b=w3c,c=w3c',
  };
  const context = tracer.extract('http_headers', headers)!;
  assert.deepEqual({ ...context.baggage }, { a: 'uberctx', b: 'list', c: 'w3c' });
});
