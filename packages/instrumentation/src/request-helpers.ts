import { globalTracer, type Span, type Tracer } from '@spoor/core';
import { HttpClientCall } from './http-client/http-client-call.js';
import { type HttpClientOptions, readHttpClientOptions } from './http-client/options.js';
import type { HeaderReader } from './http-client/propagation-headers.js';
import { type HttpTarget, redactedUrl } from './http-client/target.js';
import { redactPath } from './redact-url.js';

type Headers = Record<string, string | readonly string[] | undefined>;

/** A request that has come in, by whichever way: as much of it as the application knows. */
export interface IncomingRequest {
  readonly method: string;
  /** The whole URL, as the caller wrote it. */
  readonly url: string | URL;
  readonly headers: Readonly<Headers>;
  /** The caller's IP address. */
  readonly remoteIp?: string | undefined;
  readonly remotePort?: number | undefined;
  /** Who calls; becomes `peer.service`. */
  readonly callerName?: string | undefined;
  /** The name of the span. @default the method */
  readonly operation?: string | undefined;
}

/** A request that is about to go out. */
export interface ClientRequest {
  readonly method: string;
  /** The whole URL. */
  readonly url: string | URL;
  /** The context of the span is added to them. */
  readonly headers: Headers;
}

/**
 * For a server that no package of Spoor knows: the span of an incoming request, below the context in its headers. It is
 * neither made active nor finished: `withSpan(span, handle)`, then `span?.finish()`. Undefined where there is no tracer.
 *
 * @param tracer the global one, unless another is given
 */
export function beforeRequest(
  request: IncomingRequest,
  tracer: Tracer | undefined = globalTracer(),
): Span | undefined {
  if (tracer === undefined) return undefined;
  const { method, remoteIp, remotePort, callerName, operation = method } = request;
  const childOf = tracer.extract('http_headers', request.headers);
  const target = targetOf(method, request.url);
  const tags = {
    'span.kind': 'server',
    'http.method': method,
    'http.url': target === undefined ? redactPath(String(request.url)) : redactedUrl(target),
    ...(remoteIp !== undefined && {
      [remoteIp.includes(':') ? 'peer.ipv6' : 'peer.ipv4']: remoteIp,
    }),
    ...(remotePort !== undefined && { 'peer.port': remotePort }),
    ...(callerName !== undefined && { 'peer.service': callerName }),
  };
  return tracer.startSpan(operation, { childOf, tags, ignoreActiveSpan: true });
}

/**
 * For an HTTP client that no package of Spoor knows: the span of an outgoing request, below the active one, whose context is
 * in the headers of the request then. The client interceptors run in between. It is for the caller to finish.
 *
 * @param options as of the clients of `@spoor/http` and `@spoor/undici`
 * @returns undefined where the request is to go on without a span, as where its URL is not whole
 * @throws SpoorError `SPOOR_CONFIG` for an option that cannot be meant
 */
export function beforeHttpRequest(
  request: ClientRequest,
  options: HttpClientOptions<ClientRequest> = {},
): Span | undefined {
  const settings = readHttpClientOptions('beforeHttpRequest', options);
  const target = targetOf(request.method, request.url);
  const call = target && HttpClientCall.start('http', target, settings);
  if (call === undefined) return undefined;
  Object.assign(request.headers, call.headers(request, readerOf(request.headers)));
  return call.span;
}

/** Undefined for what is no whole URL. */
function targetOf(method: string, url: string | URL): HttpTarget | undefined {
  if (!URL.canParse(String(url))) return undefined;
  const { protocol, hostname, port, pathname, search } = new URL(url);
  return {
    method,
    protocol,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    path: pathname + search,
  };
}

function readerOf(headers: Headers): HeaderReader {
  const byName = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return (name) => byName.get(name)?.toString();
}
