import { maxBaggageValueChars } from '../baggage.js';
import type { SamplerContext } from '../sampling/sampler.js';

/** What may be set under a key. */
export interface BaggageRestriction {
  /** False refuses the item. */
  readonly keyAllowed: boolean;
  /** In characters; longer values are cut. 2048 at most, whatever it says. */
  readonly maxValueLength: number;
}

/** Decides what `span.setBaggageItem` may set; what comes from elsewhere is not asked about. What it throws allows the item. */
export interface BaggageRestrictions {
  /** @param key in lower case, with `-` for `_` */
  getRestriction(serviceName: string, key: string): BaggageRestriction;
  /** Called once by the tracer that uses the restrictions. */
  start?(context: SamplerContext): void;
  /** Stops what runs in the background, if anything does. */
  close?(): void;
}

/** Allows every key. */
export class DefaultBaggageRestrictions implements BaggageRestrictions {
  readonly #restriction: BaggageRestriction;

  /** @param maxValueLength in characters */
  constructor(maxValueLength: number = maxBaggageValueChars) {
    this.#restriction = { keyAllowed: true, maxValueLength };
  }

  getRestriction(): BaggageRestriction {
    return this.#restriction;
  }
}
