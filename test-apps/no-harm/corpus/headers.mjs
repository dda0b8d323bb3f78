import { kinds } from './kinds.mjs';
import { bytesOf, get, one } from './request.mjs';

export const headers = [
  ...kinds.headers.map((kind) => get(`/headers/${kind}`)),
  ...kinds.rawHeads.map(([name, status = 200]) => get(`/raw/${name}`, { status })),
  one('HEAD of a response by hand', 'HEAD', '/raw/write-head', { status: 201 }),
  one('duplicate headers', 'GET', '/raw/inspect', {
    headers: ['X-A: 1', 'X-A: 2', 'Cookie: a=1', 'Cookie: b=2', 'Accept: a', 'Accept: b'],
  }),
  one('headers that may stand there once', 'GET', '/raw/inspect', {
    headers: ['User-Agent: a', 'User-Agent: b', 'Referer: c', 'Referer: d', 'ETag: e', 'ETag: f'],
  }),
  one('names in mixed case', 'GET', '/raw/inspect', { headers: ['x-MiXeD: 1', 'X-UPPER: 2'] }),
  one('header bytes above ASCII', 'GET', '/raw/inspect', {
    headers: ['X-Unicode: caf\u00e9 \u{1f600}'],
  }),
  one('an empty header', 'GET', '/raw/inspect', { headers: ['X-Empty:', 'X-Blank:   '] }),
  one('blanks around a value', 'GET', '/raw/inspect', { headers: ['X-Blanks: \t a b \t '] }),
  one('a very long header', 'GET', '/raw/inspect', { headers: [`X-Long: ${'v'.repeat(12_000)}`] }),
  one('very many headers', 'GET', '/raw/inspect', {
    headers: Array.from({ length: 400 }, (_, i) => `X-Many-${i}: ${i}`),
  }),
  one('more headers than Node keeps', 'GET', '/raw/inspect', {
    headers: Array.from({ length: 2100 }, (_, i) => `M${i}:`),
    status: [200, 431],
  }),
  one('headers named as properties', 'GET', '/raw/inspect', {
    headers: ['__proto__: polluted', 'constructor: c', 'toString: t', 'hasOwnProperty: h'],
  }),
  one('headers named as properties, in an application', 'GET', '/echo', {
    headers: ['__proto__: polluted', 'constructor: c', 'toString: t'],
  }),
  one('headers of proxies', 'GET', '/raw/inspect', {
    headers: ['X-Forwarded-For: 1.2.3.4', 'Forwarded: for=1.2.3.4', 'X-Forwarded-Proto: https'],
  }),
  {
    title: 'no Host',
    steps: ['GET /json HTTP/1.1\r\nConnection: close\r\n\r\n'],
    status: 400,
  },
  {
    title: 'two Hosts',
    steps: [bytesOf('GET', '/raw/inspect', { headers: ['Host: second.test'] })],
    status: [200, 400],
  },
  one('a password in the address', 'GET', '/raw/inspect?password=secret&token=abc'),
];

const uber = 'uber-trace-id: 463ac35c9f6413ad:a2fb4a1d1a96d312:0';
const w3c = 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';

const contexts = {
  'a sampled uber-trace-id': [`${uber}:1`],
  'an unsampled uber-trace-id': [`${uber}:0`],
  'a debug uber-trace-id': [`${uber}:3`],
  'an escaped uber-trace-id': [`${uber}:1`.replaceAll(':', '%3A').replace('id%3A', 'id:')],
  'an empty uber-trace-id': ['uber-trace-id:'],
  'an uber-trace-id of nonsense': ['uber-trace-id: nonsense'],
  'an uber-trace-id of zeros': ['uber-trace-id: 0:0:0:1'],
  'an uber-trace-id with too many parts': [`${uber}:1:2:3`],
  'a very long uber-trace-id': [`uber-trace-id: ${'f'.repeat(5000)}:1:0:1`],
  'two uber-trace-ids': [`${uber}:1`, 'uber-trace-id: 1:2:0:1'],
  baggage: [`${uber}:1`, 'uberctx-user: 7', 'uberctx-Tenant: a%20b', 'uberctx-bad: %zz'],
  'baggage without a context': ['uberctx-user: 7'],
  'baggage named as a property': [`${uber}:1`, 'uberctx-__proto__: polluted', 'uberctx-: none'],
  'very much baggage': [
    `${uber}:1`,
    ...Array.from({ length: 100 }, (_, i) => `uberctx-k${i}: ${i}`),
  ],
  'a debug id': ['jaeger-debug-id: look-here', 'jaeger-baggage: a=1, b=2'],
  'a sampled traceparent': [`${w3c}-01`, 'tracestate: a=1,b=2'],
  'an unsampled traceparent': [`${w3c}-00`],
  'a traceparent of the future': [`${w3c}-01`.replace('00-', 'cc-')],
  'a malformed traceparent': ['traceparent: 00-xyz-1-01'],
  'two traceparents': [`${w3c}-01`, `${w3c}-00`],
  'both kinds of context': [`${uber}:1`, `${w3c}-00`],
  'contexts of others': ['b3: 1-2-1', 'X-B3-TraceId: 463ac35c9f6413ad', 'X-Amzn-Trace-Id: Root=1'],
};

/** What comes from other services: the application sees it as it came, and the answer does not name it. */
export const traceHeaders = Object.entries(contexts).flatMap(([title, lines]) => [
  one(title, 'GET', '/raw/inspect', { headers: lines }),
  one(`${title}, in an application`, 'POST', '/echo', {
    headers: [...lines, 'Content-Type: application/json'],
    body: '{"traced":true}',
  }),
]);
