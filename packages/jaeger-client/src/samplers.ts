import {
  ConstSampler as CoreConstSampler,
  ProbabilisticSampler as CoreProbabilisticSampler,
  RateLimitingSampler as CoreRateLimitingSampler,
  type Sampler as CoreSampler,
} from '@spoor/core';
import { IdGenerator, tagsToObject } from '@spoor/core/internal';
import { standsFor } from './adapt-sampler.js';
import { NamedSampler } from './named-sampler.js';
import type { Span } from './span.js';
import type { Sampler, SamplingDecision } from './types.js';

/** Stands in for a trace id where somebody asks a sampler by hand, without a trace. */
const random = new IdGenerator();

/** What the three samplers that decide at once have in common. */
abstract class SimpleSampler extends NamedSampler implements Sampler {
  readonly #core: CoreSampler;

  constructor(core: CoreSampler) {
    super();
    this.#core = core;
  }

  /** Decides, for a trace of its own; its tags go into `tags` when it says yes. */
  isSampled(operation: string, tags: Record<string, unknown>): boolean {
    const isSampled = this.#core.isSampled(random.next(), random.next(), operation);
    if (isSampled) Object.assign(tags, tagsToObject(this.#core.tags));
    return isSampled;
  }

  onCreateSpan(span: Span): SamplingDecision {
    return this.onSetOperationName(span, span.operationName);
  }

  onSetOperationName(_span: Span, operationName: string): SamplingDecision {
    const tags = {};
    return { sample: this.isSampled(operationName, tags), retryable: false, tags };
  }

  onSetTag(_span: Span, _key: string, _value: unknown): SamplingDecision {
    return { sample: false, retryable: true, tags: null };
  }

  close(callback?: () => void): void {
    callback?.();
  }

  override toString(): string {
    return String(this.#core);
  }
}

/** Keeps every trace, or none. */
export class ConstSampler extends SimpleSampler {
  readonly decision: boolean;

  constructor(decision: boolean) {
    const core = new CoreConstSampler(Boolean(decision));
    super(core);
    this.decision = decision;
    standsFor(this, ConstSampler, core);
  }

  name(): string {
    return 'ConstSampler';
  }

  equal(other: unknown): boolean {
    return other instanceof ConstSampler && other.decision === this.decision;
  }
}

/** Keeps a share of the traces, chosen by their ids: every process that sees a trace decides alike. */
export class ProbabilisticSampler extends SimpleSampler {
  readonly #core: CoreProbabilisticSampler;

  /**
   * @param samplingRate from 0 (none) to 1 (all)
   * @throws SpoorError `SPOOR_CONFIG` outside that range
   */
  constructor(samplingRate: number) {
    const core = new CoreProbabilisticSampler(samplingRate);
    super(core);
    this.#core = core;
    standsFor(this, ProbabilisticSampler, core);
  }

  get samplingRate(): number {
    return this.#core.samplingRate;
  }

  name(): string {
    return 'ProbabilisticSampler';
  }

  /** False when the rate was the same. @throws SpoorError `SPOOR_CONFIG` as the constructor */
  update(samplingRate: number): boolean {
    return this.#core.update(samplingRate);
  }

  equal(other: unknown): boolean {
    return other instanceof ProbabilisticSampler && other.samplingRate === this.samplingRate;
  }
}

/** Keeps at most so many new traces a second. */
export class RateLimitingSampler extends SimpleSampler {
  readonly #core: CoreRateLimitingSampler;

  /**
   * @param maxTracesPerSecond 0 or more; a fraction works
   * @param _initBalance is not looked at: a new sampler may keep a second's worth at once
   * @throws SpoorError `SPOOR_CONFIG` below 0
   */
  constructor(maxTracesPerSecond: number, _initBalance?: number) {
    const core = new CoreRateLimitingSampler(maxTracesPerSecond);
    super(core);
    this.#core = core;
    standsFor(this, RateLimitingSampler, core);
  }

  get maxTracesPerSecond(): number {
    return this.#core.maxTracesPerSecond;
  }

  name(): string {
    return 'RateLimitingSampler';
  }

  /** False when the rate was the same. @throws SpoorError `SPOOR_CONFIG` below 0 */
  update(maxTracesPerSecond: number): boolean {
    return this.#core.update(maxTracesPerSecond);
  }

  equal(other: unknown): boolean {
    return (
      other instanceof RateLimitingSampler && other.maxTracesPerSecond === this.maxTracesPerSecond
    );
  }
}
