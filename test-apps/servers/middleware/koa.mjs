import { createServer } from 'node:http';
import multer from '@koa/multer';
import Router from '@koa/router';
import { jaegerMiddleware } from '@spoor/koa';
import koa3 from 'koa';
import koa2 from 'koa-2';
import compress from 'koa-compress';
import session from 'koa-session';
import serveStatic from 'koa-static';
import { bigAnswer, secret, sessionAnswer, staticFolder, uploadAnswer } from './parts.mjs';

function stack(name, Koa) {
  return {
    name,
    staticName: 'GET',
    async start(options) {
      const app = new Koa();
      app.keys = [secret];
      app.use(jaegerMiddleware(options));
      app.use(compress());
      app.use(session(app));
      app.use(async (ctx, next) => {
        if (!ctx.path.startsWith('/static/')) return next();
        ctx.path = ctx.path.slice('/static'.length);
        await serveStatic(staticFolder)(ctx, next);
      });
      app.use(multer().single('file'));
      const router = new Router();
      router.get('/big', (ctx) => {
        ctx.body = bigAnswer();
      });
      router.post('/upload', (ctx) => {
        ctx.body = uploadAnswer(ctx.file.size, ctx.request.body.field);
      });
      router.get('/session', (ctx) => {
        ctx.session.count = (ctx.session.count ?? 0) + 1;
        ctx.body = sessionAnswer(ctx.session.count);
      });
      app.use(router.routes());
      return createServer(app.callback());
    },
  };
}

export const koaStacks = [stack('Koa 3', koa3), stack('Koa 2', koa2)];
