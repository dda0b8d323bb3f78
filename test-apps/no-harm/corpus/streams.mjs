import { kinds } from './kinds.mjs';
import { get, one } from './request.mjs';

const streams = [
  ...['file', 'chunks', 'events'].map((kind) => get(`/streams/${kind}`)),
  get('/streams/missing', { status: { default: 500, Koa: [0, 404], 'Fastify 4': [404, 500] } }),
  one('HEAD of a stream', 'HEAD', '/streams/chunks'),
  one('HEAD of a file', 'HEAD', '/streams/file'),
  one('HEAD of chunks by hand', 'HEAD', '/raw/chunks'),
  ...kinds.rawBodies.map(([name, status = 200]) => get(`/raw/${name}`, { status })),
];

const encodings = [
  'gzip',
  'deflate',
  'br',
  'identity',
  'gzip;q=0, br',
  'gzip, deflate, br',
  '*',
  'rot13',
];

const compressed = [
  ...encodings.flatMap((encoding) =>
    ['text', 'json'].map((kind) =>
      one(`${kind} as ${encoding}`, 'GET', `/compressed/${kind}`, {
        headers: [`Accept-Encoding: ${encoding}`],
        status: [200, 406],
      }),
    ),
  ),
  one('a stream as gzip', 'GET', '/compressed/stream', { headers: ['Accept-Encoding: gzip'] }),
  one('a stream as br', 'GET', '/compressed/stream', { headers: ['Accept-Encoding: br'] }),
  one('what is too small', 'GET', '/compressed/small', { headers: ['Accept-Encoding: gzip'] }),
  one('HEAD of what is compressed', 'HEAD', '/compressed/text', {
    headers: ['Accept-Encoding: gzip'],
  }),
  get('/compressed/text'),
];

export const streamsAndCompression = [...streams, ...compressed];
