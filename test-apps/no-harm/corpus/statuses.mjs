import { get, one } from './request.mjs';

const codes = [
  200, 201, 202, 203, 204, 205, 206, 207, 226, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402,
  403, 404, 405, 406, 408, 409, 410, 411, 412, 415, 418, 421, 422, 423, 425, 426, 428, 429, 431,
  451, 500, 501, 502, 503, 504, 507, 511,
];

const methods = ['HEAD', 'OPTIONS', 'TRACE', 'POST', 'PUT', 'PATCH', 'DELETE'];

// Fastify has to be told of each.
const rareMethod = { default: 200, Fastify: [200, 404] };

export const statuses = [
  ...codes.map((code) => get(`/status/${code}`, { status: code })),
  ...[299, 499, 599].map((code) => get(`/status/${code}`, { status: code })),
  ...[200, 404, 503].map((code) => get(`/reason/${code}`, { status: code })),
  get('/'),
  get('/?'),
  get('/nothing/here', { status: 404 }),
  get('/json', {}),
  one('HEAD of what has a body', 'HEAD', '/json'),
  one('HEAD of nothing', 'HEAD', '/nothing/here', { status: 404 }),
  one('HEAD of a status without a body', 'HEAD', '/status/204', { status: 204 }),
];

export const methodsAndTargets = [
  ...methods.map((method) => one(`${method} where every method goes`, method, '/method')),
  ...methods
    .filter((method) => method !== 'HEAD')
    .map((method) =>
      one(`${method} where only GET goes`, method, '/json', {
        status: notAllowed(method),
      }),
    ),
  one('PROPFIND, which HTTP alone does not have', 'PROPFIND', '/method', { status: rareMethod }),
  one('PURGE, of caches', 'PURGE', '/method', { status: rareMethod }),
  one('M-SEARCH, with a dash in it', 'M-SEARCH', '/method', { status: rareMethod }),
  one('QUERY, which only newer versions know', 'QUERY', '/method', { status: [200, 400, 404] }),
  one('a method that does not exist', 'FROB', '/method', { status: 400 }),
  one('a method in lower case', 'get', '/method', { status: 400 }),
  one('an empty method', '', '/method', { status: 400 }),
  one('OPTIONS of everything', 'OPTIONS', '*', {
    status: { default: 200, Express: 404, Fastify: 404, Koa: 404 },
  }),
  one('GET of *', 'GET', '*', { status: [200, 400, 404] }),
  one('a target with scheme and host', 'GET', 'http://other.test/json?x=1'),
  one('a target with an unknown scheme', 'GET', 'gopher://other.test/', {
    status: [200, 404, 400],
  }),
  one('CONNECT without a listener', 'CONNECT', 'other.test:443', { status: 0, asksAgain: true }),
  one('a target with a fragment', 'GET', '/query?a=1#fragment'),
  one('a target without a slash', 'GET', 'json', { status: [400, 404, 200] }),
];

function notAllowed(method) {
  if (method === 'OPTIONS') return [200, 204, 404];
  return { default: 404, 'node:http': 200, Koa: method === 'TRACE' ? 501 : 405 };
}
