// Hot path: runs for every event of every server. Measure before and after (bench/).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { refuseUnknownOptions } from '@spoor/core/internal';
import { wrapMethod } from '@spoor/instrumentation';
import type { ServerOptions } from './server-options.js';
import { ServerTracing } from './server-tracing.js';
import { plainHttp } from './trace-requests.js';

/** Options of {@link install}. */
export interface HttpOptions {
  /** For the spans of requests that a server gets. A framework's middleware goes by its own. */
  server?: ServerOptions | undefined;
}

let tracing: ServerTracing | undefined;
let unwrap: (() => void) | undefined;

/**
 * Traces every request to every server of `node:http`, `node:https` and `node:http2` (its compatibility API) in the process,
 * created before or after. Together with a framework's middleware there is still one span for a request, with the
 * middleware's name and options; only who decides about the trace (`tracer`, `trustIncoming`) is settled by then. Calling it
 * again only changes the options.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function install(options: HttpOptions = {}): void {
  refuseUnknownOptions('install', options, ['server']);
  tracing = new ServerTracing('install.server', plainHttp, options.server ?? {});
  unwrap ??= wrapMethod(Server.prototype, 'emit', tracedEmit);
}

/** Ends what {@link install} began. Requests under way still finish their spans. */
export function uninstall(): void {
  tracing = undefined;
  unwrap?.();
  unwrap = undefined;
}

const withResponse = new Set<unknown>(['request', 'checkContinue', 'checkExpectation']);
const withSocket = new Set<unknown>(['upgrade', 'connect']);

/** All servers of Node inherit from that of `node:net`, so that one method catches them, whoever loads which when. */
function tracedEmit(emit: Server['emit']): Server['emit'] {
  return function emitInSpan(this: Server, ...event: unknown[]): boolean {
    const [name, request, other] = event;
    const next = (): boolean => Reflect.apply(emit, this, event);
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
