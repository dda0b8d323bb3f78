import { EventEmitter } from 'node:events';
import { install, jaegerPlugin, uninstall } from '@spoor/fastify';
import fastify5 from 'fastify';
import fastify4 from 'fastify-4';
import {
  activeSpanIds,
  answerWithTrailer,
  childWork,
  Handled,
  id,
  onFinish,
  readByHand,
} from './behaviour.mjs';

function adapter(name, fastify) {
  return {
    name,
    component: 'fastify',
    hasRoutes: true,
    install,
    uninstall,
    seesHandledErrors: true,
    async start(tracer, options, { isTraced = true, isTwice = false } = {}) {
      const app = fastify({ forceCloseConnections: true });
      const events = new EventEmitter();
      if (isTraced) await app.register(jaegerPlugin, options);
      if (isTwice) await app.register(jaegerPlugin, options);
      app.setErrorHandler(async (error, _request, reply) => {
        if (!(error instanceof Handled)) throw error;
        await null;
        return reply.code(422).send(id());
      });
      await app.register(async (scope) => {
        scope.removeAllContentTypeParsers();
        scope.addContentTypeParser('*', (_request, payload, done) => {
          readByHand(payload).then((result) => done(null, result), done);
        });
        scope.post('/raw', async (request) => request.body);
      });

      app.get('/users/:id', async (request) => ({ id: request.params.id }));
      app.post('/users', async (request, reply) => reply.code(201).send(request.body));
      app.get('/status/:code', async (request, reply) =>
        reply.code(Number(request.params.code)).send(),
      );
      app.get('/throws', () => {
        throw new TypeError('boom');
      });
      app.get('/rejects', async () => {
        await null;
        throw new TypeError('boom');
      });
      app.get('/handled', async () => {
        throw new Handled('handled');
      });
      app.get('/active', async () => activeSpanIds());
      app.get('/named', async () => {
        tracer?.activeSpan()?.setOperationName('a better name');
        return '';
      });
      app.get('/never', (_request, _reply) => {
        events.emit('never');
      });
      app.get('/trailer', (_request, reply) => {
        reply.hijack();
        answerWithTrailer(reply.raw);
      });
      app.get('/finish', async (_request, reply) => {
        onFinish(reply.raw, (spanId) => events.emit('finish-id', spanId));
        return '';
      });
      app.get('/half', (_request, reply) => {
        reply.hijack();
        reply.raw.write('half');
      });
      app.get('/events', (_request, reply) => {
        reply.hijack();
        reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
        reply.raw.write('data: 1\n\n');
        events.once('end-events', () => reply.raw.end());
      });
      app.get('/child/:n', async (request) => {
        await childWork(tracer, Number(request.params.n));
        return '';
      });
      await app.register(
        async (scope) => {
          scope.get('/items/:item', async (request) => request.params);
        },
        { prefix: '/shops/:shop' },
      );
      await app.ready();

      return { server: app.server, events };
    },
  };
}

export const fastifyAdapters = [adapter('Fastify 5', fastify5), adapter('Fastify 4', fastify4)];
