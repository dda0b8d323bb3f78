import { abort, bytesOf, halfClose, kept, one, pause, waitFor } from './request.mjs';

const head = 'Host: example.test\r\nConnection: close\r\n';
const bad = (title, text, options) => ({
  title,
  steps: [text],
  status: 400,
  asksAgain: true,
  ...options,
});

/** What no parser should take; where they do in some version of Node, the answers are the same too. */
export const malformed = [
  bad('nonsense', 'nonsense\r\n\r\n'),
  bad('bytes of TLS', Buffer.from('160301020001000001fc0303', 'hex')),
  bad('only line breaks, then a request', `\r\n\r\nGET /json HTTP/1.1\r\n${head}\r\n`, {
    status: [200, 400],
  }),
  bad('no target', `GET HTTP/1.1\r\n${head}\r\n`),
  bad('two blanks in the request line', `GET  /json HTTP/1.1\r\n${head}\r\n`, {
    status: [200, 400],
  }),
  bad('a blank in the target', `GET /js on HTTP/1.1\r\n${head}\r\n`),
  bad('a control character in the target', `GET /js\x01on HTTP/1.1\r\n${head}\r\n`, {
    status: [400, 404],
  }),
  bad('a protocol that is not HTTP', `GET /json HTPP/1.1\r\n${head}\r\n`),
  bad('a version without a number', `GET /json HTTP/x.y\r\n${head}\r\n`),
  bad('bare line feeds', 'GET /json HTTP/1.1\nHost: example.test\nConnection: close\n\n', {
    status: [200, 400],
  }),
  bad('bare carriage returns', `GET /json HTTP/1.1\rHost: a\r\r${head}\r\n`),
  bad('a header without a colon', `GET /json HTTP/1.1\r\n${head}broken\r\n\r\n`),
  bad('a header with a blank in its name', `GET /json HTTP/1.1\r\n${head}bro ken: 1\r\n\r\n`),
  bad('a header without a name', `GET /json HTTP/1.1\r\n${head}: 1\r\n\r\n`),
  bad('a header with a zero in it', `GET /json HTTP/1.1\r\n${head}X-Zero: a\0b\r\n\r\n`),
  bad(
    'a header that goes on in the next line',
    `GET /raw/inspect HTTP/1.1\r\n${head}X-A: 1\r\n 2\r\n\r\n`,
    {
      status: [200, 400],
    },
  ),
  bad('a length that is no number', `POST /echo HTTP/1.1\r\n${head}Content-Length: nine\r\n\r\n`),
  bad('a negative length', `POST /echo HTTP/1.1\r\n${head}Content-Length: -1\r\n\r\n`),
  bad(
    'an enormous length',
    `POST /echo HTTP/1.1\r\n${head}Content-Length: 99999999999999999999999\r\n\r\n`,
  ),
  bad(
    'two lengths',
    `POST /echo HTTP/1.1\r\n${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
  ),
  bad(
    'a length and chunks',
    `POST /echo HTTP/1.1\r\n${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ),
  bad(
    'an encoding after chunked',
    `POST /echo HTTP/1.1\r\n${head}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
  ),
  bad(
    'chunks under a wrong name',
    `POST /echo HTTP/1.1\r\n${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    // Some have answered when Node finds out.
    { status: [200, 400] },
  ),
  bad(
    'a header that overflows',
    `GET /json HTTP/1.1\r\n${head}X-Big: ${'b'.repeat(20_000)}\r\n\r\n`,
    {
      status: 431,
    },
  ),
  bad('a target that overflows', `GET /${'t'.repeat(20_000)} HTTP/1.1\r\n${head}\r\n`, {
    status: [414, 431],
  }),
  bad('a chunk of no size', upload('zz\r\nabc\r\n0\r\n\r\n'), { status: brokenUpload() }),
  bad('a chunk that is longer than it says', upload('2\r\nabcdef\r\n0\r\n\r\n'), {
    status: brokenUpload(),
  }),
  bad('a chunk of enormous size', upload('fffffffffffffffff\r\nabc\r\n'), {
    status: brokenUpload(),
  }),
  bad('a good chunk and a broken one', upload('3\r\nabc\r\nxyz\r\n'), { status: brokenUpload() }),
  bad(
    'a body that is longer than it says',
    bytesOf('POST', '/raw/read-text', { headers: ['Content-Length: 3'], body: 'abcdef' }),
    {
      status: [200, 400],
    },
  ),
  bad('nothing at all', '', { steps: [halfClose], status: 0 }),
];

const gone = (title, steps, options) => ({
  title,
  steps: [...steps, pause, abort],
  status: 0,
  asksAgain: true,
  ...options,
});

/** Clients that go away; what had come until then, and that the next one is served. */
export const aborted = [
  gone('a client that says nothing', []),
  gone('in the request line', ['GET /js']),
  gone('in the headers', ['GET /json HTTP/1.1\r\nHost: exam']),
  gone('before the empty line', ['GET /json HTTP/1.1\r\nHost: example.test\r\n']),
  gone('before the body', [kept('POST', '/echo', { headers: ['Content-Length: 10'] })]),
  ...['/echo', '/raw/read-text', '/raw/read-data', '/raw/read-finished', '/raw/own-emit'].map(
    (target) => gone(`in the body of ${target}`, [halfBody(target)]),
  ),
  gone('in a chunk', [
    kept('POST', '/raw/read-data', { headers: ['Transfer-Encoding: chunked'], body: '9\r\nabc' }),
  ]),
  gone('while nobody answers', [kept('GET', '/raw/silent')]),
  gone('in the answer', [kept('GET', '/raw/first-half'), waitFor('half!')], { status: 200 }),
  gone('in an answer without end', [kept('GET', '/raw/endless'), waitFor('tick')], { status: 200 }),
  gone('in an event stream', [kept('GET', '/raw/events'), waitFor('data: 1')], { status: 200 }),
  gone('in a large answer', [kept('GET', '/raw/megabyte'), waitFor('megabyte')], { status: 200 }),
  gone('between two requests', [kept('GET', '/json'), waitFor('item 199"}]')], { status: 200 }),
  gone(
    'with a second request in the queue',
    [Buffer.concat([kept('GET', '/raw/first-half'), kept('GET', '/json')]), waitFor('half!')],
    { status: 200 },
  ),
  gone(
    'before the body that was promised may come',
    [
      kept('POST', '/echo', { headers: ['Expect: 100-continue', 'Content-Length: 10'] }),
      waitFor('100 Continue'),
    ],
    { status: 100 },
  ),
  {
    title: 'an end in the headers',
    steps: ['GET /json HTTP/1.1\r\nHost: exam', halfClose],
    status: [0, 400],
    asksAgain: true,
  },
  {
    title: 'an end in the body',
    steps: [halfBody('/raw/read-data'), halfClose],
    status: [0, 400],
    asksAgain: true,
  },
  one('an answer that the server cuts off', 'GET', '/raw/destroyed-later', { asksAgain: true }),
];

function upload(body) {
  return bytesOf('POST', '/raw/read-text', { headers: ['Transfer-Encoding: chunked'], body });
}

function halfBody(target) {
  return kept('POST', target, {
    headers: ['Content-Length: 10', 'Content-Type: application/json'],
    body: '{"a":',
  });
}

/** The parser finds the fault after the application has the request. */
function brokenUpload() {
  return [0, 400];
}
