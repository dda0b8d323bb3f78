import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { traceRequests } from '@spoor/http';
import { activeSpanIds, answerWithTrailer, childWork, onFinish, readByHand } from './behaviour.mjs';

export const httpAdapter = {
  name: 'node:http',
  component: 'http',
  /** Nobody routes here, so that spans are named by their method. */
  hasRoutes: false,
  async start(tracer, options, { isTraced = true, isTwice = false } = {}) {
    const events = new EventEmitter();
    const json = (response, value, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };

    async function answer(request, response) {
      const [, first, second, third, fourth] = new URL(request.url, 'http://x').pathname.split('/');
      switch (`${request.method} /${first}`) {
        case 'POST /raw':
          return json(response, await readByHand(request));
        case 'GET /users':
        case 'HEAD /users':
          return json(response, { id: second });
        case 'POST /users':
          response.writeHead(201, { 'content-type': 'application/json' });
          return request.pipe(response);
        case 'GET /status':
          return response.writeHead(Number(second)).end();
        case 'GET /active':
          return json(response, await activeSpanIds());
        case 'GET /named':
          tracer?.activeSpan()?.setOperationName('a better name');
          return response.end();
        case 'GET /never':
          return events.emit('never');
        case 'GET /trailer':
          return answerWithTrailer(response);
        case 'GET /finish':
          onFinish(response, (spanId) => events.emit('finish-id', spanId));
          return response.end();
        case 'GET /half':
          return response.write('half');
        case 'GET /events':
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write('data: 1\n\n');
          return events.once('end-events', () => response.end());
        case 'GET /child':
          await childWork(tracer, Number(second));
          return response.end();
        case 'GET /shops':
          return json(response, { shop: second, [third]: fourth });
        default:
          return response.writeHead(404).end();
      }
    }

    let listener = answer;
    if (isTraced) listener = traceRequests(listener, options);
    if (isTwice) listener = traceRequests(listener, options);
    return { server: createServer(listener), events };
  },
};
