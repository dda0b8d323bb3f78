import { SAMPLER_PARAM_TAG, SAMPLER_TYPE_TAG } from '../constants.js';
import type { TagList } from '../tags.js';
import { ProbabilisticSampler } from './probabilistic-sampler.js';
import { RateLimiter } from './rate-limiter.js';
import { refuseRate } from './rate-limiting-sampler.js';
import type { Sampler } from './sampler.js';

/**
 * Keeps a fixed share of the traces, and so many a second at least, so that what is called rarely is seen too. A trace that
 * was kept for the second reason has the `sampler.type` `lowerbound`, and the share as its `sampler.param`.
 */
export class GuaranteedThroughputSampler implements Sampler {
  tags: Readonly<TagList>;
  readonly #probabilistic: ProbabilisticSampler;
  readonly #lowerBound: RateLimiter;
  #lowerBoundTags: Readonly<TagList>;

  /**
   * @param lowerBound traces a second, 0 or more; a fraction works
   * @param samplingRate share of traces to keep, from 0 (none) to 1 (all)
   * @param nowMs a monotonic clock in milliseconds, for tests
   * @throws SpoorError `SPOOR_CONFIG` outside those ranges
   */
  constructor(lowerBound: number, samplingRate: number, nowMs?: () => number) {
    refuseRate(lowerBound);
    this.#probabilistic = new ProbabilisticSampler(samplingRate);
    this.#lowerBound = new RateLimiter(lowerBound, nowMs);
    this.#lowerBoundTags = tagsOf(samplingRate);
    this.tags = this.#probabilistic.tags;
  }

  get samplingRate(): number {
    return this.#probabilistic.samplingRate;
  }

  get lowerBound(): number {
    return this.#lowerBound.perSecond;
  }

  isSampled(high: number, low: number): boolean {
    // A trace that the share has kept counts for the lower bound too.
    const isInBound = this.#lowerBound.take();
    const isInShare = this.#probabilistic.isSampled(high, low);
    this.tags = isInShare ? this.#probabilistic.tags : this.#lowerBoundTags;
    return isInShare || isInBound;
  }

  /** Changes what is different; false when nothing was. */
  update(lowerBound: number, samplingRate: number): boolean {
    refuseRate(lowerBound);
    const isOtherRate = this.#probabilistic.update(samplingRate);
    if (isOtherRate) this.#lowerBoundTags = tagsOf(samplingRate);
    if (lowerBound === this.lowerBound) return isOtherRate;
    this.#lowerBound.setRate(lowerBound);
    return true;
  }

  toString(): string {
    return `GuaranteedThroughputSampler(samplingRate=${this.samplingRate}, lowerBound=${this.lowerBound})`;
  }
}

function tagsOf(samplingRate: number): Readonly<TagList> {
  return [SAMPLER_TYPE_TAG, 'lowerbound', SAMPLER_PARAM_TAG, samplingRate];
}
