import type { Baggage, Ids, W3cHeaders } from './span-context.js';
import type { TagList } from './tags.js';

/** One log of a span. */
export interface SpanLog {
  /** Milliseconds since the epoch, fractions included. */
  readonly timestampMs: number;
  readonly fields: Readonly<TagList>;
}

/** A link to another span, other than the parent id alone. */
export interface SpanReference {
  readonly type: 'child_of' | 'follows_from';
  readonly context: Ids;
}

/**
 * What a {@link Reporter} and an {@link Encoder} see of a span. To be read during the call only: the span
 * releases its tags and logs when `report` returns, so that whoever still holds the span holds little.
 */
export interface FinishedSpan extends Ids {
  readonly operationName: string;
  /** Milliseconds since the epoch, fractions included. */
  readonly startTimeMs: number;
  readonly durationMs: number;
  readonly tags: Readonly<TagList>;
  readonly logs: readonly SpanLog[] | undefined;
  readonly references: readonly SpanReference[] | undefined;
  readonly baggage: Baggage | undefined;
  /** What came with the trace in W3C headers. */
  readonly w3c?: W3cHeaders | undefined;
}
