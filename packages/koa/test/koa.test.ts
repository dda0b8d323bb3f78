import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import Router from '@koa/router';
import { ConstSampler, InMemoryReporter, type RecordedSpan, type Span, Tracer } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/koa';
import Koa3 from 'koa';
import Koa2 from 'koa-2';
import OldRouter from 'koa-router';

const versions = [
  { name: 'Koa 3', Koa: Koa3 },
  { name: 'Koa 2', Koa: Koa2 },
];

function traced(Koa: typeof Koa3): { app: Koa3; reporter: InMemoryReporter } {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  const app = new Koa();
  app.silent = true;
  app.use(jaegerMiddleware({ tracer }));
  return { app, reporter };
}

/** Sends one request and resolves with its span, which ends before the client has read the answer to its end. */
async function ask(
  t: TestContext,
  { app, reporter }: { app: Koa3; reporter: InMemoryReporter },
  path: string,
): Promise<RecordedSpan> {
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const closed = new Promise<void>((resolve) => {
    server.on('request', (_, response) => response.on('close', () => setImmediate(resolve)));
  });
  await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)).text();
  await closed;
  return reporter.spans.at(-1)!;
}

for (const { name, Koa } of versions) {
  test(`${name}: ctx.span is the span, and typed`, async (t) => {
    const made = traced(Koa);
    let seen: Span | undefined;
    made.app.use((ctx) => {
      seen = ctx.span;
      ctx.body = 'ok';
    });

    const span = await ask(t, made, '/');

    assert.equal(seen?.toString(), span.context.toString());
  });

  for (const [routerName, AnyRouter] of [
    ['@koa/router', Router],
    ['koa-router', OldRouter as unknown as typeof Router],
  ] as const) {
    test(`${name}: the prefixes of nested routers of ${routerName} are in the route`, async (t) => {
      const made = traced(Koa);
      const inner = new AnyRouter({ prefix: '/items' });
      inner.get('/:item', (ctx) => {
        ctx.body = 'ok';
      });
      const outer = new AnyRouter({ prefix: '/shops/:shop' });
      outer.use(inner.routes());
      made.app.use(outer.routes());

      const span = await ask(t, made, '/shops/1/items/2');

      assert.equal(span.operationName, 'GET /shops/:shop/items/:item');
    });
  }

  test(`${name}: ctx.throw is the status that it says, with the reason logged`, async (t) => {
    const made = traced(Koa);
    const router = new Router();
    router.get('/secret', (ctx) => ctx.throw(403, 'not for you'));
    made.app.use(router.routes());

    const span = await ask(t, made, '/secret');

    assert.equal(span.operationName, 'GET /secret');
    assert.equal(span.tags['http.status_code'], 403);
    assert.equal(span.tags.error, undefined);
    assert.equal(span.logs[0]?.fields.message, 'not for you');
  });

  test(`${name}: an error that middleware in front handles is judged by the status`, async (t) => {
    const made = traced(Koa);
    made.app.use(async (ctx, next) => {
      try {
        await next();
      } catch {
        ctx.status = 200;
        ctx.body = 'handled';
      }
    });
    made.app.use(() => {
      throw new Error('inside');
    });

    const span = await ask(t, made, '/');

    assert.equal(span.tags['http.status_code'], 200);
    assert.equal(span.tags.error, undefined);
  });
}
