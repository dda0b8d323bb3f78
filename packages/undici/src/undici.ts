import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Span, SpoorError, Tracer } from '@spoor/core';
import { refuseUnknownOptions } from '@spoor/core/internal';
import {
  defineInstrumentation,
  type Instrumentation,
  type Live,
  recordError,
  redactPath,
  reportFault,
  runClientInterceptors,
  startChildSpan,
  type Undo,
} from '@spoor/instrumentation';

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

interface UndiciSettings {
  readonly tracer: Tracer | undefined;
}

const instrumentation: Instrumentation<UndiciOptions> = defineInstrumentation({
  name: 'undici',
  readOptions,
  start: (live) => [
    listen('undici:request:create', (event) => onCreate(event, live)),
    listen('undici:request:headers', onHeaders),
    listen('undici:request:trailers', onTrailers),
    listen('undici:request:error', onError),
  ],
});

/**
 * Starts a client span for every request of undici, of the global `fetch` and of whatever is built on them, and sends
 * its context along. Covers every copy of undici in the process, loaded before or after. Calling it again only changes
 * the options.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option, or a tracer that is none of Spoor's
 */
export function install(options?: UndiciOptions): void {
  instrumentation.install(options);
}

/** Ends what {@link install} began. Requests under way keep their span unfinished. */
export function uninstall(): void {
  instrumentation.uninstall();
}

function readOptions(options: UndiciOptions): UndiciSettings {
  refuseUnknownOptions('install', options, ['tracer']);
  const { tracer } = options;
  if (tracer !== undefined && !(tracer instanceof Tracer)) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      "install.tracer: expected a tracer of @spoor/core. Write { tracer: initTracer({ serviceName: 'orders' }) }, or leave it out.",
    );
  }
  return { tracer };
}

/** Published in the caller's context, before the headers are written. */
function onCreate({ request }: UndiciEvent, { settings }: Live<UndiciSettings>): void {
  // A tunnel through a proxy is no request of the user's; the one inside it is published for itself.
  if (settings === undefined || request.method === 'CONNECT') return;
  const method = request.method.toUpperCase();
  const span = startChildSpan(method, settings);
  if (span === undefined) return;
  spans.set(request, span);
  if (span.isSampled()) describe(span, method, request);
  runClientInterceptors(span, () => ({ method, url: urlOf(request) }));
  const headers: Record<string, string> = {};
  span.tracer().inject(span, 'http_headers', headers);
  for (const name in headers) request.addHeader(name, headers[name]!);
}

function describe(span: Span, method: string, request: UndiciRequest): void {
  const { hostname, port, protocol } = new URL(request.origin);
  span.setTag('span.kind', 'client');
  span.setTag('component', 'undici');
  span.setTag('http.method', method);
  span.setTag('http.url', urlOf(request));
  span.setTag('peer.hostname', hostname);
  span.setTag('peer.port', Number(port) || (protocol === 'https:' ? 443 : 80));
}

/** `origin` has no credentials; a path of a request through a proxy may be a whole URL. */
function urlOf({ origin, path }: UndiciRequest): string {
  return new URL(origin).origin + redactPath(pathOf(path));
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
function listen(channel: string, onEvent: (event: UndiciEvent) => void): Undo {
  const onMessage = (message: unknown): void => {
    try {
      onEvent(message as UndiciEvent);
    } catch (error) {
      reportFault('undici', error);
    }
  };
  subscribe(channel, onMessage);
  return () => unsubscribe(channel, onMessage);
}
