import type { ServerOptions } from '@spoor/http';
import {
  defineInstrumentation,
  type Instrumentation,
  type ModuleOption,
  wrapMethod,
} from '@spoor/instrumentation';
import type { KoaContext } from './koa-types.js';
import { type JaegerMiddleware, koaTracing, middlewareOf } from './middleware.js';

/** What of Koa's class is wrapped: all the middleware of an application has become one function by then. */
interface Application {
  handleRequest(
    context: KoaContext,
    middleware: (context: KoaContext) => Promise<unknown>,
  ): unknown;
}

interface Library {
  readonly prototype?: Application;
  readonly default?: Library;
}

const instrumentation: Instrumentation<ServerOptions> = defineInstrumentation({
  name: 'koa',
  readOptions: (options: ServerOptions): { trace: JaegerMiddleware } => ({
    trace: middlewareOf(koaTracing('install', options)),
  }),
  patches: [
    {
      library: 'koa',
      file: 'lib/application.js',
      majors: [2, 3],
      // As a namespace, or the class that CommonJS exports.
      find(library: Library) {
        const found = library.default ?? library;
        return found.prototype?.handleRequest === undefined ? undefined : found;
      },
      patch: ({ prototype }: { prototype: Application }, live) => [
        wrapMethod(prototype, 'handleRequest', (handleRequest) => {
          return function tracedHandleRequest(this: Application, context, middleware) {
            const trace = live.settings?.trace;
            if (trace === undefined) return handleRequest.call(this, context, middleware);
            const first = (own: KoaContext): Promise<unknown> => trace(own, () => middleware(own));
            return handleRequest.call(this, context, first);
          };
        }),
      ],
    },
  ],
});

/**
 * Traces every request to every Koa application, made before or after, as {@link jaegerMiddleware} does, without a line in the
 * application. Calling it again only changes the options.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function install(options?: ServerOptions & ModuleOption): void {
  instrumentation.install(options);
}

/** Ends what {@link install} began. Requests under way still finish their spans. */
export function uninstall(): void {
  instrumentation.uninstall();
}
