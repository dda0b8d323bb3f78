import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Span, SpoorError, Tracer } from '@spoor/core';
import { refuseUnknownOptions } from '@spoor/core/internal';
import type { SemanticConventions } from '@spoor/instrumentation';
import { isListOfNames, listOf, lowerCase } from '@spoor/instrumentation';

/** A path as it stands in the request (without its query), a pattern that it matches, or a decision of your own. */
export type IgnoreRule = string | RegExp | ((request: IncomingMessage) => boolean);

/** Headers of the response that name the span, so that a browser or a caller can link to the trace. */
export type ResponseHeader = 'server-timing' | 'traceresponse';

/** Options of every Spoor server middleware. */
export interface ServerOptions {
  /** @default the global tracer, looked up for every request, so that the order of set-up does not matter */
  tracer?: Tracer | undefined;
  /** Requests without a span: nothing below them is traced either. @default none */
  ignore?: IgnoreRule | readonly IgnoreRule[] | undefined;
  /**
   * The name of the span, once the response has ended; `undefined` for the usual one. `route` is the template that matched.
   *
   * @default method and route, or the method alone where nothing matched
   */
  operationName?:
    | ((request: IncomingMessage, route: string | undefined) => string | undefined)
    | undefined;
  /** Called when the span has its first tags, for tags of your own. */
  onRequest?: ((span: Span, request: IncomingMessage) => void) | undefined;
  /** Called when the response has ended, before the span is finished. */
  onResponse?:
    | ((span: Span, request: IncomingMessage, response: ServerResponse) => void)
    | undefined;
  /** Which statuses mark the span as an error. @default 500 and above */
  isError?: ((statusCode: number) => boolean) | undefined;
  /**
   * Whether the context in the headers is continued. Where it is not, a new trace starts, which refers to the foreign one:
   * for servers that strangers can reach.
   *
   * @default true
   */
  trustIncoming?: boolean | ((request: IncomingMessage) => boolean) | undefined;
  /** Take the caller's address, scheme and host from `Forwarded` or `X-Forwarded-*`. @default false */
  trustProxy?: boolean | undefined;
  /** Headers in which callers name themselves, the strongest first; the value becomes `peer.service`. @default none */
  callerHeaders?: readonly string[] | undefined;
  /** Request headers to keep as tags `http.request.header.NAME`. Cookies and credentials too, if you name them. @default none */
  requestHeaders?: readonly string[] | undefined;
  /** Response headers to keep as tags `http.response.header.NAME`. @default none */
  responseHeaders?: readonly string[] | undefined;
  /** Tag the sizes that `content-length` gives for request and response. @default false */
  sizes?: boolean | undefined;
  /** @default 'opentracing' */
  semconv?: SemanticConventions | undefined;
  /** @default none */
  responseHeader?: ResponseHeader | readonly ResponseHeader[] | undefined;
  /** End the span of an event stream (`text/event-stream`) with its headers instead of its end. @default false */
  endStreamsAtHeaders?: boolean | undefined;
}

/** {@link ServerOptions} as they are read at set-up: every field there, lists as lists, header names in lower case. */
export interface ServerSettings {
  readonly tracer: Tracer | undefined;
  readonly ignore: readonly IgnoreRule[];
  readonly operationName: NonNullable<ServerOptions['operationName']> | undefined;
  readonly onRequest: NonNullable<ServerOptions['onRequest']> | undefined;
  readonly onResponse: NonNullable<ServerOptions['onResponse']> | undefined;
  readonly isError: (statusCode: number) => boolean;
  readonly trustIncoming: boolean | ((request: IncomingMessage) => boolean);
  readonly trustProxy: boolean;
  readonly callerHeaders: readonly string[];
  readonly requestHeaders: readonly string[];
  readonly responseHeaders: readonly string[];
  readonly sizes: boolean;
  readonly semconv: SemanticConventions;
  readonly responseHeader: readonly ResponseHeader[];
  readonly endStreamsAtHeaders: boolean;
}

const defaults: ServerSettings = Object.freeze({
  tracer: undefined,
  ignore: [],
  operationName: undefined,
  onRequest: undefined,
  onResponse: undefined,
  isError: (statusCode: number) => statusCode >= 500,
  trustIncoming: true,
  trustProxy: false,
  callerHeaders: [],
  requestHeaders: [],
  responseHeaders: [],
  sizes: false,
  semconv: 'opentracing',
  responseHeader: [],
  endStreamsAtHeaders: false,
});

/**
 * @param where how the user called what takes the options, for messages
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function readServerOptions(where: string, options: ServerOptions): ServerSettings {
  refuseUnknownOptions(where, options, Object.keys(defaults));
  const check = (name: keyof ServerOptions, isFit: boolean, advice: string): void => {
    if (options[name] === undefined || isFit) return;
    throw new SpoorError('SPOOR_CONFIG', `${where}.${name}: ${advice}`);
  };
  const isFunction = (value: unknown): boolean => typeof value === 'function';
  const { tracer, ignore, trustIncoming, semconv, responseHeader } = options;
  check(
    'tracer',
    tracer instanceof Tracer,
    "expected a tracer of @spoor/core. Write { tracer: initTracer({ serviceName: 'orders' }) }, or leave it out.",
  );
  check(
    'ignore',
    listOf(ignore).every(
      (rule) => isFunction(rule) || typeof rule === 'string' || rule instanceof RegExp,
    ),
    "expected paths, regular expressions or functions. Write ['/health', /^\\/static\\//].",
  );
  check(
    'trustIncoming',
    typeof trustIncoming === 'boolean' || isFunction(trustIncoming),
    'expected true, false or a function. Write trustIncoming: false at the edge of your network.',
  );
  check(
    'semconv',
    semconv === 'opentracing' || semconv === 'otel' || semconv === 'both',
    "unknown conventions. Write 'opentracing', 'otel' or 'both'.",
  );
  check(
    'responseHeader',
    listOf(responseHeader).every((name) => name === 'server-timing' || name === 'traceresponse'),
    "unknown header. Write 'server-timing', 'traceresponse', or a list of both.",
  );
  for (const name of ['operationName', 'onRequest', 'onResponse', 'isError'] as const) {
    check(name, isFunction(options[name]), 'expected a function.');
  }
  for (const name of ['trustProxy', 'sizes', 'endStreamsAtHeaders'] as const) {
    check(name, typeof options[name] === 'boolean', 'expected true or false.');
  }
  for (const name of ['callerHeaders', 'requestHeaders', 'responseHeaders'] as const) {
    check(
      name,
      isListOfNames(options[name]),
      "expected a list of header names. Write ['x-tenant'].",
    );
  }
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<ServerSettings>;
  return {
    ...defaults,
    ...given,
    ignore: listOf(ignore),
    responseHeader: listOf(responseHeader),
    callerHeaders: lowerCase(options.callerHeaders),
    requestHeaders: lowerCase(options.requestHeaders),
    responseHeaders: lowerCase(options.responseHeaders),
  };
}

/** Whether the settings put more onto a span at its start than the defaults do. */
export function describesMore(settings: ServerSettings): boolean {
  return (
    settings.onRequest !== undefined ||
    settings.trustProxy ||
    settings.sizes ||
    settings.semconv !== defaults.semconv ||
    settings.callerHeaders.length + settings.requestHeaders.length > 0 ||
    settings.responseHeader.length > 0
  );
}
