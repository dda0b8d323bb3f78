import { SAMPLER_PARAM_TAG, SAMPLER_TYPE_TAG } from '../constants.js';
import { SpoorError } from '../errors.js';
import type { TagList } from '../tags.js';
import { RateLimiter } from './rate-limiter.js';
import type { Sampler } from './sampler.js';

/**
 * Keeps at most so many new traces a second: a bucket that fills at that rate, holds one second's worth
 * (but at least one trace), and starts full.
 */
export class RateLimitingSampler implements Sampler {
  tags: Readonly<TagList>;
  readonly #limiter: RateLimiter;

  /**
   * @param maxTracesPerSecond 0 or more; a fraction works, 0.1 is one trace in ten seconds
   * @param nowMs a monotonic clock in milliseconds, for tests
   * @throws SpoorError `SPOOR_CONFIG` when the rate is negative or no number
   */
  constructor(maxTracesPerSecond: number, nowMs?: () => number) {
    refuseRate(maxTracesPerSecond);
    this.tags = tagsOf(maxTracesPerSecond);
    this.#limiter = new RateLimiter(maxTracesPerSecond, nowMs);
  }

  get maxTracesPerSecond(): number {
    return this.#limiter.perSecond;
  }

  isSampled(): boolean {
    return this.#limiter.take();
  }

  /** Changes the rate and keeps the bucket as full as it was; false when it was the same. */
  update(maxTracesPerSecond: number): boolean {
    if (maxTracesPerSecond === this.maxTracesPerSecond) return false;
    refuseRate(maxTracesPerSecond);
    this.tags = tagsOf(maxTracesPerSecond);
    this.#limiter.setRate(maxTracesPerSecond);
    return true;
  }

  toString(): string {
    return `RateLimitingSampler(maxTracesPerSecond=${this.maxTracesPerSecond})`;
  }
}

/** @throws SpoorError `SPOOR_CONFIG` for what is no number of 0 or more */
export function refuseRate(perSecond: number): void {
  if (Number.isFinite(perSecond) && perSecond >= 0) return;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `sampler.param: expected traces per second as a number of 0 or more, got ${String(perSecond)}. Write 100 to keep up to 100 new traces a second.`,
  );
}

function tagsOf(maxTracesPerSecond: number): Readonly<TagList> {
  return [SAMPLER_TYPE_TAG, 'ratelimiting', SAMPLER_PARAM_TAG, maxTracesPerSecond];
}
