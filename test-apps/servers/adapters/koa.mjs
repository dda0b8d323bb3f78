import { createServer } from 'node:http';
import { PassThrough } from 'node:stream';
import Router from '@koa/router';
import { install, jaegerMiddleware, uninstall } from '@spoor/koa';
import koa3 from 'koa';
import koa2 from 'koa-2';
import {
  activeSpanIds,
  answerWithTrailer,
  childWork,
  Handled,
  id,
  onFinish,
  readByHand,
} from './behaviour.mjs';

function adapter(name, Koa) {
  return {
    name,
    component: 'koa',
    hasRoutes: true,
    install,
    uninstall,
    /** What middleware inside handles never comes as far as the first one. */
    seesHandledErrors: false,
    async start(tracer, options, { isTraced = true, isTwice = false } = {}) {
      const app = new Koa();
      app.silent = true;
      if (isTraced) app.use(jaegerMiddleware(options));
      if (isTwice) app.use(jaegerMiddleware(options));
      app.use(async (ctx, next) => {
        try {
          await next();
        } catch (error) {
          if (!(error instanceof Handled)) throw error;
          await null;
          ctx.status = 422;
          ctx.body = id();
        }
      });
      const router = new Router();

      router.post('/raw', async (ctx) => {
        ctx.body = await readByHand(ctx.req);
      });
      router.get('/users/:id', (ctx) => {
        ctx.body = { id: ctx.params.id };
      });
      router.post('/users', async (ctx) => {
        const chunks = await ctx.req.toArray();
        ctx.status = 201;
        ctx.type = 'json';
        ctx.body = Buffer.concat(chunks);
      });
      router.get('/status/:code', (ctx) => {
        ctx.status = Number(ctx.params.code);
        ctx.body = null;
        ctx.status = Number(ctx.params.code);
      });
      router.get('/throws', () => {
        throw new TypeError('boom');
      });
      router.get('/rejects', async () => {
        await null;
        throw new TypeError('boom');
      });
      router.get('/handled', () => {
        throw new Handled('handled');
      });
      router.get('/active', async (ctx) => {
        ctx.body = await activeSpanIds();
      });
      router.get('/named', (ctx) => {
        tracer?.activeSpan()?.setOperationName('a better name');
        ctx.body = '';
      });
      router.get('/never', () => {
        app.emit('never');
        return new Promise(() => {});
      });
      router.get('/trailer', (ctx) => {
        ctx.respond = false;
        answerWithTrailer(ctx.res);
      });
      router.get('/finish', (ctx) => {
        onFinish(ctx.res, (spanId) => app.emit('finish-id', spanId));
        ctx.body = '';
      });
      router.get('/half', (ctx) => {
        ctx.body = new PassThrough();
        ctx.body.write('half');
      });
      router.get('/events', (ctx) => {
        ctx.type = 'text/event-stream';
        const stream = new PassThrough();
        stream.write('data: 1\n\n');
        app.once('end-events', () => stream.end());
        ctx.body = stream;
      });
      router.get('/child/:n', async (ctx) => {
        await childWork(tracer, Number(ctx.params.n));
        ctx.body = '';
      });
      const items = new Router({ prefix: '/shops/:shop' });
      items.get('/items/:item', (ctx) => {
        ctx.body = ctx.params;
      });
      router.use(items.routes());
      app.use(router.routes());

      return { server: createServer(app.callback()), events: app };
    },
  };
}

export const koaAdapters = [adapter('Koa 3', koa3), adapter('Koa 2', koa2)];
