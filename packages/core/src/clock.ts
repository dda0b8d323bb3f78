// Hot path: runs for every sampled span. Measure before and after (bench/).

// Once, because the global is a getter, which costs a third of the call. Not imported: node:perf_hooks takes a millisecond to load.
const { performance } = globalThis;

/** How far the wall clock may be stepped (by a person, NTP, a suspended machine) before we follow, in milliseconds. */
export const TOLERATED_STEP_MS = 5;

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
    if (Math.abs(offsetMs - this.wallOffsetMs) > TOLERATED_STEP_MS) this.wallOffsetMs = offsetMs;
  }
}

/** Microseconds beyond are no longer whole numbers: the year 2255. Who gives more has given microseconds. */
const maxTimeMs = Number.MAX_SAFE_INTEGER / 1000;

/**
 * Milliseconds since the epoch; undefined for what is no time, which counts as left out: `finish` is often given to others
 * as a callback.
 */
export function toTimeMs(time: unknown): number | undefined {
  if (time === undefined) return undefined;
  const timeMs = time instanceof Date ? time.getTime() : time;
  return typeof timeMs === 'number' && timeMs >= 0 && timeMs <= maxTimeMs ? timeMs : undefined;
}
