import type { RequestListener } from 'node:http';
import type { ServerOptions } from './server-options.js';
import { ServerTracing } from './server-tracing.js';

/**
 * Wraps a request listener of `node:http`, `node:https` or the compatibility API of `node:http2`:
 * `createServer(traceRequests(listener))`. Spans are named by the method; set `operationName`, or call
 * `spanOf(request).setOperationName` where you know better.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function traceRequests(
  listener: RequestListener,
  options: ServerOptions = {},
): RequestListener {
  const tracing = new ServerTracing(
    'traceRequests',
    { name: 'http', routeOf: () => undefined },
    options,
  );
  return function tracedListener(this: unknown, request, response) {
    tracing.trace(request, response, request, () =>
      listener.call(this as never, request, response),
    );
  };
}
