import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Span, Tracer } from '@spoor/core';
import { logError } from '@spoor/instrumentation';
import type { Outcome } from './outcome.js';

/** What is known of a request that is traced; found on the request, by every copy of this package. */
export interface RequestTrace {
  span: Span;
  /** Whoever knows most of the request: a framework's middleware takes over from the patch of `node:http`. */
  owner: TraceOwner | undefined;
  /** What that one calls the request. */
  context: unknown;
  lastError: unknown;
  isFinished: boolean;
}

export interface TraceOwner {
  /** `response` is undefined for an upgrade, whose outcome is the handshake's. */
  finish(
    trace: RequestTrace,
    request: IncomingMessage,
    response: ServerResponse | undefined,
    outcome: Outcome,
  ): void;
}

/** Active in requests that are ignored: not sampled, so that nothing below it is either. */
export const silentSpan: Span = new Tracer('ignored').startSpan('ignored', {
  ignoreActiveSpan: true,
});

/** One for all requests that are ignored. */
const ignoredTrace: RequestTrace = Object.freeze({
  span: silentSpan,
  owner: undefined,
  context: undefined,
  lastError: undefined,
  isFinished: true,
});

const traceKey = Symbol.for('spoor.1.request');

interface Traced {
  [traceKey]?: RequestTrace | undefined;
}

export function traceOf(request: IncomingMessage): RequestTrace | undefined {
  return (request as Traced)[traceKey];
}

export function setTraceOf(request: IncomingMessage, trace: RequestTrace): void {
  (request as Traced)[traceKey] = trace;
}

/** Whoever comes later ignores the request too. */
export function ignoreRequest(request: IncomingMessage): Span {
  setTraceOf(request, ignoredTrace);
  return silentSpan;
}

/** The span of a request that passed a Spoor middleware; undefined for any other. */
export function spanOf(request: IncomingMessage): Span | undefined {
  const span = traceOf(request)?.span;
  return span === silentSpan ? undefined : span;
}

/**
 * Logs an error that the framework caught while it served `request`, each error once. Whether the request failed is
 * for the status to say.
 */
export function recordRequestError(request: IncomingMessage, error: unknown): void {
  const trace = traceOf(request);
  if (trace === undefined || trace.isFinished || trace.lastError === error) return;
  trace.lastError = error;
  logError(trace.span, error);
}
