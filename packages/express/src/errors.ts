import type { IncomingMessage } from 'node:http';
import { recordRequestError } from '@spoor/http';
import type { Layer, Routing } from './express-types.js';
import { routerOf } from './route.js';

type ErrorMethod = (error: unknown, request: IncomingMessage, ...rest: unknown[]) => unknown;

const observed = new WeakSet<object>();
const failed = new WeakSet<IncomingMessage>();

/** Whether an error went through the layers of Express: its handler then has the request, in the name of the route. */
export function hasFailed(request: IncomingMessage): boolean {
  return failed.has(request);
}

/**
 * Sees every error that a handler throws or passes on, whether or not the application handles it: through the method by
 * which Express offers an error to a layer (`handle_error` in 4, `handleError` in 5), which runs for errors alone, so that
 * other requests pay nothing. One layer at the end makes sure that it runs at all.
 */
export function observeErrors(app: Routing): void {
  const layer = routerOf(app)?.stack?.[0];
  if (layer === undefined) return;
  observeLayers(Object.getPrototypeOf(layer));
  // Four parameters make it a handler of errors.
  app.use?.(function jaegerErrors(
    error: unknown,
    _request: IncomingMessage,
    _response: unknown,
    next: (error: unknown) => void,
  ) {
    next(error);
  });
}

function observeLayers(prototype: Layer & Record<string, unknown>): void {
  if (observed.has(prototype)) return;
  observed.add(prototype);
  for (const name of ['handleError', 'handle_error']) {
    const original = prototype[name];
    if (typeof original !== 'function') continue;
    prototype[name] = function handleError(this: Layer, error, request, ...rest) {
      failed.add(request);
      recordRequestError(request, error);
      return (original as ErrorMethod).call(this, error, request, ...rest);
    } satisfies ErrorMethod;
  }
}
