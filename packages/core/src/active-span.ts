// Hot path: runs for every request. Measure before and after (bench/).
import { processState } from './process-state.js';
import type { Span } from './span.js';

const { activeSpanStorage } = processState;

/** The span that is active here: in the function that `withSpan` runs and in all that it awaits or schedules. */
export function activeSpan(): Span | undefined {
  return activeSpanStorage.getStore();
}

/**
 * Runs `fn` with `span` active and returns what `fn` returns. Does not finish the span. With `undefined` or `null` no span is
 * active in `fn`, so that calling code needs no `if`.
 */
export function withSpan<T>(span: Span | null | undefined, fn: () => T): T {
  return activeSpanStorage.run(span ?? undefined, fn);
}

/** Runs `fn` with no span active: for work that outlives a request, such as timers and connections. */
export function withoutSpan<T>(fn: () => T): T {
  return activeSpanStorage.run(undefined, fn);
}
