import { createServer } from 'node:http';
import { install, jaegerMiddleware, uninstall } from '@spoor/express';
import express5 from 'express';
import express4 from 'express-4';
import {
  activeSpanIds,
  answerWithTrailer,
  childWork,
  Handled,
  id,
  onFinish,
  readByHand,
} from './behaviour.mjs';

function adapter(name, express) {
  return {
    name,
    component: 'express',
    hasRoutes: true,
    install,
    uninstall,
    seesHandledErrors: true,
    async start(tracer, options, { isTraced = true, isTwice = false } = {}) {
      const app = express();
      app.set('env', 'test');
      if (isTraced) app.use(jaegerMiddleware(options));
      if (isTwice) app.use(jaegerMiddleware(options));
      app.post('/raw', async (request, response) => response.json(await readByHand(request)));
      app.use(express.json());

      app.get('/users/:id', (request, response) => response.json({ id: request.params.id }));
      app.post('/users', (request, response) => response.status(201).json(request.body));
      app.get('/status/:code', (request, response) =>
        response.status(Number(request.params.code)).end(),
      );
      app.get('/throws', () => {
        throw new TypeError('boom');
      });
      app.get('/rejects', async (_request, _response, next) => {
        // Express 4 does not look at what handlers return.
        await null;
        next(new TypeError('boom'));
      });
      app.get('/handled', () => {
        throw new Handled('handled');
      });
      app.get('/active', async (_, response) => response.json(await activeSpanIds()));
      app.get('/named', (_, response) => {
        tracer?.activeSpan()?.setOperationName('a better name');
        response.end();
      });
      app.get('/never', (request) => request.app.emit('never'));
      app.get('/trailer', (_, response) => answerWithTrailer(response));
      app.get('/finish', (_, response) => {
        onFinish(response, (spanId) => app.emit('finish-id', spanId));
        response.end();
      });
      app.get('/half', (_, response) => response.write('half'));
      app.get('/events', (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: 1\n\n');
        app.once('end-events', () => response.end());
      });
      app.get('/child/:n', async (request, response) => {
        await childWork(tracer, Number(request.params.n));
        response.end();
      });
      const items = express.Router({ mergeParams: true });
      items.get('/items/:item', (request, response) => response.json(request.params));
      app.use('/shops/:shop', items);
      app.use(async (error, _request, response, next) => {
        if (!(error instanceof Handled)) return next(error);
        await null;
        response.status(422).send(id());
      });

      return { server: createServer(app), events: app };
    },
  };
}

export const expressAdapters = [adapter('Express 5', express5), adapter('Express 4', express4)];
