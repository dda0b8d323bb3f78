import { abort, bytesOf, chunked, kept, one, pause, waitFor } from './request.mjs';

const json = 'Content-Type: application/json';
const expects = 'Expect: 100-continue';

const keptAlive = [
  {
    title: 'three requests, each after the answer',
    steps: [
      kept('GET', '/raw/status-message'),
      waitFor('said'),
      kept('POST', '/echo', { headers: [json], body: '{"second":2}' }),
      waitFor('second'),
      bytesOf('GET', '/json'),
    ],
    status: 202,
  },
  {
    title: 'three requests in one write',
    steps: [Buffer.concat([kept('GET', '/'), kept('GET', '/json'), bytesOf('GET', '/method')])],
  },
  {
    title: 'a slow answer before quick ones',
    steps: [
      Buffer.concat([
        kept('GET', '/raw/slow'),
        kept('GET', '/raw/late-answer'),
        bytesOf('GET', '/'),
      ]),
    ],
  },
  {
    title: 'bodies in one write',
    steps: [
      Buffer.concat([
        kept('POST', '/raw/read-text', { body: 'first' }),
        kept('POST', '/raw/read-data', {
          headers: ['Transfer-Encoding: chunked'],
          body: chunked('se', 'cond'),
        }),
        bytesOf('POST', '/echo', { headers: [json], body: '{"third":3}' }),
      ]),
    ],
  },
  {
    title: 'a request after one whose body nobody read',
    steps: [kept('POST', '/raw/read-nothing', { body: 'unread' }), bytesOf('GET', '/')],
  },
  {
    title: 'a request after HEAD, 204 and 304',
    steps: [
      Buffer.concat([
        kept('HEAD', '/json'),
        kept('GET', '/status/204'),
        kept('GET', '/status/304'),
        bytesOf('GET', '/'),
      ]),
    ],
  },
  {
    title: 'requests after the application has closed the connection',
    steps: [Buffer.concat([kept('GET', '/raw/closed-by-application'), bytesOf('GET', '/')])],
  },
  {
    title: 'a broken request after a good one',
    steps: [Buffer.concat([kept('GET', '/'), Buffer.from('BROKEN\r\n\r\n')])],
    // Some answer the good one a moment later than Node the broken one.
    status: { default: 200, Fastify: [200, 400], Koa: [200, 400] },
  },
  {
    title: 'traces of different callers on one connection',
    steps: [
      Buffer.concat([
        kept('GET', '/raw/inspect', { headers: ['uber-trace-id: 1:2:0:1'] }),
        kept('GET', '/raw/inspect', { headers: ['uber-trace-id: 3:4:0:0'] }),
        bytesOf('GET', '/raw/inspect'),
      ]),
    ],
  },
  {
    title: 'more requests than the server takes on one connection',
    steps: [
      Buffer.concat(Array.from({ length: 7 }, () => kept('GET', '/method'))),
      waitFor('503'),
      waitFor('503'),
      abort,
    ],
    server: 'listening',
  },
  {
    title: 'what happens to a request that is answered',
    steps: [
      kept('POST', '/raw/watched?key=answered', { body: 'x' }),
      bytesOf('GET', '/raw/history?key=answered'),
    ],
  },
  {
    title: 'what happens to a request that is aborted',
    steps: [
      kept('POST', '/raw/watched?unanswered&key=aborted', {
        headers: ['Content-Length: 9'],
        body: 'x',
      }),
      waitFor('watched'),
      abort,
    ],
    asksAgain: '/raw/history?key=aborted',
  },
];

const expecting = [
  one('Expect: 100-continue', 'POST', '/echo', {
    headers: [expects, json],
    body: '{"a":1}',
    status: 100,
  }),
  {
    title: 'Expect: 100-continue, and the body when it may come',
    steps: [
      bytesOf('POST', '/echo', { headers: [expects, json, 'Content-Length: 7'] }),
      waitFor('100 Continue'),
      '{"a":1}',
    ],
    status: 100,
  },
  one('Expect: 100-continue without a body', 'GET', '/json', { headers: [expects], status: 100 }),
  one('Expect: 100-continue of HTTP/1.0', 'GET', '/json', {
    headers: [expects],
    version: '1.0',
    status: [100, 200],
  }),
  one('an expectation that nobody knows', 'GET', '/json', {
    headers: ['Expect: miracles'],
    status: 417,
  }),
];

const listening = [
  {
    title: 'an upgrade that is taken',
    steps: [upgrade('/taken'), waitFor('\r\n\r\n'), 'hello ', pause, 'bye'],
    status: 101,
  },
  {
    title: 'an upgrade with its first bytes',
    steps: [Buffer.concat([upgrade('/taken'), Buffer.from('early bye')])],
    status: 101,
  },
  { title: 'an upgrade that is refused', steps: [upgrade('/refused')], status: 403 },
  { title: 'an upgrade that is cut off', steps: [upgrade('/destroyed')], status: 0 },
  {
    title: 'an upgrade after an answer',
    steps: [kept('GET', '/json'), waitFor('item 199"}]'), upgrade('/refused')],
  },
  {
    title: 'CONNECT with a listener',
    steps: [bytesOf('CONNECT', 'other.test:443'), waitFor('\r\n\r\n'), 'through bye'],
  },
  one('Expect: 100-continue with a listener', 'POST', '/echo', {
    headers: [expects, json],
    body: '{"a":1}',
    status: 100,
  }),
  one('Expect: 100-continue that is refused', 'POST', '/refused', {
    headers: [expects, json, 'Content-Length: 9'],
    status: 413,
  }),
  one('an expectation with a listener', 'GET', '/json', {
    headers: ['Expect: miracles'],
    status: 417,
  }),
  { title: 'a broken request with a listener', steps: ['BROKEN\r\n\r\n'], status: 400 },
  one('a request that no listener is for', 'GET', '/json'),
].map((listened) => ({ ...listened, server: 'listening', asksAgain: true }));

const upgradesNobodyTakes = [
  {
    title: 'an upgrade that nobody listens for',
    steps: [bytesOf('GET', '/json', { headers: ['Upgrade: websocket', 'Connection: Upgrade'] })],
  },
  one('an upgrade without Connection', 'GET', '/json', { headers: ['Upgrade: websocket'] }),
  one('an upgrade to HTTP/2', 'GET', '/json', {
    headers: ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'],
  }),
];

export const connections = [...keptAlive, ...expecting, ...listening, ...upgradesNobodyTakes];

function upgrade(target) {
  return kept('GET', target, { headers: ['Upgrade: test', 'Connection: Upgrade'] });
}
