import fastify from 'fastify';
import { runFloor } from '../floor.mjs';

export const variants = ['untraced', 'floor', 'spoor@0', 'spoor'];

/** The application as a listener of `node:http`. */
export async function createListener(variant) {
  const app = fastify();
  if (variant === 'floor') app.addHook('onRequest', (_request, _reply, done) => runFloor(done));
  if (variant.startsWith('spoor')) {
    const { jaegerPlugin } = await import('@spoor/fastify');
    await app.register(jaegerPlugin);
  }
  app.get('/hello/:name', (request, reply) => {
    reply.send({ hello: request.params.name });
  });
  await app.ready();
  return (request, response) => app.routing(request, response);
}
