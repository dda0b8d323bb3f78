import Router from '@koa/router';
import Koa from 'koa';
import { runFloor } from '../floor.mjs';

export const variants = ['untraced', 'floor', 'spoor@0', 'spoor'];

/** The application as a listener of `node:http`. */
export async function createListener(variant) {
  const app = new Koa();
  if (variant === 'floor') app.use((_context, next) => runFloor(next));
  if (variant.startsWith('spoor')) {
    const { jaegerMiddleware } = await import('@spoor/koa');
    app.use(jaegerMiddleware());
  }
  const router = new Router();
  router.get('/hello/:name', (context) => {
    context.body = { hello: context.params.name };
  });
  app.use(router.routes());
  return app.callback();
}
