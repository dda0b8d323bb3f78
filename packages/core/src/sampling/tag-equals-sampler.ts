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

/** The forms in which a configuration file names a tag and its values: `values` as for Node's client, `matchers` as for Go's. */
export interface TagEqualsStrategy {
  readonly key: string;
  /** Wins over `matchers`. */
  readonly values?:
    | Readonly<Record<string, { readonly firehose?: boolean | undefined }>>
    | undefined;
  /** The same, with values that are no texts too. */
  readonly matchers?:
    | readonly {
        readonly value: TagValue;
        readonly firehose?: boolean | undefined;
      }[]
    | undefined;
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

  /**
   * `{ key: 'user', values: { test: { firehose: true } } }`
   *
   * @throws SpoorError `SPOOR_CONFIG` when there are neither values nor matchers
   */
  static fromStrategy({ key, values, matchers }: TagEqualsStrategy): TagEqualsSampler {
    if (values) {
      const listed = Object.entries(values);
      return new TagEqualsSampler(
        key,
        listed.map(([tagValue, options]) => ({ tagValue, firehose: options?.firehose })),
      );
    }
    if (!Array.isArray(matchers)) {
      throw new SpoorError(
        'SPOOR_CONFIG',
        "TagEqualsSampler.fromStrategy: expected values. Write { key: 'user', values: { test: { firehose: false } } }.",
      );
    }
    return new TagEqualsSampler(
      key,
      matchers.map(({ value, firehose }) => ({ tagValue: value, firehose })),
    );
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
