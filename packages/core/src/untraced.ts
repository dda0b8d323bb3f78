import { withSpan } from './active-span.js';
import type { Span } from './span.js';
import { Tracer } from './tracer.js';

const untracedKey = Symbol.for('spoor.1.untraced');

/** Active where nothing shall be traced. */
let untracedSpan: Span | undefined;

/** Marked, so that other copies of this package know it. */
function createUntracedSpan(): Span {
  const span = new Tracer('untraced').startSpan('untraced', { newTrace: true });
  return Object.assign(span, { [untracedKey]: true });
}

/**
 * Runs `fn` so that no client traces what it does, nor adds a header: for what Spoor itself sends over HTTP, which would
 * otherwise be traced, and sent, and traced.
 */
export function withoutTracing<T>(fn: () => T): T {
  untracedSpan ??= createUntracedSpan();
  return withSpan(untracedSpan, fn);
}

/** Whether it is the span that stands for {@link withoutTracing}. */
export function isUntraced(span: Span): boolean {
  return untracedKey in span;
}
