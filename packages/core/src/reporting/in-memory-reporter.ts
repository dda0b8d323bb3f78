import type { FinishedSpan } from '../finished-span.js';
import { type Baggage, SpanContext } from '../span-context.js';
import { type TagValue, tagsToObject } from '../tags.js';
import type { Reporter } from './reporter.js';

/** A finished span as {@link InMemoryReporter} keeps it. */
export interface RecordedSpan {
  readonly operationName: string;
  readonly context: SpanContext;
  /** The parent's span id as 16 hex digits; `''` for the first span of a trace. */
  readonly parentId: string;
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number;
  readonly durationMs: number;
  /** Of tags with one key the last one. */
  readonly tags: Record<string, TagValue>;
  readonly logs: readonly { timestampMs: number; fields: Record<string, TagValue> }[];
  readonly references: readonly { type: 'child_of' | 'follows_from'; spanId: string }[];
  readonly baggage: Baggage | undefined;
}

/** Keeps every span until {@link clear}: for tests, of applications too. */
export class InMemoryReporter implements Reporter {
  #spans: RecordedSpan[] = [];

  /** What was reported so far, in the order in which the spans finished. */
  get spans(): readonly RecordedSpan[] {
    return this.#spans;
  }

  clear(): void {
    this.#spans = [];
  }

  report(span: FinishedSpan): void {
    // Its flags are no property of its own, and nobody reads those of the parent.
    const parent = { ...span, flags: 0, spanId0: span.parentId0, spanId1: span.parentId1 };
    this.#spans.push({
      operationName: span.operationName,
      context: new SpanContext(span, span.baggage, false),
      parentId: new SpanContext(parent, undefined, false).toSpanId(),
      startTimeMs: span.startTimeMs,
      durationMs: span.durationMs,
      tags: tagsToObject(span.tags),
      logs: (span.logs ?? []).map(({ timestampMs, fields }) => ({
        timestampMs,
        fields: tagsToObject(fields),
      })),
      references: (span.references ?? []).map(({ type, context }) => ({
        type,
        spanId: new SpanContext(context, undefined, false).toSpanId(),
      })),
      baggage: span.baggage && { ...span.baggage },
    });
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  toString(): string {
    return 'InMemoryReporter';
  }
}
