import express from 'express';
import { runFloor } from '../floor.mjs';

export const variants = ['untraced', 'floor', 'spoor@0', 'spoor'];

/** The application as a listener of `node:http`. Only a traced one loads Spoor; `serve.mjs` has made the tracer. */
export async function createListener(variant) {
  const app = express();
  if (variant === 'floor') app.use((_request, _response, next) => runFloor(next));
  if (variant.startsWith('spoor')) {
    const { jaegerMiddleware } = await import('@spoor/express');
    app.use(jaegerMiddleware());
  }
  app.get('/hello/:name', (request, response) => {
    response.json({ hello: request.params.name });
  });
  return app;
}
