import type { Span } from '../span.js';
import type { TagList } from '../tags.js';
import type { Sampler, SamplerContext } from './sampler.js';

/** What a {@link LateSampler} says when it is asked. */
export interface SamplingDecision {
  /** True keeps the trace; false leaves it as it is. */
  readonly sample: boolean;
  /** False ends the asking for this trace: what is not kept by now, no sampler will keep. */
  readonly retryable: boolean;
  /** Put on the span that was asked about, if `sample` is true. */
  readonly tags?: Readonly<TagList> | undefined;
  /** True asks the backend to store the trace without indexing it. @default false */
  readonly firehose?: boolean | undefined;
}

/**
 * A sampler that may decide after the start of a trace, by a name or a tag that it gets later. As long as it has not said
 * `retryable: false`, it is asked at every event of every span of the trace in this process, and these spans keep their
 * tags and logs, which costs. Must be quick and must not throw (a throw is logged and decides nothing).
 */
export interface LateSampler {
  /** A span starts: its tags are not set yet. Also asked for the children of an undecided trace. */
  onCreateSpan(span: Span): SamplingDecision;
  onSetOperationName(span: Span, operationName: string): SamplingDecision;
  /** The tag is on the span already. */
  onSetTag(span: Span, key: string, value: unknown): SamplingDecision;
  /** The last moment at which this span can be kept. @default decides nothing */
  onFinishSpan?(span: Span): SamplingDecision;
  /** Called once by the tracer that uses the sampler. */
  start?(context: SamplerContext): void;
  /** Stops what the sampler runs in the background, if it does. */
  close?(): void;
}

/** Nothing is decided, and may be later. */
export const undecided: SamplingDecision = { sample: false, retryable: true };

const no: SamplingDecision = { sample: false, retryable: false };

export function isLateSampler(sampler: Sampler | LateSampler): sampler is LateSampler {
  return typeof (sampler as Partial<LateSampler>).onCreateSpan === 'function';
}

/** For those who hold samplers of both kinds: a {@link Sampler} decides at the first event that names a span. */
export function toLateSampler(sampler: Sampler | LateSampler): LateSampler {
  return isLateSampler(sampler) ? sampler : new AtOnce(sampler);
}

class AtOnce implements LateSampler {
  readonly #sampler: Sampler;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  onCreateSpan(span: Span): SamplingDecision {
    return this.onSetOperationName(span, span.operationName);
  }

  onSetOperationName({ traceId2, traceId3 }: Span, operationName: string): SamplingDecision {
    return this.#sampler.isSampled(traceId2, traceId3, operationName)
      ? { sample: true, retryable: false, tags: this.#sampler.tags }
      : no;
  }

  onSetTag(): SamplingDecision {
    return undecided;
  }

  start(context: SamplerContext): void {
    this.#sampler.start?.(context);
  }

  close(): void {
    this.#sampler.close?.();
  }
}
