import type { ServerResponse } from 'node:http';
import type { ServerOptions } from '@spoor/http';
import {
  defineInstrumentation,
  type Instrumentation,
  type ModuleOption,
  wrapMethod,
} from '@spoor/instrumentation';
import type { ExpressRequest, Routing } from './express-types.js';
import { expressTracing, prepare } from './middleware.js';

/** What every application is a copy of. */
interface ApplicationPrototype {
  handle(this: Routing, request: ExpressRequest, response: ServerResponse, done: unknown): unknown;
}

interface Library {
  readonly application?: ApplicationPrototype;
  readonly default?: Library;
}

const instrumentation: Instrumentation<ServerOptions> = defineInstrumentation({
  name: 'express',
  readOptions: (options: ServerOptions) => ({ tracing: expressTracing('install', options) }),
  patches: [
    {
      library: 'express',
      file: 'lib/application.js',
      majors: [4, 5],
      // An application has copies of the methods.
      missesEarlier: true,
      // As a namespace, or the function that CommonJS exports.
      find: (library: Library) => (library.default ?? library).application,
      patch: (application: ApplicationPrototype, live) => [
        wrapMethod(application, 'handle', (handle) => {
          return function tracedHandle(request, response, done) {
            const next = (): unknown => handle.call(this, request, response, done);
            if (live.settings === undefined) return next();
            prepare(this);
            return live.settings.tracing.trace(request, response, request, next);
          };
        }),
      ],
    },
  ],
});

/**
 * Traces every request to every Express application that is made from now on, as {@link jaegerMiddleware} does, without a line
 * in the application. Calling it again only changes the options.
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
