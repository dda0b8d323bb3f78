import { maxBaggageValueChars } from '../baggage.js';
import { type FaultLog, messageOf } from '../logger.js';
import type { SamplerContext } from '../sampling/sampler.js';
import type { BaggageRestriction, BaggageRestrictions } from './baggage-restrictions.js';

/** Those of the user, who may have written them: never throws, and says only what can be meant. */
export class CheckedRestrictions implements BaggageRestrictions {
  readonly #restrictions: BaggageRestrictions;
  readonly #faults: FaultLog;

  constructor(restrictions: BaggageRestrictions, faults: FaultLog) {
    this.#restrictions = restrictions;
    this.#faults = faults;
  }

  start(context: SamplerContext): void {
    this.#restrictions.start?.(context);
  }

  getRestriction(serviceName: string, key: string): BaggageRestriction {
    try {
      const { keyAllowed, maxValueLength } = this.#restrictions.getRestriction(serviceName, key);
      if (typeof keyAllowed === 'boolean' && maxValueLength >= 0) {
        return { keyAllowed, maxValueLength: Math.min(maxValueLength, maxBaggageValueChars) };
      }
      throw new Error(`keyAllowed is ${keyAllowed} and maxValueLength ${maxValueLength}`);
    } catch (error) {
      this.#faults.report(
        'baggage',
        `the baggage restrictions failed: ${messageOf(error)}. The item is allowed.`,
      );
      return { keyAllowed: true, maxValueLength: maxBaggageValueChars };
    }
  }

  close(): void {
    this.#restrictions.close?.();
  }
}
