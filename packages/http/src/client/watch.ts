import type { ClientRequest } from 'node:http';
import { reportFault, wrapMethod } from '@spoor/instrumentation';
import type { ClientTrace } from './client-trace.js';

const traceKey = Symbol.for('spoor.1.client-request');

interface Traced {
  [traceKey]?: ClientTrace | null;
}

/** `null` where the request was looked at, and goes on without a span. */
export function traceOf(request: ClientRequest): ClientTrace | null | undefined {
  return (request as Traced)[traceKey];
}

/** Where nobody sees it who prints or copies the request. */
export function setTraceOf(request: ClientRequest, trace: ClientTrace | null): void {
  if (traceKey in request) (request as Traced)[traceKey] = trace;
  else Object.defineProperty(request, traceKey, { value: trace, writable: true });
}

/**
 * Tells the trace of a request what happens to it, without a listener: one for `response` would keep Node from throwing
 * away what nobody reads, one for `error` would hide it.
 */
export function watch(request: ClientRequest): void {
  const isPlain = !Object.hasOwn(request, 'emit') && !Object.hasOwn(request, 'destroy');
  if (isPlain) Object.defineProperties(request, watched);
  else watchOwn(request);
}

/** Made before the installation, a request may have methods that the application has put on it. */
function watchOwn(request: ClientRequest): void {
  wrapMethod(request, 'emit', (emit) => {
    return function watchedEmit(this: ClientRequest, ...event: unknown[]) {
      tell(this, (trace) => trace.onEvent(event[0], event[1]));
      return Reflect.apply(emit, this, event) as boolean;
    };
  });
  wrapMethod(request, 'destroy', (destroy) => {
    return function watchedDestroy(this: ClientRequest, ...args) {
      tell(this, (trace) => trace.onDestroy(args[0]));
      return Reflect.apply(destroy, this, args);
    };
  });
}

const watched = {
  emit: { value: emitWatched, writable: true, configurable: true },
  destroy: { value: destroyWatched, writable: true, configurable: true },
};

function emitWatched(this: ClientRequest, ...event: unknown[]): boolean {
  tell(this, (trace) => trace.onEvent(event[0], event[1]));
  return Reflect.apply(inherited(this, 'emit'), this, event) as boolean;
}

function destroyWatched(this: ClientRequest, ...args: unknown[]): ClientRequest {
  tell(this, (trace) => trace.onDestroy(args[0]));
  return Reflect.apply(inherited(this, 'destroy'), this, args) as ClientRequest;
}

function inherited<Name extends 'emit' | 'destroy'>(
  request: ClientRequest,
  name: Name,
): ClientRequest[Name] {
  let owner = Object.getPrototypeOf(request) as ClientRequest;
  // What inherits from a request has that for its prototype.
  while (owner[name] === watched[name].value) owner = Object.getPrototypeOf(owner);
  return owner[name];
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
