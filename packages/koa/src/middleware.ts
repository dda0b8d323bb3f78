import {
  offerSpan,
  recordRequestError,
  type ServerOptions,
  ServerTracing,
  type Span,
} from '@spoor/http';
import type {} from 'koa';
import type { KoaContext } from './koa-types.js';
import { routeOf } from './route.js';

declare module 'koa' {
  interface ExtendableContext {
    /** The span of the request; undefined where it is not traced. */
    readonly span: Span | undefined;
  }
}

/** Middleware as Koa 2 and 3 take it. */
export type JaegerMiddleware = (
  context: KoaContext,
  next: () => Promise<unknown>,
) => Promise<unknown>;

/**
 * Traces every request that passes. Use it first: `app.use(jaegerMiddleware())`.
 *
 * The span is named by method and route (`GET /users/:id`, prefixes and `koa-mount` included) where `@koa/router`,
 * `koa-router` or `koa-route` routes, is active in everything below, and ends with the response.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function jaegerMiddleware(options: ServerOptions = {}): JaegerMiddleware {
  return middlewareOf(koaTracing('jaegerMiddleware', options));
}

/** @param where how the user called what traces, for messages */
export function koaTracing(where: string, options: ServerOptions): ServerTracing<KoaContext> {
  return new ServerTracing(where, { name: 'koa', routeOf, endsOutside: true }, options);
}

export function middlewareOf(tracing: ServerTracing<KoaContext>): JaegerMiddleware {
  return async function jaegerMiddleware(context, next) {
    offerSpan(context.app.context, (own) => (own as KoaContext).req);
    try {
      return await tracing.trace(context.req, context.res, context, next);
    } catch (error) {
      recordRequestError(context.req, error);
      throw error;
    }
  };
}
