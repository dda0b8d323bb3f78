import { setTimeout as sleep } from 'node:timers/promises';
import { activeSpan } from '@spoor/core';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { streamSSE } from 'hono/streaming';
import { jaegerMiddleware } from './tracing.mjs';

/** Leaves a tag on the span that is active here, so that a test can see whose span it is. */
function seenBy(part) {
  activeSpan()?.setTag(`seen.by.${part}`, true);
}

/** @param events emits `end-events` when the stream shall end */
export function createApp(options, events) {
  const app = new Hono();
  app.use(jaegerMiddleware(options));
  app.use('/api/*', async (c, next) => {
    seenBy('middleware');
    if (c.req.header('authorization') === 'wrong') return c.text('not you', 401);
    await next();
    seenBy('middleware.after');
  });

  app.get('/users/:id', (c) => c.json({ id: c.req.param('id') }));
  app.post('/users', async (c) => {
    const body = await c.req.json();
    seenBy('body');
    return c.json(body, 201);
  });
  app.get('/users/:id/work', async (c) => {
    await sleep(Math.random() * 20);
    const tags = { n: Number(c.req.param('id')) };
    activeSpan()?.tracer().startSpan('child', { tags }).finish();
    return c.body(null, 204);
  });
  app.get('/named', (c) => {
    activeSpan()?.setOperationName('a better name');
    return c.text('ok');
  });
  app.get('/files/*', (c) => c.text('a file'));
  app.on(['GET', 'PUT'], ['/one/:id', '/two/:id'], (c) => c.text('ok'));

  app.get('/throws', () => {
    throw new TypeError('boom');
  });
  app.get('/rejects', async () => {
    await null;
    throw new TypeError('boom');
  });
  app.get('/forbidden/:id', () => {
    throw new HTTPException(403, { message: 'not for you' });
  });

  app.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      await stream.writeSSE({ data: '1' });
      await new Promise((resolve) => events.once('end-events', resolve));
      seenBy('stream');
      await stream.writeSSE({ data: '2' });
    }),
  );

  app.route('/api/shops/:shop', shops());
  app.route(
    '/v1',
    new Hono().basePath('/things').get('/:thing', (c) => c.json(c.req.param())),
  );
  app.mount('/old', () => new Response('from another world'));
  return app;
}

/** An application of its own, with an answer of its own to errors. */
function shops() {
  const app = new Hono();
  app.onError((error, c) => c.text(error.message, 422));
  app.get('/', (c) => c.json(c.req.param()));
  app.get('/items/:item', (c) => {
    seenBy('handler');
    return c.json(c.req.param());
  });
  app.get('/broken', () => {
    throw new RangeError('out of stock');
  });
  return app;
}
