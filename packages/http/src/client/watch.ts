import type { ClientRequest } from 'node:http';
import { reportFault } from '@spoor/instrumentation';
import type { ClientTrace } from './client-trace.js';

const traceKey = Symbol.for('spoor.1.client-request');

interface Traced {
  [traceKey]?: ClientTrace | null;
}

/** `null` where the request was looked at, and goes on without a span. */
export function traceOf(request: ClientRequest): ClientTrace | null | undefined {
  return (request as Traced)[traceKey];
}

export function setTraceOf(request: ClientRequest, trace: ClientTrace | null): void {
  (request as Traced)[traceKey] = trace;
}

/**
 * Tells the trace of a request what happens to it, without a listener: one for `response` would keep Node from throwing
 * away what nobody reads, one for `error` would hide it.
 */
export function watch(request: ClientRequest): void {
  Object.defineProperties(request, watched);
}

const watched: PropertyDescriptorMap = {
  emit: { value: emitWatched, writable: true, configurable: true },
  destroy: { value: destroyWatched, writable: true, configurable: true },
};

function emitWatched(this: ClientRequest, ...event: unknown[]): boolean {
  tell(this, (trace) => trace.onEvent(event[0], event[1]));
  return Reflect.apply(inherited(this).emit, this, event) as boolean;
}

function destroyWatched(this: ClientRequest, ...args: unknown[]): ClientRequest {
  tell(this, (trace) => trace.onDestroy(args[0]));
  return Reflect.apply(inherited(this).destroy, this, args) as ClientRequest;
}

function inherited(request: ClientRequest): ClientRequest {
  return Object.getPrototypeOf(request) as ClientRequest;
}

function tell(request: ClientRequest, what: (trace: ClientTrace) => void): void {
  const trace = traceOf(request);
  if (!trace) return;
  try {
    what(trace);
  } catch (error) {
    reportFault('http', error);
  }
}
