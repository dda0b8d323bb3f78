import type { Span } from '../span.js';
import { GuaranteedThroughputSampler } from './guaranteed-throughput-sampler.js';
import { type LateSampler, type SamplingDecision, undecided } from './late-sampler.js';
import { ProbabilisticSampler } from './probabilistic-sampler.js';

/** How the traces of each operation are chosen; what a sampling server calls `operationSampling`, and serves for adaptive sampling. */
export interface PerOperationStrategies {
  /** Share of traces to keep of an operation that is not in the list, from 0 to 1. */
  readonly defaultSamplingProbability: number;
  /** Traces a second that are kept of each operation at least. */
  readonly defaultLowerBoundTracesPerSecond: number;
  readonly perOperationStrategies: readonly OperationStrategy[];
}

/** Share of traces to keep of one operation, from 0 to 1. */
export interface OperationStrategy {
  readonly operation: string;
  readonly samplingRate: number;
}

/** Options of {@link PerOperationSampler}. */
export interface PerOperationSamplerOptions {
  /** Operations that have a rate and a lower bound of their own; the others share the default rate. @default 2000 */
  maxOperations?: number | undefined;
  /**
   * Decide again when the first span of a trace gets a name (an HTTP server knows the route of a request late), for which
   * the spans of undecided traces keep their tags. False decides once, by the name at the start.
   *
   * @default true
   */
  operationNameLateBinding?: boolean | undefined;
  /** A monotonic clock in milliseconds, for tests. */
  nowMs?: (() => number) | undefined;
}

interface Operation {
  readonly sampler: GuaranteedThroughputSampler;
  /** Since the strategies were updated last. */
  wasAsked: boolean;
}

/**
 * Keeps a share of the traces of each operation, and so many a second of each at least. The operation is the name of the
 * first span of a trace in this process.
 */
export class PerOperationSampler implements LateSampler {
  readonly #operations = new Map<string, Operation>();
  readonly #maxOperations: number;
  readonly #isLate: boolean;
  readonly #nowMs: (() => number) | undefined;
  readonly #default = new ProbabilisticSampler(0);
  #lowerBound = Number.NaN;

  /** @throws SpoorError `SPOOR_CONFIG` for a rate or a bound that cannot be */
  constructor(strategies: PerOperationStrategies, options: PerOperationSamplerOptions = {}) {
    this.#maxOperations = options.maxOperations ?? 2000;
    this.#isLate = options.operationNameLateBinding ?? true;
    this.#nowMs = options.nowMs;
    this.update(strategies);
  }

  onCreateSpan(span: Span): SamplingDecision {
    return this.#decide(span, span.operationName, this.#isLate);
  }

  onSetOperationName(span: Span, operationName: string): SamplingDecision {
    return this.#decide(span, operationName, false);
  }

  onSetTag(): SamplingDecision {
    return undecided;
  }

  /**
   * Changes rates and bounds in place. Operations that are not in the list have the default rate from now on; those of
   * them that were not asked for since the last update are forgotten.
   *
   * @returns false when nothing was different
   * @throws SpoorError `SPOOR_CONFIG` for a rate or a bound that cannot be
   */
  update(strategies: PerOperationStrategies): boolean {
    const { defaultSamplingProbability: rate, defaultLowerBoundTracesPerSecond: lowerBound } =
      strategies;
    let isChanged = lowerBound !== this.#lowerBound;
    this.#lowerBound = lowerBound;
    if (this.#default.update(rate)) isChanged = true;
    const listed = new Set<string>();
    for (const { operation, samplingRate } of strategies.perOperationStrategies) {
      listed.add(operation);
      const known = this.#operations.get(operation);
      if (known === undefined) {
        this.#add(operation, samplingRate);
        isChanged = true;
      } else if (known.sampler.update(lowerBound, samplingRate)) {
        isChanged = true;
      }
    }
    for (const [operation, known] of this.#operations) {
      if (!listed.has(operation)) {
        if (!known.wasAsked) this.#operations.delete(operation);
        if (known.sampler.update(lowerBound, rate)) isChanged = true;
      }
      known.wasAsked = false;
    }
    return isChanged;
  }

  toString(): string {
    return `PerOperationSampler(maxOperations=${this.#maxOperations})`;
  }

  #decide(span: Span, operationName: string, retryable: boolean): SamplingDecision {
    if (!span.isLocalRoot()) return { sample: false, retryable };
    const sampler = this.#samplerOf(operationName);
    return sampler.isSampled(span.traceId2, span.traceId3)
      ? { sample: true, retryable, tags: sampler.tags }
      : { sample: false, retryable };
  }

  #samplerOf(operationName: string): ProbabilisticSampler | GuaranteedThroughputSampler {
    let operation = this.#operations.get(operationName);
    if (operation === undefined) {
      if (this.#operations.size >= this.#maxOperations) return this.#default;
      operation = this.#add(operationName, this.#default.samplingRate);
    }
    operation.wasAsked = true;
    return operation.sampler;
  }

  #add(name: string, samplingRate: number): Operation {
    const sampler = new GuaranteedThroughputSampler(this.#lowerBound, samplingRate, this.#nowMs);
    const operation = { sampler, wasAsked: false };
    this.#operations.set(name, operation);
    return operation;
  }
}
