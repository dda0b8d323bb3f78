import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerOptions } from '@spoor/http';
import { defineInstrumentation, type Instrumentation, reportFault } from '@spoor/instrumentation';
import type { FastifyInstance } from 'fastify';
import { addHooks, fastifyTracing } from './plugin.js';

/** Where Fastify announces every instance, before the application gets it; since version 3. */
const channel = 'fastify.initialization';

const instrumentation: Instrumentation<ServerOptions> = defineInstrumentation({
  name: 'fastify',
  readOptions: (options: ServerOptions) => ({ tracing: fastifyTracing('install', options) }),
  start(live) {
    const onInstance = (message: unknown): void => {
      try {
        // At once instead of as a plugin: hooks that the application adds right away come after it.
        if (live.settings !== undefined) {
          addHooks((message as { fastify: FastifyInstance }).fastify, live.settings.tracing);
        }
      } catch (error) {
        reportFault('fastify', error);
      }
    };
    subscribe(channel, onInstance);
    return [() => unsubscribe(channel, onInstance)];
  },
});

/**
 * Traces every request to every Fastify instance that is made from now on, as {@link jaegerPlugin} does, without a line in the
 * application. Instances keep the options that there were when they were made.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function install(options?: ServerOptions): void {
  instrumentation.install(options);
}

/** Ends what {@link install} began, for instances that are made from now on. */
export function uninstall(): void {
  instrumentation.uninstall();
}
