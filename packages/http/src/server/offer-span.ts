import type { IncomingMessage } from 'node:http';
import { spanOf } from './request-trace.js';

const offered = new WeakSet<object>();

/**
 * Gives everything that inherits from `prototype` a property `span`, once: an accessor up there costs no request anything.
 * What an application keeps under that name itself stays its own.
 */
export function offerSpan<Self extends object>(
  prototype: Self,
  requestOf: (self: Self) => IncomingMessage,
): void {
  if (offered.has(prototype)) return;
  offered.add(prototype);
  if ('span' in prototype) return;
  Object.defineProperty(prototype, 'span', {
    configurable: true,
    get(this: Self) {
      return spanOf(requestOf(this));
    },
    set(this: Self, value: unknown) {
      Object.defineProperty(this, 'span', { value, writable: true, configurable: true });
    },
  });
}
