import { gzipSync } from 'node:zlib';
import { kinds } from './kinds.mjs';
import { bytesOf, chunked, halfClose, one, pause } from './request.mjs';

const json = 'Content-Type: application/json';
const post = (title, headers, body, options) =>
  one(title, 'POST', '/echo', { headers, body, ...options });

/** Bodies that the application's parsers read. */
const parsed = [
  post('a JSON object', [json], '{"a":1,"b":[true,null,"\u00e9"]}'),
  post('a JSON list', [json], '[1,2,3]'),
  post('JSON with a charset', [`${json}; charset=utf-8`], '{"a":1}'),
  post('JSON in a charset that nobody has', [`${json}; charset=klingon`], '{"a":1}', {
    status: { default: [400, 415, 200], Koa: [400, 415, 500, 200] },
  }),
  post('JSON of a vendor', ['Content-Type: application/vnd.api+json'], '{"a":1}', {
    status: { default: 200, Fastify: 415 },
  }),
  post('JSON that is none', [json], '{"a":', { status: 400 }),
  post('JSON that is a bare value', [json], '"text"', { status: { default: [200, 400] } }),
  post('JSON of nothing', [json], '', { status: { default: [200, 400] } }),
  post(
    'JSON with a prototype in it',
    [json],
    '{"__proto__":{"x":1},"constructor":{"prototype":{}}}',
    {
      status: { default: 200, Fastify: 400, Koa: 400 },
    },
  ),
  post('JSON above the limit', [json], JSON.stringify({ long: 'x'.repeat(2000) }), { status: 413 }),
  post('JSON at the limit', [json], JSON.stringify({ long: 'x'.repeat(989) })),
  post('a form', ['Content-Type: application/x-www-form-urlencoded'], 'a=1&b=2&b=3&c=%C3%A9'),
  post(
    'a form with brackets',
    ['Content-Type: application/x-www-form-urlencoded'],
    'a[b]=1&a[c][]=2',
  ),
  post(
    'a form with a prototype in it',
    ['Content-Type: application/x-www-form-urlencoded'],
    '__proto__[x]=1&a=2',
  ),
  post(
    'a form above the limit',
    ['Content-Type: application/x-www-form-urlencoded'],
    'a=1&'.repeat(400),
    {
      status: 413,
    },
  ),
  post('text', ['Content-Type: text/plain'], 'text'),
  post('bytes', ['Content-Type: application/octet-stream'], Buffer.from([0, 1, 2, 254, 255])),
  post('bytes above the limit', ['Content-Type: application/octet-stream'], Buffer.alloc(3000, 7), {
    status: { default: 413, Koa: 200 },
  }),
  post('a content type that nobody reads', ['Content-Type: image/png'], 'png', {
    status: { default: 200, Fastify: 415 },
  }),
  post('a content type that is none', ['Content-Type: ;;;'], 'x', {
    status: { default: [200, 400, 415, 500] },
  }),
  post('no content type', [], 'untyped', { status: { default: 200, Fastify: [200, 415] } }),
  post('no body', ['Content-Length: 0'], ''),
  post('neither body nor length', [], undefined),
  post('gzip', [json, 'Content-Encoding: gzip'], gzipSync('{"zipped":true}'), {
    status: { default: 200, Fastify: 400 },
  }),
  post('an encoding that nobody has', [json, 'Content-Encoding: rot13'], '{"a":1}', {
    status: { default: [200, 415] },
  }),
  one('a body where none is expected', 'GET', '/json', { body: 'unexpected' }),
  one('a body of DELETE', 'DELETE', '/echo', { headers: [json], body: '{"a":1}' }),
  one('a body of PATCH', 'PATCH', '/echo', { headers: [json], body: '{"a":1}' }),
  one('a body where nothing is', 'POST', '/nothing', { headers: [json], body: '{}', status: 404 }),
  one('a body that a schema takes', 'POST', '/validated', {
    headers: [json],
    body: '{"name":"a"}',
    only: ['Fastify'],
  }),
  one('a body that a schema refuses', 'POST', '/validated', {
    headers: [json],
    body: '{}',
    status: 400,
    only: ['Fastify'],
  }),
];

const upload = ['Transfer-Encoding: chunked', json];

const chunks = [
  post('chunks', upload, chunked('{"a":', '1}')),
  post('chunks with extensions', upload, '7;a=b\r\n{"a":1}\r\n0;last\r\n\r\n'),
  post('chunks that are too much', upload, chunked('"', 'x'.repeat(1200), '"'), { status: 413 }),
  {
    title: 'chunks one after the other',
    steps: [
      bytesOf('POST', '/raw/read-text', { headers: ['Transfer-Encoding: chunked'] }),
      '5\r\none, \r\n',
      pause,
      '3\r\ntwo\r\n',
      pause,
      '0\r\n\r\n',
    ],
  },
  {
    title: 'a character that is cut in two',
    steps: [
      bytesOf('POST', '/raw/read-readable', { headers: ['Content-Length: 4'] }),
      Buffer.from([0xf0, 0x9f]),
      pause,
      Buffer.from([0x98, 0x80]),
    ],
  },
  {
    title: 'a request letter by letter',
    steps: [...bytesOf('POST', '/echo', { headers: [json], body: '{"slow":true}' })].flatMap(
      (byte, i) => (i % 40 === 0 ? [pause, Buffer.from([byte])] : [Buffer.from([byte])]),
    ),
  },
  {
    title: 'a client that ends its half after the request',
    steps: [bytesOf('POST', '/echo', { headers: [json], body: '{"half":true}' }), halfClose],
  },
  one('trailers', 'POST', '/raw/request-trailers', {
    headers: ['Transfer-Encoding: chunked', 'Trailer: X-Sum'],
    body: '3\r\nabc\r\n0\r\nX-Sum: 7\r\nuber-trace-id: 1:2:0:1\r\n\r\n',
  }),
  one('a body that is refused in the middle', 'POST', '/raw/read-and-refuse', {
    body: 'x'.repeat(2000),
    status: 413,
  }),
];

/** Every way to read a body, with one, with none, and in chunks. */
const readers = kinds.readers.flatMap((reader) => [
  one(`${reader} with a length`, 'POST', `/raw/${reader}`, { body: 'a body of a known length' }),
  one(`${reader} in chunks`, 'POST', `/raw/${reader}`, {
    headers: ['Transfer-Encoding: chunked'],
    body: chunked('a body ', 'in chunks'),
  }),
  one(`${reader} without a body`, 'GET', `/raw/${reader}`),
]);

const keys = [
  one('the properties of a request', 'GET', '/raw/keys'),
  one('the properties of a request with a body', 'POST', '/raw/keys', { body: 'x' }),
];

export const bodies = [...parsed, ...chunks, ...readers, ...keys];
