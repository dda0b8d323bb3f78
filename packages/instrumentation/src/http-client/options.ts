import { type Span, SpoorError, Tracer } from '@spoor/core';
import { refuseUnknownOptions } from '@spoor/core/internal';
import { isListOfNames, listOf, lowerCase } from '../option-lists.js';
import type { UrlRule } from './url-rules.js';

/** Whose tag names: OpenTracing's, which Jaeger's users know, OpenTelemetry's stable ones, or both. */
export type SemanticConventions = 'opentracing' | 'otel' | 'both';

/** Options of the clients for HTTP: `@spoor/http` and `@spoor/undici`. */
export interface HttpClientOptions<Request = unknown, Response = unknown> {
  /** @default the global tracer, looked up for every request */
  tracer?: Tracer | undefined;
  /** No span, and no header, for a request while no span is active. @default false */
  requireActiveTrace?: boolean | undefined;
  /** Requests without a span and without headers. @default none */
  ignore?: UrlRule | readonly UrlRule[] | undefined;
  /** Requests with a span that send no context along, such as those to strangers; `true` for all. @default false */
  noHeadersTo?: boolean | UrlRule | readonly UrlRule[] | undefined;
  /** Called when the span has its first tags, before its context is written: for tags of your own, and baggage. */
  onRequest?: ((span: Span, request: Request) => void) | undefined;
  /** Called when status and headers have arrived, before the application has them. */
  onResponse?: ((span: Span, request: Request, response: Response) => void) | undefined;
  /** Which statuses mark the span as an error. @default 500 and above */
  isError?: ((statusCode: number) => boolean) | undefined;
  /** Headers of the request that name the service called, the strongest first; the value becomes `peer.service`. @default none */
  calleeNameHeaders?: readonly string[] | undefined;
  /** Headers of the request that name what is called; the span is then `METHOD:value`. @default none */
  calleeEndpointHeaders?: readonly string[] | undefined;
  /** Request headers to keep as tags `http.request.header.NAME`. Cookies and credentials too, if you name them. @default none */
  requestHeaders?: readonly string[] | undefined;
  /** Response headers to keep as tags `http.response.header.NAME`. @default none */
  responseHeaders?: readonly string[] | undefined;
  /** @default 'opentracing' */
  semconv?: SemanticConventions | undefined;
}

/** {@link HttpClientOptions} as they are read at set-up: every field there, lists as lists, header names in lower case. */
export interface HttpClientSettings<Request = unknown, Response = unknown> {
  readonly tracer: Tracer | undefined;
  readonly requireActiveTrace: boolean;
  readonly ignore: readonly UrlRule[];
  readonly noHeadersTo: boolean | readonly UrlRule[];
  readonly onRequest: ((span: Span, request: Request) => void) | undefined;
  readonly onResponse: ((span: Span, request: Request, response: Response) => void) | undefined;
  readonly isError: (statusCode: number) => boolean;
  readonly calleeNameHeaders: readonly string[];
  readonly calleeEndpointHeaders: readonly string[];
  readonly requestHeaders: readonly string[];
  readonly responseHeaders: readonly string[];
  readonly semconv: SemanticConventions;
}

const defaults: HttpClientSettings = Object.freeze({
  tracer: undefined,
  requireActiveTrace: false,
  ignore: [],
  noHeadersTo: false,
  onRequest: undefined,
  onResponse: undefined,
  isError: (statusCode: number) => statusCode >= 500,
  calleeNameHeaders: [],
  calleeEndpointHeaders: [],
  requestHeaders: [],
  responseHeaders: [],
  semconv: 'opentracing',
});

const functions = ['onRequest', 'onResponse', 'isError'] as const;
const headerLists = [
  'calleeNameHeaders',
  'calleeEndpointHeaders',
  'requestHeaders',
  'responseHeaders',
] as const;

/**
 * @param where how the user called what takes the options, for messages
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function readHttpClientOptions<Request, Response>(
  where: string,
  options: HttpClientOptions<Request, Response>,
): HttpClientSettings<Request, Response> {
  refuseUnknownOptions(where, options, Object.keys(defaults));
  const { tracer, requireActiveTrace, ignore, noHeadersTo, semconv } = options;
  const check = (name: keyof HttpClientOptions, isFit: boolean, advice: string): void => {
    if (options[name] === undefined || isFit) return;
    throw new SpoorError('SPOOR_CONFIG', `${where}.${name}: ${advice}`);
  };
  check(
    'tracer',
    tracer instanceof Tracer,
    "expected a tracer of @spoor/core. Write { tracer: initTracer({ serviceName: 'orders' }) }, or leave it out.",
  );
  check(
    'requireActiveTrace',
    typeof requireActiveTrace === 'boolean',
    'expected true or false. Write true to trace nothing outside of a trace.',
  );
  const rules =
    "hosts, URLs, regular expressions or functions. Write ['api.example.com', /\\/health$/].";
  check('ignore', listOf(ignore).every(isRule), `expected ${rules}`);
  check(
    'noHeadersTo',
    typeof noHeadersTo === 'boolean' || listOf(noHeadersTo).every(isRule),
    `expected true, false, ${rules}`,
  );
  check(
    'semconv',
    semconv === 'opentracing' || semconv === 'otel' || semconv === 'both',
    "unknown conventions. Write 'opentracing', 'otel' or 'both'.",
  );
  for (const name of functions) {
    check(name, typeof options[name] === 'function', 'expected a function.');
  }
  for (const name of headerLists) {
    check(
      name,
      isListOfNames(options[name]),
      "expected a list of header names. Write ['x-tenant'].",
    );
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return {
    ...(defaults as HttpClientSettings<Request, Response>),
    ...Object.fromEntries(given),
    ignore: listOf(ignore),
    noHeadersTo: typeof noHeadersTo === 'boolean' ? noHeadersTo : listOf(noHeadersTo),
    calleeNameHeaders: lowerCase(options.calleeNameHeaders),
    calleeEndpointHeaders: lowerCase(options.calleeEndpointHeaders),
    requestHeaders: lowerCase(options.requestHeaders),
    responseHeaders: lowerCase(options.responseHeaders),
  };
}

function isRule(rule: unknown): boolean {
  return typeof rule === 'string' || typeof rule === 'function' || rule instanceof RegExp;
}
