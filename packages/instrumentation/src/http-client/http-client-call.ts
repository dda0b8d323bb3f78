// Hot path: runs for every outgoing request. Measure before and after (bench/).
import type { Span } from '@spoor/core';
import { startChildSpan } from '../child-span.js';
import { runClientInterceptors } from '../client-interceptors.js';
import { recordError } from '../record-error.js';
import { reportFault } from '../report-fault.js';
import type { HttpClientSettings } from './options.js';
import { type HeaderReader, isSignedForAws, propagationHeaders } from './propagation-headers.js';
import { tagPeerAddress, tagStatus, tagTarget } from './tags.js';
import { type HttpTarget, redactedUrl } from './target.js';
import { matchesUrl } from './url-rules.js';

/** The response of an HTTP client, as far as every client knows it. */
export interface HttpResponse<Response> {
  /** What the client calls it, for the hook of the user. */
  readonly response: Response;
  readonly statusCode: number;
  readonly headerOf: HeaderReader;
}

/**
 * The span of one outgoing request, with what is the same in every client: the client says what happens, in this order,
 * {@link start}, {@link headers}, {@link respond}, and one of {@link finish}, {@link abort} and {@link fail}. Whatever comes
 * later is ignored.
 */
export class HttpClientCall<Request, Response> {
  readonly span: Span;
  readonly #component: string;
  readonly #settings: HttpClientSettings<Request, Response>;
  readonly #target: HttpTarget;
  #headers: Readonly<Record<string, string>> | undefined = undefined;
  #hasResponse = false;
  #isFinished = false;

  /** Use {@link start}. */
  private constructor(
    span: Span,
    component: string,
    target: HttpTarget,
    settings: HttpClientSettings<Request, Response>,
  ) {
    this.span = span;
    this.#component = component;
    this.#target = target;
    this.#settings = settings;
  }

  /** Undefined where the request is to go on without a span. Called in the context of whoever sends the request. */
  static start<Request, Response>(
    component: string,
    target: HttpTarget,
    settings: HttpClientSettings<Request, Response>,
  ): HttpClientCall<Request, Response> | undefined {
    if (matchesUrl(settings.ignore, target)) return undefined;
    const span = startChildSpan(target.method, settings);
    if (span === undefined) return undefined;
    if (span.isWritable()) tagTarget(span, component, target, settings.semconv);
    return new HttpClientCall(span, component, target, settings);
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /**
   * The headers to add, when those of the user are known. Runs the hooks and interceptors, which may still set baggage, once:
   * a client that writes its headers again gets the same.
   */
  headers(request: Request, headerOf: HeaderReader): Readonly<Record<string, string>> {
    if (this.#headers !== undefined) return this.#headers;
    // Should a hook make the client write its headers.
    this.#headers = {};
    const { span } = this;
    const { onRequest } = this.#settings;
    if (span.isWritable()) {
      this.#describe(headerOf);
      if (onRequest !== undefined) this.#guarded(() => onRequest(span, request));
    }
    runClientInterceptors(span, () => ({
      method: this.#target.method,
      url: redactedUrl(this.#target),
    }));
    if (this.#mayPropagate(headerOf)) this.#headers = propagationHeaders(span, headerOf);
    return this.#headers;
  }

  /** The address that the connection led to. */
  connect(address: string | undefined, port: number | undefined): void {
    if (address === undefined || this.#isFinished || !this.span.isWritable()) return;
    tagPeerAddress(this.span, address, port, this.#settings.semconv);
  }

  /** Status and headers have arrived. */
  respond(request: Request, { response, statusCode, headerOf }: HttpResponse<Response>): void {
    const { span } = this;
    // The answer proper comes after those that only inform of it.
    const isInformation = statusCode < 200 && statusCode !== 101;
    if (isInformation || this.#hasResponse || this.#isFinished) return;
    this.#hasResponse = true;
    if (!span.isWritable()) return;
    const { isError, onResponse, responseHeaders, semconv } = this.#settings;
    tagStatus(span, statusCode, semconv);
    for (const name of responseHeaders) tagHeader(span, 'response', name, headerOf(name));
    this.#guarded(() => {
      if (isError(statusCode)) span.setTag('error', true);
    });
    if (onResponse !== undefined) this.#guarded(() => onResponse(span, request, response));
  }

  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.span.finish();
  }

  /** The caller gave the request up, or wanted no more of the response: no error. */
  abort(): void {
    if (this.#isFinished) return;
    this.span.setTag('http.aborted', true);
    this.finish();
  }

  fail(error: unknown): void {
    if (this.#isFinished) return;
    recordError(this.span, error);
    this.finish();
  }

  #describe(headerOf: HeaderReader): void {
    const { calleeNameHeaders, calleeEndpointHeaders, requestHeaders } = this.#settings;
    const callee = firstOf(calleeNameHeaders, headerOf);
    if (callee !== undefined) this.span.setTag('peer.service', callee);
    const endpoint = firstOf(calleeEndpointHeaders, headerOf);
    if (endpoint !== undefined) {
      this.span.setOperationName(`${this.#target.method}:${endpoint}`);
    }
    for (const name of requestHeaders) tagHeader(this.span, 'request', name, headerOf(name));
  }

  #mayPropagate(headerOf: HeaderReader): boolean {
    const { noHeadersTo } = this.#settings;
    const isExcluded =
      typeof noHeadersTo === 'boolean' ? noHeadersTo : matchesUrl(noHeadersTo, this.#target);
    return !isExcluded && !isSignedForAws(this.#target.path, headerOf);
  }

  /** Runs a function of the user: what it throws is logged, and the span goes on. */
  #guarded(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      reportFault(this.#component, error);
    }
  }
}

function firstOf(names: readonly string[], headerOf: HeaderReader): string | undefined {
  for (const name of names) {
    const value = headerOf(name);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

function tagHeader(
  span: Span,
  of: 'request' | 'response',
  name: string,
  value: string | undefined,
): void {
  if (value !== undefined) span.setTag(`http.${of}.header.${name}`, value);
}
