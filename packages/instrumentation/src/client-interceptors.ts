import { type Span, SpoorError } from '@spoor/core';
import { reportFault } from './report-fault.js';

/** What an interceptor gets to see of an outgoing request. */
export interface OutgoingRequest {
  readonly method: string;
  /** Without credentials. */
  readonly url: string;
}

/** Called for every outgoing HTTP request once its span exists, and before its context is written into the headers. */
export type ClientInterceptor = (span: Span, request: OutgoingRequest) => void;

const interceptors: ClientInterceptor[] = [];

/**
 * Adds interceptors for the requests of all HTTP clients. What one sets as baggage travels with the request; one that throws
 * is logged.
 *
 * @throws SpoorError `SPOOR_CONFIG` for what is no list of functions
 */
export function installClientInterceptors(added: readonly ClientInterceptor[]): void {
  if (!Array.isArray(added) || !added.every((one) => typeof one === 'function')) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      'installClientInterceptors: expected a list of functions. Write installClientInterceptors([(span, request) => …]).',
    );
  }
  interceptors.push(...added);
}

/** Takes all interceptors away. */
export function clearClientInterceptors(): void {
  interceptors.length = 0;
}

/** For instrumentations of HTTP clients, between the start of the span and its injection. */
export function runClientInterceptors(span: Span, describe: () => OutgoingRequest): void {
  for (const interceptor of interceptors) {
    try {
      interceptor(span, describe());
    } catch (error) {
      reportFault('client interceptor', error);
    }
  }
}
