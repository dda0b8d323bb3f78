import {
  type Sampler as CoreSampler,
  type SamplingDecision as CoreSamplingDecision,
  type Span as CoreSpan,
  type LateSampler,
  SpoorError,
  type TagList,
} from '@spoor/core';
import { tagsToObject, toTagValue } from '@spoor/core/internal';
import type { Span } from './span.js';
import type { LegacySamplerV1, Sampler, SamplingDecision } from './types.js';

export type AnySampler = Sampler | LegacySamplerV1;

/** What the samplers of this package say about themselves; others that decide late say it too. */
export const SAMPLER_API_V2 = 'SAMPLER_API_V2';

/** The sampler of `@spoor/core` behind one of this package's. */
const coreSamplers = new WeakMap<object, { exactly: unknown; core: CoreSampler | LateSampler }>();

/** Remembers that `sampler` does what `core` does, unless it is of a class derived from `exactly`. */
export function standsFor(
  sampler: AnySampler,
  exactly: unknown,
  core: CoreSampler | LateSampler,
): void {
  coreSamplers.set(sampler, { exactly, core });
}

/** @throws SpoorError `SPOOR_CONFIG` for what is no sampler */
export function toCoreSampler(sampler: AnySampler): CoreSampler | LateSampler {
  const known = coreSamplers.get(sampler ?? {});
  if (known !== undefined && known.exactly === sampler.constructor) return known.core;
  const { apiVersion, isSampled } = (sampler ?? {}) as Partial<Sampler & LegacySamplerV1>;
  if (apiVersion === SAMPLER_API_V2) return new ForeignLateSampler(sampler as Sampler);
  if (apiVersion === undefined && typeof isSampled === 'function') {
    return new ForeignSampler(sampler as LegacySamplerV1);
  }
  throw new SpoorError(
    'SPOOR_CONFIG',
    `Unrecognized sampler: ${sampler}. Write an object with name() and isSampled(operation, tags).`,
  );
}

/** The decisions of a sampler of `@spoor/core`, as this package has them. */
export function decisionOf(decision: CoreSamplingDecision): SamplingDecision {
  const { sample, retryable, tags } = decision;
  return { sample, retryable, tags: tags === undefined ? null : tagsToObject(tags) };
}

class ForeignSampler implements CoreSampler {
  tags: Readonly<TagList> = [];
  readonly #sampler: LegacySamplerV1;

  constructor(sampler: LegacySamplerV1) {
    this.#sampler = sampler;
  }

  isSampled(_high: number, _low: number, operationName: string): boolean {
    const tags: Record<string, unknown> = {};
    if (!this.#sampler.isSampled(operationName, tags)) return false;
    this.tags = toTagList(tags);
    return true;
  }

  close(): void {
    this.#sampler.close?.(() => {});
  }

  toString(): string {
    return String(this.#sampler);
  }
}

class ForeignLateSampler implements LateSampler {
  readonly #sampler: Sampler;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  onCreateSpan(span: CoreSpan): CoreSamplingDecision {
    return toCoreDecision(this.#sampler.onCreateSpan(span as Span));
  }

  onSetOperationName(span: CoreSpan, operationName: string): CoreSamplingDecision {
    return toCoreDecision(this.#sampler.onSetOperationName(span as Span, operationName));
  }

  onSetTag(span: CoreSpan, key: string, value: unknown): CoreSamplingDecision {
    return toCoreDecision(this.#sampler.onSetTag(span as Span, key, value));
  }

  close(): void {
    this.#sampler.close?.(() => {});
  }

  toString(): string {
    return String(this.#sampler);
  }
}

function toCoreDecision({ sample, retryable, tags }: SamplingDecision): CoreSamplingDecision {
  return { sample, retryable, tags: toTagList(tags ?? {}) };
}

function toTagList(tags: Record<string, unknown>): TagList {
  return Object.entries(tags).flatMap(([key, value]) => [key, toTagValue(value)]);
}
