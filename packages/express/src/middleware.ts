import type { IncomingMessage, ServerResponse } from 'node:http';
import { offerSpan, type ServerOptions, ServerTracing, type Span } from '@spoor/http';
import { hasFailed, observeErrors } from './errors.js';
import type { ExpressRequest, Routing } from './express-types.js';
import { routeOf } from './route.js';

declare global {
  namespace Express {
    interface Request {
      /** The span of the request; undefined where it is not traced. */
      readonly span?: Span | undefined;
    }
  }
}

/** Middleware as Express 4 and 5 take it. */
export type JaegerMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Traces every request that passes. Mount it first: `app.use(jaegerMiddleware())`.
 *
 * The span is named by method and route (`GET /users/:id`, mount paths included), is active in every handler, and ends
 * with the response.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option
 */
export function jaegerMiddleware(options: ServerOptions = {}): JaegerMiddleware {
  const tracing = expressTracing('jaegerMiddleware', options);
  return function jaegerMiddleware(request, response, next) {
    const expressRequest = request as ExpressRequest;
    prepare(expressRequest.app);
    tracing.trace(request, response, expressRequest, next);
  };
}

/** @param where how the user called what traces, for messages */
export function expressTracing(
  where: string,
  options: ServerOptions,
): ServerTracing<ExpressRequest> {
  const framework = {
    name: 'express',
    routeOf: (request: ExpressRequest) => routeOf(request, hasFailed(request)),
  };
  return new ServerTracing(where, framework, options);
}

const prepared = new WeakSet<Routing>();

/** Once per application, when its first request comes and its layers are there. */
export function prepare(app: Routing | undefined): void {
  if (app === undefined || prepared.has(app)) return;
  prepared.add(app);
  observeErrors(app);
  if (app.request !== undefined) offerSpan(app.request, (request) => request);
}
