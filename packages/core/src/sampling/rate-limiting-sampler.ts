import { SAMPLER_PARAM_TAG, SAMPLER_TYPE_TAG } from '../constants.js';
import { SpoorError } from '../errors.js';
import type { TagList } from '../tags.js';
import type { Sampler } from './sampler.js';

/**
 * Keeps at most so many new traces a second: a bucket that fills at that rate, holds one second's worth
 * (but at least one trace), and starts full.
 */
export class RateLimitingSampler implements Sampler {
  readonly tags: Readonly<TagList>;
  readonly #perSecond: number;
  readonly #capacity: number;
  readonly #nowMs: () => number;
  #balance: number;
  #refilledAtMs: number;

  /**
   * @param maxTracesPerSecond 0 or more; a fraction works, 0.1 is one trace in ten seconds
   * @param nowMs a monotonic clock in milliseconds, for tests
   * @throws SpoorError `SPOOR_CONFIG` when the rate is negative or no number
   */
  constructor(maxTracesPerSecond: number, nowMs: () => number = () => performance.now()) {
    if (!Number.isFinite(maxTracesPerSecond) || maxTracesPerSecond < 0) {
      throw new SpoorError(
        'SPOOR_CONFIG',
        `sampler.param: expected traces per second as a number of 0 or more, got ${String(maxTracesPerSecond)}. Write 100 to keep up to 100 new traces a second.`,
      );
    }
    this.tags = [SAMPLER_TYPE_TAG, 'ratelimiting', SAMPLER_PARAM_TAG, maxTracesPerSecond];
    this.#perSecond = maxTracesPerSecond;
    this.#capacity = maxTracesPerSecond === 0 ? 0 : Math.max(maxTracesPerSecond, 1);
    this.#balance = this.#capacity;
    this.#nowMs = nowMs;
    this.#refilledAtMs = nowMs();
  }

  isSampled(): boolean {
    const now = this.#nowMs();
    const earned = ((now - this.#refilledAtMs) / 1000) * this.#perSecond;
    this.#refilledAtMs = now;
    this.#balance = Math.min(this.#balance + earned, this.#capacity);
    if (this.#balance < 1) return false;
    this.#balance -= 1;
    return true;
  }

  toString(): string {
    return `RateLimitingSampler(maxTracesPerSecond=${this.#perSecond})`;
  }
}
