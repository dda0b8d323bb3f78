import {
  type Baggage,
  Span as CoreSpan,
  type Tracer as CoreTracer,
  type Parent,
  type SpanLog,
  type SpanReference,
  type TagList,
} from '@spoor/core';
import opentracing from 'opentracing';
import { SpanContext } from './span-context.js';
import type { Tracer } from './tracer.js';

/** A tag, or a field of a log. */
export interface Tag {
  key: string;
  value: unknown;
}

/** What a span held when it was reported. */
interface Kept {
  readonly tags: Readonly<TagList>;
  readonly logs: readonly SpanLog[] | undefined;
  readonly references: readonly SpanReference[] | undefined;
}

/**
 * One operation of a trace, made by `tracer.startSpan`. The fields with an underscore are those that reporters and tests of
 * applications read; they are copies, and what is written into them is lost.
 */
export class Span extends CoreSpan {
  #kept: Kept | undefined = undefined;
  #jaegerContext: SpanContext | undefined = undefined;

  /** For the tracer alone; applications call `tracer.startSpan`. */
  constructor(
    tracer: CoreTracer,
    operationName: string,
    parent: Parent | undefined,
    references: readonly SpanReference[] | undefined,
    baggage: Baggage | undefined,
    isParentItself: boolean,
  ) {
    super(tracer, operationName, parent, references, baggage, isParentItself);
    if (!(parent instanceof SpanContext)) return;
    // Where the trace was begun it was decided about it too.
    if (parent.isRemote()) parent.finalizeSampling();
    else if (!parent.samplingFinalized) this.tracer().decideAtOnce(this);
  }

  override context(): SpanContext {
    const known = this.#jaegerContext;
    // Baggage is never changed in place.
    if (known !== undefined && known.baggage === this.baggage) return known;
    const { samplingState } = this;
    this.baggage ??= {};
    this.#jaegerContext = new SpanContext(
      this,
      null,
      null,
      null,
      null,
      null,
      this.baggage,
      '',
      samplingState,
    );
    return this.#jaegerContext;
  }

  override tracer(): Tracer {
    // Only a tracer of this package makes such a span.
    return super.tracer() as Tracer;
  }

  get serviceName(): string {
    return this.tracer().serviceName;
  }

  get _operationName(): string {
    return this.operationName;
  }

  get _spanContext(): SpanContext {
    return this.context();
  }

  get _startTime(): number {
    return this.startTimeMs;
  }

  get _duration(): number {
    return this.durationMs;
  }

  get _tags(): Tag[] {
    return toTags((this.#kept ?? this).tags);
  }

  get _logs(): { timestamp: number; fields: Tag[] }[] {
    const logs = (this.#kept ?? this).logs ?? [];
    return logs.map(({ timestampMs, fields }) => ({
      timestamp: timestampMs,
      fields: toTags(fields),
    }));
  }

  get _references(): opentracing.Reference[] {
    const references = (this.#kept ?? this).references ?? [];
    return references.map(
      ({ type, context }) =>
        new opentracing.Reference(
          type,
          context instanceof Span ? context.context() : (context as SpanContext),
        ),
    );
  }

  /** For reporters that keep spans: what is on this one stays there after its finish. */
  keep(): void {
    this.#kept = { tags: this.tags, logs: this.logs, references: this.references };
  }
}

export function toTags(list: Readonly<TagList>): Tag[] {
  const tags: Tag[] = [];
  for (let i = 0; i < list.length; i += 2) {
    tags.push({ key: String(list[i]), value: list[i + 1] });
  }
  return tags;
}
