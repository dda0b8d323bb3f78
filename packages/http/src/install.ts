import { refuseUnknownOptions } from '@spoor/core/internal';
import { defineInstrumentation, type Instrumentation } from '@spoor/instrumentation';
import { patchServers } from './server/patch.js';
import type { ServerOptions } from './server/server-options.js';
import { ServerTracing } from './server/server-tracing.js';
import { plainHttp } from './server/trace-requests.js';

/** Options of {@link install}. */
export interface HttpOptions {
  /** For the spans of requests that a server gets. A framework's middleware goes by its own. */
  server?: ServerOptions | undefined;
}

const instrumentation: Instrumentation<HttpOptions> = defineInstrumentation({
  name: 'http',
  readOptions(options: HttpOptions) {
    refuseUnknownOptions('install', options, ['server']);
    return { server: new ServerTracing('install.server', plainHttp, options.server ?? {}) };
  },
  start: (live) => [patchServers(live)],
});

/**
 * Traces every request to every server of `node:http`, `node:https` and `node:http2` (its compatibility API) in the process,
 * created before or after. Together with a framework's middleware there is still one span for a request, with the
 * middleware's name and options; only who decides about the trace (`tracer`, `trustIncoming`) is settled by then. Calling it
 * again only changes the options.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function install(options?: HttpOptions): void {
  instrumentation.install(options);
}

/** Ends what {@link install} began. Requests under way still finish their spans. */
export function uninstall(): void {
  instrumentation.uninstall();
}
