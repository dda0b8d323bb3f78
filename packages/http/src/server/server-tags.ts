// Hot path: runs for every sampled request. Measure before and after (bench/).
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Span } from '@spoor/core';
import { redactPath, type SemanticConventions } from '@spoor/instrumentation';
import { type Caller, directCaller, forwardedCaller } from './caller.js';
import { sentHeader } from './sent-header.js';
import type { ServerSettings } from './server-options.js';

/** What of a request goes onto its span when it starts, under the names of one convention. */
type Describe = (span: Span, request: IncomingMessage, caller: Caller, path: string) => void;

// Imported from an ES module, node:http would load all that it can do, undici included.
const knownMethods = new Set(process.getBuiltinModule('node:http').METHODS);

/** The method as a name: anything can come over HTTP/2, and a name must be one of few. */
export function methodName(method: string | undefined): string {
  return method !== undefined && knownMethods.has(method) ? method : 'HTTP';
}

/** Sets tags by the settings, which are looked at once. */
export class ServerTags {
  readonly #settings: ServerSettings;
  readonly #describers: readonly Describe[];
  readonly #callerOf: (request: IncomingMessage) => Caller;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
    this.#describers = describers[settings.semconv];
    this.#callerOf = settings.trustProxy ? forwardedCaller : directCaller;
  }

  start(span: Span, component: string, request: IncomingMessage): void {
    const { callerHeaders, requestHeaders, sizes } = this.#settings;
    span.setTag('span.kind', 'server');
    span.setTag('component', component);
    const caller = this.#callerOf(request);
    const path = redactPath(originalPath(request));
    for (const describe of this.#describers) describe(span, request, caller, path);
    if (callerHeaders.length > 0) tagCallerName(span, request, callerHeaders);
    for (const name of requestHeaders) {
      const value = request.headers[name];
      if (value !== undefined) span.setTag(`http.request.header.${name}`, String(value));
    }
    if (sizes) tagSize(span, 'request', request.headers['content-length']);
  }

  finish(
    span: Span,
    statusCode: number | undefined,
    response: ServerResponse | undefined,
    route: string | undefined,
  ): void {
    const { responseHeaders, semconv, sizes } = this.#settings;
    if (route !== undefined) span.setTag('http.route', route);
    if (statusCode !== undefined) {
      if (semconv !== 'otel') span.setTag('http.status_code', statusCode);
      if (semconv !== 'opentracing') span.setTag('http.response.status_code', statusCode);
    }
    if (response === undefined) return;
    for (const name of responseHeaders) {
      const value = sentHeader(response, name);
      if (value !== undefined) span.setTag(`http.response.header.${name}`, value);
    }
    if (sizes) tagSize(span, 'response', sentHeader(response, 'content-length'));
  }
}

/** @see OpenTracing semantic conventions */
const describeForOpenTracing: Describe = (span, request, caller, path) => {
  span.setTag('http.method', request.method);
  span.setTag('http.url', path.startsWith('/') ? `${caller.scheme}://${caller.host}${path}` : path);
  if (caller.address === undefined) return;
  span.setTag(caller.isIpv6 ? 'peer.ipv6' : 'peer.ipv4', caller.address);
  if (caller.port !== undefined) span.setTag('peer.port', caller.port);
};

/** @see OpenTelemetry semantic conventions 1.23 and later, "HTTP server" */
const describeForOtel: Describe = (span, request, caller, path) => {
  const method = request.method ?? '';
  if (knownMethods.has(method)) {
    span.setTag('http.request.method', method);
  } else {
    span.setTag('http.request.method', '_OTHER');
    span.setTag('http.request.method_original', method);
  }
  const query = path.indexOf('?');
  span.setTag('url.scheme', caller.scheme);
  span.setTag('url.path', query === -1 ? path : path.slice(0, query));
  if (query !== -1) span.setTag('url.query', path.slice(query + 1));
  span.setTag('server.address', caller.host.replace(/:\d+$/, ''));
  const userAgent = request.headers['user-agent'];
  if (userAgent !== undefined) span.setTag('user_agent.original', userAgent);
  if (caller.address === undefined) return;
  span.setTag('client.address', caller.address);
  span.setTag('network.peer.address', request.socket.remoteAddress);
  span.setTag('network.peer.port', request.socket.remotePort);
};

const describers: Record<SemanticConventions, readonly Describe[]> = {
  opentracing: [describeForOpenTracing],
  otel: [describeForOtel],
  both: [describeForOpenTracing, describeForOtel],
};

/** The path as the client wrote it: Express and Koa shorten `url` while they route. */
export function originalPath(request: IncomingMessage): string {
  const { originalUrl } = request as { originalUrl?: unknown };
  return typeof originalUrl === 'string' ? originalUrl : (request.url ?? '/');
}

function tagCallerName(span: Span, request: IncomingMessage, names: readonly string[]): void {
  for (const name of names) {
    const value = request.headers[name];
    if (typeof value !== 'string' || value === '') continue;
    span.setTag('peer.service', value);
    return;
  }
}

function tagSize(span: Span, what: 'request' | 'response', contentLength: unknown): void {
  const size = Number(contentLength);
  if (contentLength !== undefined && Number.isSafeInteger(size)) {
    span.setTag(`http.${what}_content_length`, size);
  }
}
