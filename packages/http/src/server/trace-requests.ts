import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { SpoorError } from '@spoor/core';
import type { ServerOptions } from './server-options.js';
import { type Framework, ServerTracing } from './server-tracing.js';

/** A server that nobody routes. */
export const plainHttp: Framework<IncomingMessage> = { name: 'http', routeOf: () => undefined };

/** A listener for the events `upgrade` and `connect` of a server. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Wraps a request listener of `node:http`, `node:https` or the compatibility API of `node:http2`:
 * `createServer(traceRequests(listener))`. Spans are named by the method; set `operationName`, or call
 * `spanOf(request).setOperationName` where you know better.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option, a value that cannot be meant, or what is no listener
 */
export function traceRequests(
  listener: RequestListener,
  options: ServerOptions = {},
): RequestListener {
  if (typeof listener !== 'function') throw noListener('traceRequests', 'createServer(…)');
  const tracing = new ServerTracing('traceRequests', plainHttp, options);
  return function tracedListener(this: unknown, request, response) {
    // Node looks at what a listener returns: a promise that is rejected.
    return tracing.trace(request, response, request, () =>
      listener.call(this as never, request, response),
    );
  };
}

/**
 * Wraps a listener for upgrades, which no request listener sees: `server.on('upgrade', traceUpgrades(listener))`. The span
 * is that of the handshake: it ends with the first answer, `101` or a refusal, and is active in the listener.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option, a value that cannot be meant, or what is no listener
 */
export function traceUpgrades(
  listener: UpgradeListener,
  options: ServerOptions = {},
): UpgradeListener {
  if (typeof listener !== 'function') throw noListener('traceUpgrades', "server.on('upgrade', …)");
  const tracing = new ServerTracing('traceUpgrades', plainHttp, options);
  return function tracedListener(this: unknown, request, socket, head) {
    return tracing.traceUpgrade(request, socket, request, () =>
      listener.call(this as never, request, socket, head),
    );
  };
}

function noListener(where: string, place: string): SpoorError {
  return new SpoorError(
    'SPOOR_CONFIG',
    `${where}: expected a listener. Write ${place.replace('…', `${where}((request, …) => …)`)}.`,
  );
}
