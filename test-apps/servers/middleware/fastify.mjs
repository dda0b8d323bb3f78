import compress5 from '@fastify/compress';
import cookie5 from '@fastify/cookie';
import multipart5 from '@fastify/multipart';
import session5 from '@fastify/session';
import static5 from '@fastify/static';
import { jaegerPlugin } from '@spoor/fastify';
import fastify5 from 'fastify';
import fastify4 from 'fastify-4';
import compress4 from 'fastify-4-compress';
import cookie4 from 'fastify-4-cookie';
import multipart4 from 'fastify-4-multipart';
import session4 from 'fastify-4-session';
import static4 from 'fastify-4-static';
import { bigAnswer, secret, sessionAnswer, staticFolder, uploadAnswer } from './parts.mjs';

function stack(name, { fastify, compress, cookie, multipart, session, serveStatic }) {
  return {
    name,
    // A plugin that registers a route for its files.
    staticName: 'GET /static/*',
    async start(options) {
      const app = fastify({ forceCloseConnections: true });
      await app.register(jaegerPlugin, options);
      await app.register(compress);
      await app.register(cookie);
      await app.register(session, { secret, saveUninitialized: false, cookie: { secure: false } });
      await app.register(multipart);
      await app.register(serveStatic, { root: staticFolder, prefix: '/static/' });
      app.get('/big', async () => bigAnswer());
      app.post('/upload', async (request) => {
        const file = await request.file();
        const { length } = await file.toBuffer();
        return uploadAnswer(length, file.fields.field.value);
      });
      app.get('/session', async (request) => {
        request.session.count = (request.session.count ?? 0) + 1;
        return sessionAnswer(request.session.count);
      });
      await app.ready();
      return app.server;
    },
  };
}

export const fastifyStacks = [
  stack('Fastify 5', {
    fastify: fastify5,
    compress: compress5,
    cookie: cookie5,
    multipart: multipart5,
    session: session5,
    serveStatic: static5,
  }),
  stack('Fastify 4', {
    fastify: fastify4,
    compress: compress4,
    cookie: cookie4,
    multipart: multipart4,
    session: session4,
    serveStatic: static4,
  }),
];
