/** What the applications of all frameworks send and throw alike. */

export const longText = 'All work and no play makes Jack a dull boy.\n'.repeat(200);

export const longList = Array.from({ length: 200 }, (_, id) => ({ id, name: `item ${id}` }));

export const textChunks = ['one ', 'two ', 'three ', 'four ', 'five '];

export const eventChunks = [
  'data: 1\n\n',
  'event: named\ndata: 2\n\n',
  ': comment\n\n',
  'data: 3\n\n',
];

export const lastModified = 'Wed, 01 Jul 2026 12:00:00 GMT';

/** Bodies above this are refused. */
export const bodyLimit = 1000;

/** Headers beside the usual ones, by what is special in them. */
export const headersOf = {
  plain: { 'X-Plain': 'value' },
  list: { 'X-List': ['one', 'two', 'three'] },
  number: { 'X-Number': 42 },
  empty: { 'X-Empty': '' },
  latin: { 'X-Latin': 'caf\u00e9 \u00fc' },
  cases: { 'x-lower': '1', 'X-UPPER': '2', 'X-mIxEd': '3' },
  long: { 'X-Long': 'v'.repeat(12_000) },
  many: Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`X-Many-${i}`, `${i}`])),
  tracing: { 'uber-trace-id': '1:2:0:1', traceparent: 'made by the application' },
  timing: { 'Server-Timing': 'db;dur=5', 'Access-Control-Expose-Headers': 'Server-Timing' },
  prototype: { constructor: 'c', 'to-string': 't' },
  security: {
    'Content-Security-Policy': "default-src 'self'",
    'Strict-Transport-Security': 'max-age=1',
  },
};

/** What a handler throws, by name. The stack is fixed because error pages show it. */
export function errorOf(kind) {
  if (kind === 'text') return 'thrown text';
  const error = new TypeError(`error ${kind}`);
  error.stack = `TypeError: error ${kind}\n    at somewhere`;
  if (kind === 'teapot') error.status = error.statusCode = 418;
  if (kind === 'exposed') Object.assign(error, { status: 503, statusCode: 503, expose: true });
  if (kind === 'odd-status') error.status = error.statusCode = 999;
  if (kind === 'headers') {
    Object.assign(error, { status: 429, statusCode: 429, headers: { 'Retry-After': '7' } });
  }
  if (kind === 'code') error.code = 'ENOENT';
  if (kind === 'frozen') Object.freeze(error);
  return error;
}

export const echoOf = (request, body) => ({
  method: request.method,
  url: request.originalUrl ?? request.url,
  version: request.httpVersion,
  headers: request.headers,
  rawHeaders: request.rawHeaders,
  body: Buffer.isBuffer(body) ? body.toString('base64') : body,
});
