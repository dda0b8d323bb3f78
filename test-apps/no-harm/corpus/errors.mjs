import { kinds } from './kinds.mjs';
import { bytesOf, get, kept, one } from './request.mjs';

const statusOf = { teapot: 418, exposed: 503, headers: 429 };

const areas = ['errors', 'rejected', 'handled'];

export const errors = [
  ...areas.flatMap((area) =>
    kinds.errors.map((kind) =>
      get(`/${area}/${kind}`, {
        status: area === 'handled' ? 500 : expected(kind),
        only: thrownBy(kind),
      }),
    ),
  ),
  ...kinds.errors.map((kind) =>
    get(`/passed/${kind}`, { status: passed(kind), only: thrownBy(kind) }),
  ),
  get('/errors/after-headers'),
  one('HEAD of an error', 'HEAD', '/errors/plain', { status: 500 }),
  one('POST of an error', 'POST', '/errors/plain', {
    body: 'x',
    status: { default: 404, 'node:http': 500, Koa: 405 },
  }),
  get('/handled', { status: { default: 404, 'node:http': 500 } }),
  get('/%', { status: [400, 404, 500] }),
  get('/params/%E0%A4%A/two', { status: { default: [400, 500], Koa: 200 } }),
  get('/params/%00/two'),
  get('/static/%ZZ', { status: [400, 404, 500] }),
  get('/mounted/development', {
    only: ['Express'],
    status: 500,
  }),
  get('/mounted/shops/7/items/none', { status: { default: 200, Fastify: 400 } }),
  {
    title: 'an answer after an error on the same connection',
    steps: [kept('GET', '/errors/plain'), bytesOf('GET', '/json')],
    status: 500,
  },
  {
    title: 'an error after an answer on the same connection',
    steps: [kept('GET', '/json'), bytesOf('GET', '/errors/teapot')],
  },
];

function expected(kind) {
  if (kind === 'odd-status') return { default: 500, Express: [500, 999], 'Fastify 4': 999 };
  if (kind === 'code') return { default: 500, 'Koa 2': 404 };
  return statusOf[kind] ?? 500;
}

/** What a handler hands on instead of throwing it: Koa has `ctx.throw`, and Fastify sends a text as what it is. */
function passed(kind) {
  const status = expected(kind);
  const byFramework = typeof status === 'object' ? status : { default: status };
  return { ...byFramework, ...(kind === 'text' && { Fastify: 200 }), 'Koa 2': 400, Koa: 400 };
}

/** Koa writes on errors, and dies of one that is frozen. */
function thrownBy(kind) {
  return kind === 'frozen' ? ['node:http', 'Express', 'Fastify'] : undefined;
}
