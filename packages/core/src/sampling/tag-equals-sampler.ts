import { SAMPLER_PARAM_TAG, SAMPLER_TYPE_TAG } from '../constants.js';
import { SpoorError } from '../errors.js';
import type { Span } from '../span.js';
import { tagValueToText } from '../tag-value.js';
import { type TagValue, toTagValue } from '../tags.js';
import { type LateSampler, type SamplingDecision, undecided } from './late-sampler.js';

/** One value of the tag that keeps a trace. */
export interface TagMatcher {
  readonly tagValue: TagValue;
  /** True asks the backend to store the trace without indexing it. @default false */
  readonly firehose?: boolean | undefined;
}

/** The form in which a configuration file names a tag and its values. */
export interface TagEqualsStrategy {
  readonly key: string;
  readonly values: Readonly<Record<string, { readonly firehose?: boolean | undefined }>>;
}

/**
 * Keeps a trace as soon as one of its spans in this process gets a tag with one of the given values, compared as text. Until
 * then the trace is undecided; in a `PrioritySampler` others can decide first.
 */
export class TagEqualsSampler implements LateSampler {
  readonly #key: string;
  readonly #decisions = new Map<string, SamplingDecision>();

  /** @throws SpoorError `SPOOR_CONFIG` when `matchers` is no list */
  constructor(key: string, matchers: readonly TagMatcher[]) {
    if (!Array.isArray(matchers)) {
      throw new SpoorError(
        'SPOOR_CONFIG',
        "TagEqualsSampler: expected a list of matchers. Write new TagEqualsSampler('user', [{ tagValue: 'test' }]).",
      );
    }
    this.#key = key;
    for (const { tagValue, firehose } of matchers as readonly TagMatcher[]) {
      this.#decisions.set(tagValueToText(tagValue), {
        sample: true,
        retryable: false,
        tags: [SAMPLER_TYPE_TAG, 'TagEqualsSampler', SAMPLER_PARAM_TAG, toTagValue(tagValue)],
        firehose: firehose === true,
      });
    }
  }

  /** `{ key: 'user', values: { test: { firehose: true } } }` */
  static fromStrategy({ key, values }: TagEqualsStrategy): TagEqualsSampler {
    const matchers = Object.entries(values).map(([tagValue, options]) => ({
      tagValue,
      firehose: options?.firehose === true,
    }));
    return new TagEqualsSampler(key, matchers);
  }

  onCreateSpan(): SamplingDecision {
    return undecided;
  }

  onSetOperationName(): SamplingDecision {
    return undecided;
  }

  onSetTag(_span: Span, key: string, value: unknown): SamplingDecision {
    if (key !== this.#key) return undecided;
    return this.#decisions.get(tagValueToText(value)) ?? undecided;
  }

  toString(): string {
    return `TagEqualsSampler(${this.#key})`;
  }
}
