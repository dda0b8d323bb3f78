import type { ClientRequest, IncomingMessage } from 'node:http';
import { refuseUnknownOptions } from '@spoor/core/internal';
import {
  defineInstrumentation,
  type HttpClientOptions,
  type Instrumentation,
  readHttpClientOptions,
} from '@spoor/instrumentation';
import { patchClients } from './client/patch.js';
import { patchServers } from './server/patch.js';
import type { ServerOptions } from './server/server-options.js';
import { ServerTracing } from './server/server-tracing.js';
import { plainHttp } from './server/trace-requests.js';

/** Options of {@link install}. */
export interface HttpOptions {
  /** For the spans of requests that a server gets; `false` for none. A framework's middleware goes by its own. */
  server?: ServerOptions | false | undefined;
  /** For the spans of requests that are sent; `false` for none. `fetch` and undici are the matter of `@spoor/undici`. */
  client?: HttpClientOptions<ClientRequest, IncomingMessage> | false | undefined;
}

const instrumentation: Instrumentation<HttpOptions> = defineInstrumentation({
  name: 'http',
  readOptions(options: HttpOptions) {
    refuseUnknownOptions('install', options, ['server', 'client']);
    const { server = {}, client = {} } = options;
    return {
      server: server === false ? undefined : new ServerTracing('install.server', plainHttp, server),
      client: client === false ? undefined : readHttpClientOptions('install.client', client),
    };
  },
  start: (live) => [patchServers(live), ...patchClients(live)],
});

/**
 * Traces every request to every server of `node:http`, `node:https` and `node:http2` (its compatibility API) in the process,
 * created before or after, and every request of every client on `node:http` and `node:https`. Together with a framework's
 * middleware there is still one span for a request, with the middleware's name and options; only who decides about the trace
 * (`tracer`, `trustIncoming`) is settled by then. Calling it again only changes the options.
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
