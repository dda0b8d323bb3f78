import {
  recordRequestError,
  type ServerOptions,
  ServerTracing,
  type Span,
  spanOf,
} from '@spoor/http';
import type { FastifyInstance, FastifyPluginCallback, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** The span of the request; undefined where it is not traced. */
    readonly span: Span | undefined;
  }
}

/**
 * Traces every request of the application: `app.register(jaegerPlugin)`, before the routes. Takes {@link ServerOptions}.
 *
 * The span is named by method and route (`GET /users/:id`, prefixes included), is active in all later hooks and in the
 * handler, and ends with the response. An unknown option, or a value that cannot be meant, is a SpoorError
 * `SPOOR_CONFIG` out of `ready()` or `listen()`.
 */
export const jaegerPlugin: FastifyPluginCallback<ServerOptions> = (app, options, done) => {
  try {
    addHooks(app, fastifyTracing('jaegerPlugin', ownOptions(options)));
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
};

/** @param where how the user called what traces, for messages */
export function fastifyTracing(
  where: string,
  options: ServerOptions,
): ServerTracing<FastifyRequest> {
  return new ServerTracing(where, { name: 'fastify', routeOf }, options);
}

export function addHooks(app: FastifyInstance, tracing: ServerTracing<FastifyRequest>): void {
  if (!app.hasRequestDecorator('span')) {
    app.decorateRequest('span', {
      getter() {
        return spanOf(this.raw);
      },
    });
  }
  app.addHook('onRequest', function jaegerRequest(request, reply, next) {
    tracing.trace(request.raw, reply.raw, request, next);
  });
  app.addHook('onError', function jaegerError(request, _reply, error, next) {
    recordRequestError(request.raw, error);
    next();
  });
}

// No scope of its own, so that the hooks hold for the whole application: what `fastify-plugin` sets.
Object.assign(jaegerPlugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@spoor/fastify',
});

function routeOf(request: FastifyRequest): string | undefined {
  return request.is404 ? undefined : request.routeOptions.url;
}

/** `register` has options of its own beside those of the plugin. */
function ownOptions(options: ServerOptions): ServerOptions {
  const { prefix, logLevel, logSerializers, ...own } = options as ServerOptions &
    Record<'prefix' | 'logLevel' | 'logSerializers', unknown>;
  return own;
}
