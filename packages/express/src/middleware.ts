import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ServerOptions, ServerTracing } from '@spoor/http';
import { observeErrors } from './errors.js';
import type { ExpressRequest } from './express-types.js';
import { routeOf } from './route.js';

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
  const tracing = new ServerTracing<ExpressRequest>(
    'jaegerMiddleware',
    { name: 'express', routeOf },
    options,
  );
  return function jaegerMiddleware(request, response, next) {
    observeErrors(request as ExpressRequest);
    tracing.trace(request as ExpressRequest, response, next);
  };
}
