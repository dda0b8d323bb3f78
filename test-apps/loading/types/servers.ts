import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { globalTracer, type Span } from '@spoor/core';
import { jaegerMiddleware as forExpress, install as installExpress } from '@spoor/express';
import jaegerPluginByDefault, { install as installFastify, jaegerPlugin } from '@spoor/fastify';
import {
  install as installHttp,
  type ServerOptions,
  spanOf,
  traceRequests,
  traceUpgrades,
} from '@spoor/http';
import { jaegerMiddleware as forKoa, install as installKoa } from '@spoor/koa';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { same } from './same.js';

const everyOption: Required<ServerOptions> = {
  tracer: globalTracer(),
  ignore: ['/health', /^\/static\//, (request) => request.method === 'OPTIONS'],
  operationName(request, route) {
    same<typeof request, IncomingMessage>(true);
    same<typeof route, string | undefined>(true);
    return route;
  },
  onRequest(span, request) {
    same<typeof span, Span>(true);
    same<typeof request, IncomingMessage>(true);
  },
  onResponse(span, _request, response) {
    span.setTag('bytes', response.getHeader('content-length'));
    same<typeof response, ServerResponse>(true);
  },
  isError: (statusCode) => statusCode >= 400,
  trustIncoming: (request) => request.socket.remoteAddress === '10.0.0.1',
  trustProxy: true,
  callerHeaders: ['x-caller'],
  requestHeaders: ['x-tenant'],
  responseHeaders: ['etag'],
  sizes: true,
  semconv: 'both',
  responseHeader: ['server-timing', 'traceresponse'],
  endStreamsAtHeaders: true,
};
const wrong: readonly ServerOptions[] = [
  // @ts-expect-error a typing error
  { ignored: '/health' },
  // @ts-expect-error a list of names
  { requestHeaders: 'x-tenant' },
  // @ts-expect-error no such conventions
  { semconv: 'otlp' },
  // @ts-expect-error the name of a span is a text
  { operationName: () => 7 },
  // @ts-expect-error no such header
  { responseHeader: 'traceparent' },
];

const app = express();
app.use(forExpress(), forExpress(everyOption));
app.get('/', (request, response) => {
  same<typeof request.span, Span | undefined>(true);
  // @ts-expect-error the span of a request is not for others to set
  request.span = undefined;
  response.end();
});
installExpress(everyOption);
// @ts-expect-error a typing error
forExpress({ ignored: '/health' });

const server = fastify();
server.register(jaegerPlugin, everyOption);
server.register(jaegerPluginByDefault);
server.get('/', async (request) => {
  same<typeof request.span, Span | undefined>(true);
});
installFastify(everyOption);
// @ts-expect-error a typing error
server.register(jaegerPlugin, { ignored: '/health' });

const koa = new Koa();
koa.use(forKoa()).use(forKoa(everyOption));
koa.use((context) => {
  same<typeof context.span, Span | undefined>(true);
});
installKoa(everyOption);
// @ts-expect-error a typing error
forKoa({ ignored: '/health' });

createServer(
  traceRequests((request, response) => {
    same<ReturnType<typeof spanOf>, Span | undefined>(true);
    spanOf(request)?.setOperationName('static');
    response.end();
  }, everyOption),
).on(
  'upgrade',
  traceUpgrades((_request, socket, head) => {
    same<typeof head, Buffer>(true);
    socket.end();
  }),
);
installHttp({ server: everyOption, client: false });
// @ts-expect-error options of a server belong below `server`
installHttp({ trustProxy: true });
void wrong;
