// Hot path: runs for every sampled span. Measure before and after (bench/).
// Imported, because the global of that name is a getter, which costs a third of the call.
import { performance } from 'node:perf_hooks';

/** How far the wall clock may be stepped (by a person, NTP, a suspended machine) before we follow, in milliseconds. */
const toleratedStepMs = 5;

/**
 * Milliseconds on two scales. A span keeps its start on the monotonic one, so that its duration is
 * true even when somebody sets the clock, and is put on the wall clock when it is encoded.
 */
export class Clock {
  /** Wall clock minus monotonic clock, in milliseconds. */
  wallOffsetMs: number = Date.now() - performance.now();

  /** Milliseconds since the process started, fractions included; never goes back. */
  monotonicMs(): number {
    return performance.now();
  }

  /** Milliseconds since the epoch, fractions included. */
  wallMs(): number {
    return performance.now() + this.wallOffsetMs;
  }

  /** Follows a step of the wall clock. Cheap; called once per flush interval. */
  followWallClock(): void {
    const offsetMs = Date.now() - performance.now();
    if (Math.abs(offsetMs - this.wallOffsetMs) > toleratedStepMs) this.wallOffsetMs = offsetMs;
  }
}
