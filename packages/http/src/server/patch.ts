// Hot path: runs for every event of every server. Measure before and after (bench/).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Live, type Undo, wrapMethod } from '@spoor/instrumentation';
import type { ServerTracing } from './server-tracing.js';

/** Traces every request to every server of the process, as long as there is a `live.settings.server`. */
export function patchServers(live: Live<{ readonly server: ServerTracing | undefined }>): Undo {
  return wrapMethod(Server.prototype, 'emit', (emit) => tracedEmit(emit, live));
}

const withResponse = new Set<unknown>(['request', 'checkContinue', 'checkExpectation']);
const withSocket = new Set<unknown>(['upgrade', 'connect']);

/** All servers of Node inherit from that of `node:net`, so that one method catches them, whoever loads which when. */
function tracedEmit(
  emit: Server['emit'],
  live: Parameters<typeof patchServers>[0],
): Server['emit'] {
  return function emitInSpan(this: Server, ...event: unknown[]): boolean {
    const [name, request, other] = event;
    const next = (): boolean => Reflect.apply(emit, this, event);
    const tracing = live.settings?.server;
    if (tracing === undefined || !isRequest(request)) return next();
    if (withResponse.has(name) && isResponse(other)) {
      return tracing.trace(request, other, request, next);
    }
    if (withSocket.has(name)) {
      return tracing.traceUpgrade(request, other as Duplex, request, next);
    }
    return next();
  };
}

/** Servers of other protocols may have events of these names too. */
function isRequest(value: unknown): value is IncomingMessage {
  return Array.isArray((value as Partial<IncomingMessage> | undefined)?.rawHeaders);
}

function isResponse(value: unknown): value is ServerResponse {
  return typeof (value as Partial<ServerResponse> | undefined)?.writeHead === 'function';
}
