import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { get, one } from './request.mjs';

const changed = 'Wed, 01 Jul 2026 12:00:00 GMT';
const contents = {
  'letters.txt': 'abcdefghijklmnopqrstuvwxyz'.repeat(10),
  'page.html': '<!doctype html><title>page</title>',
  'index.html': '<!doctype html><title>index</title>',
  'bytes.bin': Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
  'empty.txt': '',
  'large.txt': 'large '.repeat(40_000),
  'caf\u00e9 1.txt': 'unicode',
  '.hidden': 'hidden',
};

/** The files that the applications serve, with one date, because answers name it. */
export function writeFiles(folder) {
  mkdirSync(path.join(folder, 'sub'));
  for (const [name, content] of Object.entries(contents)) {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    utimesSync(file, new Date(changed), new Date(changed));
  }
}

const ranges = {
  '0-9': 206,
  '10-': 206,
  '-5': 206,
  '0-0': 206,
  '0-9999': 206,
  '0-1,4-5': [200, 206],
  '0-1,1-3': [200, 206],
  '500-600': 416,
  '9-1': [200, 416],
  nonsense: [200, 416],
};

/** As `send` makes it, of size and date. */
const tag = `W/"${contents['letters.txt'].length.toString(16)}-${Date.parse(changed).toString(16)}"`;

const fileOf = (title, headers, status, target = '/static/letters.txt') =>
  one(title, 'GET', target, { headers, status });

export const files = [
  ...['letters.txt', 'page.html', 'bytes.bin', 'empty.txt', 'large.txt', 'caf%C3%A9%201.txt'].map(
    (name) => get(`/static/${name}`),
  ),
  get('/static/'),
  get('/static/sub', { status: [301, 302, 404] }),
  get('/static/missing.txt', { status: 404 }),
  get('/static/.hidden', { status: [200, 403, 404] }),
  get('/static/../package.json', { status: [403, 404] }),
  get('/static/%2e%2e/package.json', { status: [403, 404] }),
  get('/static/letters.txt%00', { status: [400, 403, 404, 500] }),
  one('HEAD of a file that is served', 'HEAD', '/static/letters.txt'),
  one('POST of a file', 'POST', '/static/letters.txt', { status: [200, 404, 405] }),
  ...Object.entries(ranges).map(([range, status]) =>
    fileOf(`Range: bytes=${range}`, [`Range: bytes=${range}`], status),
  ),
  fileOf('Range in a unit that nobody has', ['Range: lines=1-2'], 200),
  fileOf('Range of a large file', ['Range: bytes=70000-200000'], 206, '/static/large.txt'),
  fileOf('Range of an empty file', ['Range: bytes=0-1'], [200, 416], '/static/empty.txt'),
  one('HEAD of a range', 'HEAD', '/static/letters.txt', {
    headers: ['Range: bytes=0-9'],
    status: [200, 206],
  }),
  fileOf('If-Range that holds', ['Range: bytes=0-9', `If-Range: ${changed}`], 206),
  fileOf('If-Range that does not', ['Range: bytes=0-9', 'If-Range: "other"'], 200),
  fileOf('If-None-Match that holds', [`If-None-Match: ${tag}`], 304),
  fileOf('If-None-Match in a list', [`If-None-Match: "a", ${tag}`], 304),
  fileOf('If-None-Match of anything', ['If-None-Match: *'], 304),
  fileOf('If-None-Match that does not', ['If-None-Match: "other"'], 200),
  fileOf('If-Modified-Since that holds', [`If-Modified-Since: ${changed}`], 304),
  fileOf(
    'If-Modified-Since that does not',
    ['If-Modified-Since: Wed, 01 Jan 2020 12:00:00 GMT'],
    200,
  ),
  fileOf('If-Match that does not', ['If-Match: "other"'], 412),
  fileOf(
    'If-Unmodified-Since that does not',
    ['If-Unmodified-Since: Wed, 01 Jan 2020 12:00:00 GMT'],
    412,
  ),
  fileOf(
    'Cache-Control that wants it anew',
    [`If-Modified-Since: ${changed}`, 'Cache-Control: no-cache'],
    200,
  ),
  fileOf('an answer that is fresh', ['If-None-Match: "fresh"'], 304, '/fresh'),
  fileOf('an answer that is not', ['If-None-Match: "stale"'], 200, '/fresh'),
  fileOf('an answer that has not changed', [`If-Modified-Since: ${changed}`], [200, 304], '/fresh'),
  { ...get('/tagged'), only: ['Koa', 'Fastify'] },
  { ...get('/sent/letters.txt'), only: ['Koa'] },
  { ...get('/sent/missing.txt', { status: 404 }), only: ['Koa'] },
];
