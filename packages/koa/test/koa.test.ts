import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import Router from '@koa/router';
import { ConstSampler, InMemoryReporter, type RecordedSpan, type Span, Tracer } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/koa';
import { awaitSpans, listen, tracedRequests } from '@spoor/testing';
import Koa3 from 'koa';
import Koa2 from 'koa-2';
import mount from 'koa-mount';
import route from 'koa-route';
import OldRouter from 'koa-router';

const versions = [
  { name: 'Koa 3', Koa: Koa3 },
  { name: 'Koa 2', Koa: Koa2 },
];

interface Traced {
  readonly app: Koa3;
  /** Starts the application, asks for the path, and resolves with the span. */
  request(path: string): Promise<RecordedSpan>;
}

function traced(t: TestContext, Koa: typeof Koa3): Traced {
  const reporter = new InMemoryReporter();
  const finished = awaitSpans(reporter);
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  const app = new Koa();
  app.silent = true;
  app.use(jaegerMiddleware({ tracer }));
  return {
    app,
    async request(path) {
      const url = await listen(t, createServer(app.callback()));
      return (await tracedRequests(url, reporter, finished)(path)).span;
    },
  };
}

for (const { name, Koa } of versions) {
  test(`${name}: ctx.span is the span, and typed`, async (t) => {
    const { app, request } = traced(t, Koa);
    let seen: Span | undefined;
    app.use((ctx) => {
      seen = ctx.span;
      ctx.body = 'ok';
    });

    const span = await request('/');

    assert.equal(seen?.toString(), span.context.toString());
  });

  for (const [routerName, AnyRouter] of [
    ['@koa/router', Router],
    ['koa-router', OldRouter as unknown as typeof Router],
  ] as const) {
    test(`${name}: the prefixes of nested routers of ${routerName} are in the route`, async (t) => {
      const { app, request } = traced(t, Koa);
      const inner = new AnyRouter({ prefix: '/items' });
      inner.get('/:item', (ctx) => {
        ctx.body = 'ok';
      });
      const outer = new AnyRouter({ prefix: '/shops/:shop' });
      outer.use(inner.routes());
      app.use(outer.routes());

      const span = await request('/shops/1/items/2');

      assert.equal(span.operationName, 'GET /shops/:shop/items/:item');
    });
  }

  test(`${name}: where an application is mounted is in the route`, async (t) => {
    const { app, request } = traced(t, Koa);
    const router = new Router();
    router.get('/users/:id', (ctx) => {
      ctx.body = 'ok';
    });
    const [inner, middle] = [new Koa(), new Koa()];
    inner.use(router.routes());
    middle.use(mount('/v1', inner));
    app.use(mount('/api', middle));

    const span = await request('/api/v1/users/42?page=2');

    assert.equal(span.operationName, 'GET /api/v1/users/:id');
  });

  test(`${name}: the root of a mounted application is where it is mounted`, async (t) => {
    const { app, request } = traced(t, Koa);
    const router = new Router();
    router.get('/', (ctx) => {
      ctx.body = 'ok';
    });
    app.use(mount('/api', router.routes()));

    assert.equal((await request('/api')).operationName, 'GET /api');
  });

  test(`${name}: a route that takes any number of segments has the innermost mount before it`, async (t) => {
    const { app, request } = traced(t, Koa);
    const router = new Router();
    router.get('/files/{*path}', (ctx) => {
      ctx.body = 'ok';
    });
    app.use(mount('/api', router.routes()));

    assert.equal((await request('/api/files/a/b/c')).operationName, 'GET /api/files/{*path}');
  });

  test(`${name}: koa-route names by its path`, async (t) => {
    const { app, request } = traced(t, Koa);
    app.use(
      route.get('/users/:id', (ctx, id) => {
        ctx.body = id;
      }),
    );

    assert.equal((await request('/users/42')).operationName, 'GET /users/:id');
  });

  test(`${name}: a route is not lost when its handler passes the request on`, async (t) => {
    const { app, request } = traced(t, Koa);
    const router = new Router();
    router.get('/users/:id', (_, next) => next());
    app.use(router.routes());
    app.use((ctx) => {
      ctx.body = 'later';
    });

    assert.equal((await request('/users/42')).operationName, 'GET /users/:id');
  });

  test(`${name}: ctx.throw is the status that it says, with the reason logged`, async (t) => {
    const { app, request } = traced(t, Koa);
    const router = new Router();
    router.get('/secret', (ctx) => ctx.throw(403, 'not for you'));
    app.use(router.routes());

    const span = await request('/secret');

    assert.equal(span.operationName, 'GET /secret');
    assert.equal(span.tags['http.status_code'], 403);
    assert.equal(span.tags.error, undefined);
    assert.equal(span.logs[0]?.fields.message, 'not for you');
  });

  test(`${name}: an error that middleware in front handles is judged by the status`, async (t) => {
    const { app, request } = traced(t, Koa);
    app.use(async (ctx, next) => {
      try {
        await next();
      } catch {
        ctx.status = 200;
        ctx.body = 'handled';
      }
    });
    app.use(() => {
      throw new Error('inside');
    });

    const span = await request('/');

    assert.equal(span.tags['http.status_code'], 200);
    assert.equal(span.tags.error, undefined);
  });
}
