import { SAMPLER_PARAM_TAG, SAMPLER_TYPE_TAG } from '../constants.js';
import { SpoorError } from '../errors.js';
import type { TagList } from '../tags.js';
import type { Sampler } from './sampler.js';

/**
 * Keeps a fixed share of the traces. The decision depends on the trace id alone, so every process that
 * sees the trace and has the same rate decides alike.
 *
 * @see jaeger-client-go sampler.go: the low 63 bits of the trace id against `(2^63 - 1) * rate`, inclusive.
 * Ours differs in one trace of 2^63: a rate of 0 never samples.
 */
export class ProbabilisticSampler implements Sampler {
  tags: Readonly<TagList> = [];
  #rate = Number.NaN;
  #boundHigh = 0;
  #boundLow = 0;

  /**
   * @param rate share of traces to keep, from 0 (none) to 1 (all)
   * @throws SpoorError `SPOOR_CONFIG` outside that range
   */
  constructor(rate: number) {
    this.update(rate);
  }

  get samplingRate(): number {
    return this.#rate;
  }

  /** Changes the rate as the constructor sets it; false when it was the same. */
  update(rate: number): boolean {
    if (rate === this.#rate) return false;
    if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1)) {
      throw new SpoorError(
        'SPOOR_CONFIG',
        `sampler.param: expected a number from 0 to 1, got ${String(rate)}. Write 0.1 to keep one trace in ten.`,
      );
    }
    this.tags = [SAMPLER_TYPE_TAG, 'probabilistic', SAMPLER_PARAM_TAG, rate];
    this.#rate = rate;
    // 2^63 as a double is what Go's float64(maxRandomNumber) is; the product is exact for every rate.
    const bound = rate === 1 ? 2n ** 63n - 1n : BigInt(Math.floor(2 ** 63 * rate));
    this.#boundHigh = Number(bound >> 32n);
    this.#boundLow = Number(bound & 0xffffffffn);
    return true;
  }

  isSampled(high: number, low: number): boolean {
    const top = high & 0x7fffffff;
    if (top !== this.#boundHigh) return top < this.#boundHigh;
    return low >>> 0 <= this.#boundLow && this.#rate > 0;
  }

  toString(): string {
    return `ProbabilisticSampler(samplingRate=${this.#rate})`;
  }
}
