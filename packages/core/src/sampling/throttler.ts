import { RateLimiter } from './rate-limiter.js';
import type { SamplerContext } from './sampler.js';

/**
 * Who wants a trace to be kept: the application by the tag `sampling.priority`, or a caller by the header `jaeger-debug-id`, or by
 * B3's debug state without ids, which counts as that.
 */
export type DebugRequest = 'sampling.priority' | 'jaeger-debug-id';

/** Decides whether a trace may be kept although no sampler chose it. Must be quick and must not throw (a throw is a no). */
export interface Throttler {
  /** @param operationName name of the span that shall be kept */
  isAllowed(operationName: string, requestedBy: DebugRequest): boolean;
  /** Called once by the tracer that uses the throttler. */
  start?(context: SamplerContext): void;
  /** Stops what the throttler runs in the background, if it does. */
  close?(): void;
}

/** Traces a second that strangers can have kept: enough for a person with a debugger, too few to fill a disk. */
const maxDebugIdsPerSecond = 10;

/** Allows every `sampling.priority` of the application itself, and ten `jaeger-debug-id` a second. */
export class DefaultThrottler implements Throttler {
  readonly #throttleAll: boolean;
  readonly #debugIds: RateLimiter;

  /**
   * @param throttleAll true allows nothing
   * @param nowMs a monotonic clock in milliseconds, for tests
   */
  constructor(throttleAll: boolean = false, nowMs?: () => number) {
    this.#throttleAll = throttleAll;
    this.#debugIds = new RateLimiter(maxDebugIdsPerSecond, nowMs);
  }

  isAllowed(_operationName: string, requestedBy: DebugRequest): boolean {
    if (this.#throttleAll) return false;
    return requestedBy === 'sampling.priority' || this.#debugIds.take();
  }
}
