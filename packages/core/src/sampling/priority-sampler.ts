import type { Span } from '../span.js';
import { type LateSampler, type SamplingDecision, toLateSampler } from './late-sampler.js';
import type { Sampler, SamplerContext } from './sampler.js';
import type { SamplingState } from './sampling-state.js';

/**
 * Asks several samplers in their order and takes the first yes. One that has said no for good is not asked again in the same
 * trace; the trace stays undecided as long as one of the others may still say yes.
 *
 * `new PrioritySampler([new TagEqualsSampler(…), new ConstSampler(false)])` keeps the traces with a certain tag.
 */
export class PrioritySampler implements LateSampler {
  readonly #delegates: readonly LateSampler[];
  /** By trace, those of the delegates that have decided for good. */
  readonly #decided = new WeakMap<SamplingState, Set<LateSampler>>();

  constructor(samplers: readonly (Sampler | LateSampler)[]) {
    this.#delegates = samplers.map(toLateSampler);
  }

  onCreateSpan(span: Span): SamplingDecision {
    return this.#firstYes(span, (sampler) => sampler.onCreateSpan(span));
  }

  onSetOperationName(span: Span, operationName: string): SamplingDecision {
    return this.#firstYes(span, (sampler) => sampler.onSetOperationName(span, operationName));
  }

  onSetTag(span: Span, key: string, value: unknown): SamplingDecision {
    return this.#firstYes(span, (sampler) => sampler.onSetTag(span, key, value));
  }

  onFinishSpan(span: Span): SamplingDecision {
    return this.#firstYes(span, (sampler) => sampler.onFinishSpan?.(span));
  }

  start(context: SamplerContext): void {
    for (const sampler of this.#delegates) sampler.start?.(context);
  }

  close(): void {
    for (const sampler of this.#delegates) sampler.close?.();
  }

  toString(): string {
    return 'PrioritySampler';
  }

  #firstYes(
    span: Span,
    ask: (sampler: LateSampler) => SamplingDecision | undefined,
  ): SamplingDecision {
    const decided = this.#decidedIn(span);
    let retryable = false;
    for (const sampler of this.#delegates) {
      if (decided.has(sampler)) continue;
      const decision = ask(sampler);
      // It has no such question.
      if (decision === undefined) {
        retryable = true;
        continue;
      }
      if (decision.retryable) retryable = true;
      else decided.add(sampler);
      if (decision.sample) return decision;
    }
    return { sample: false, retryable };
  }

  #decidedIn({ samplingState }: Span): Set<LateSampler> {
    let decided = this.#decided.get(samplingState);
    if (decided === undefined) {
      decided = new Set();
      this.#decided.set(samplingState, decided);
    }
    return decided;
  }
}
