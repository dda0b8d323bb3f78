import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Span, SpoorError, Tracer } from '@spoor/core';
import { processState, refuseUnknownOptions } from '@spoor/core/internal';
import { recordError, redactPath, reportFault } from '@spoor/instrumentation';

/** Options of {@link install}. */
export interface UndiciOptions {
  /** @default the global tracer, looked up for every request */
  tracer?: Tracer | undefined;
}

/** What undici publishes of a request; the same in every version from 6 on, and in the copy inside Node. */
interface UndiciRequest {
  readonly method: string;
  readonly origin: string | URL;
  readonly path: string;
  addHeader(name: string, value: string): unknown;
}

interface UndiciEvent {
  readonly request: UndiciRequest;
  readonly response?: { readonly statusCode: number };
  readonly error?: Error;
}

/** The span of each request that is under way. */
const spans = new WeakMap<UndiciRequest, Span>();

let fixedTracer: Tracer | undefined;
let isInstalled = false;

const subscriptions: readonly (readonly [string, (message: unknown) => void])[] = [
  ['undici:request:create', guarded(onCreate)],
  ['undici:request:headers', guarded(onHeaders)],
  ['undici:request:trailers', guarded(onTrailers)],
  ['undici:request:error', guarded(onError)],
];

/**
 * Starts a client span for every request of undici, of the global `fetch` and of whatever is built on them, and sends
 * its context along. Covers every copy of undici in the process, loaded before or after. Calling it again only changes
 * the options.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option, or a tracer that is none of Spoor's
 */
export function install(options: UndiciOptions = {}): void {
  refuseUnknownOptions('install', options, ['tracer']);
  if (options.tracer !== undefined && !(options.tracer instanceof Tracer)) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      "install.tracer: expected a tracer of @spoor/core. Write { tracer: initTracer({ serviceName: 'orders' }) }, or leave it out.",
    );
  }
  fixedTracer = options.tracer;
  if (isInstalled) return;
  isInstalled = true;
  for (const [channel, onMessage] of subscriptions) subscribe(channel, onMessage);
}

/** Ends what {@link install} began. Requests under way keep their span unfinished. */
export function uninstall(): void {
  isInstalled = false;
  for (const [channel, onMessage] of subscriptions) unsubscribe(channel, onMessage);
}

/** Published in the caller's context, before the headers are written. */
function onCreate({ request }: UndiciEvent): void {
  const tracer = fixedTracer ?? processState.globalTracer;
  // A tunnel through a proxy is no request of the user's; the one inside it is published for itself.
  if (tracer === undefined || request.method === 'CONNECT') return;
  const span = tracer.startSpan(request.method.toUpperCase());
  spans.set(request, span);
  if (span.isSampled()) describe(span, request);
  const headers: Record<string, string> = {};
  tracer.inject(span, 'http_headers', headers);
  for (const name in headers) request.addHeader(name, headers[name]!);
}

function describe(span: Span, request: UndiciRequest): void {
  const origin = new URL(request.origin);
  span.setTag('span.kind', 'client');
  span.setTag('component', 'undici');
  span.setTag('http.method', request.method.toUpperCase());
  // `origin` has no credentials; a path of a request through a proxy may be a whole URL.
  span.setTag('http.url', origin.origin + redactPath(pathOf(request.path)));
  span.setTag('peer.hostname', origin.hostname);
  span.setTag('peer.port', Number(origin.port) || (origin.protocol === 'https:' ? 443 : 80));
}

function pathOf(path: string): string {
  if (path.startsWith('/')) return path;
  const url = new URL(path);
  return url.pathname + url.search;
}

function onHeaders({ request, response }: UndiciEvent): void {
  const span = spans.get(request);
  if (span === undefined || response === undefined) return;
  span.setTag('http.status_code', response.statusCode);
  if (response.statusCode >= 500) span.setTag('error', true);
}

function onTrailers({ request }: UndiciEvent): void {
  spans.get(request)?.finish();
  spans.delete(request);
}

function onError({ request, error }: UndiciEvent): void {
  const span = spans.get(request);
  if (span === undefined) return;
  spans.delete(request);
  // Whoever aborts a request, or does not want the rest of a body, has made no error.
  if (error?.name === 'AbortError') span.setTag('http.aborted', true);
  else recordError(span, error);
  span.finish();
}

/** What a subscriber throws would end the process on the next tick. */
function guarded(onEvent: (event: UndiciEvent) => void): (message: unknown) => void {
  return (message) => {
    try {
      onEvent(message as UndiciEvent);
    } catch (error) {
      reportFault('undici', error);
    }
  };
}
