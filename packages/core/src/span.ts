// Hot path: runs for every span. Measure before and after (bench/).
import opentracing from 'opentracing';
import { maxBaggageValueChars, normalizeBaggageKey, withBaggageItem } from './baggage.js';
import { FLAG_SAMPLED, FLAG_UNDECIDED } from './constants.js';
import type { FinishedSpan, SpanLog, SpanReference } from './finished-span.js';
import { type Baggage, formatIds, type Ids, SpanContext, type W3cHeaders } from './span-context.js';
import { tagValueToText } from './tag-value.js';
import { appendTags, type TagList, toTagKey, toTagValue } from './tags.js';
import type { Tracer } from './tracer.js';

/** Shared by all spans that have no tags; never written to. */
const noTags: TagList = [];

/**
 * One operation of a trace. Made by `tracer.startSpan`, ended once by {@link finish}.
 *
 * Setters return the span and never throw. On a span that is not sampled, or finished already, tags and
 * logs are not kept; baggage and the operation name are, because they travel all the same.
 */
export class Span extends opentracing.Span implements FinishedSpan {
  readonly traceId0: number;
  readonly traceId1: number;
  readonly traceId2: number;
  readonly traceId3: number;
  readonly spanId0: number;
  readonly spanId1: number;
  readonly parentId0: number;
  readonly parentId1: number;
  readonly flags: number;
  operationName: string;
  tags: TagList = noTags;
  logs: SpanLog[] | undefined = undefined;
  references: readonly SpanReference[] | undefined;
  baggage: Baggage | undefined;
  /** Set by {@link Tracer} alone, from the parent. */
  w3c: W3cHeaders | undefined = undefined;
  durationMs = 0;
  #startMonotonicMs = 0;
  #isWritable = false;
  #isFinished = false;
  #context: SpanContext | undefined = undefined;
  readonly #tracer: Tracer;

  /** For {@link Tracer} alone; users call `tracer.startSpan`. `parent` belongs to a trace, or is undefined. */
  constructor(
    tracer: Tracer,
    operationName: string,
    parent: Ids | undefined,
    references: readonly SpanReference[] | undefined,
    baggage: Baggage | undefined,
  ) {
    super();
    const { idGenerator } = tracer;
    this.#tracer = tracer;
    this.operationName = operationName;
    this.references = references;
    this.baggage = baggage;
    if (parent !== undefined) {
      this.traceId0 = parent.traceId0;
      this.traceId1 = parent.traceId1;
      this.traceId2 = parent.traceId2;
      this.traceId3 = parent.traceId3;
      this.parentId0 = parent.spanId0;
      this.parentId1 = parent.spanId1;
      this.spanId0 = idGenerator.next();
      // An id of zero means "none" on the wire.
      this.spanId1 = idGenerator.next() || 1;
      this.flags =
        (parent.flags & FLAG_UNDECIDED) === 0
          ? parent.flags
          : sampledFlag(tracer, this.traceId2, this.traceId3, operationName);
      return;
    }
    this.traceId0 = tracer.traceId128bit ? idGenerator.next() : 0;
    this.traceId1 = tracer.traceId128bit ? idGenerator.next() : 0;
    this.traceId2 = this.spanId0 = idGenerator.next();
    this.traceId3 = this.spanId1 = idGenerator.next() || 1;
    this.parentId0 = 0;
    this.parentId1 = 0;
    this.flags = sampledFlag(tracer, this.traceId2, this.traceId3, operationName);
  }

  /**
   * For {@link Tracer} alone: makes a sampled span writable and starts its clock.
   *
   * @param startTimeMs milliseconds since the epoch; now when undefined
   */
  begin(startTimeMs: number | undefined): void {
    this.#isWritable = true;
    const { clock } = this.#tracer;
    this.#startMonotonicMs =
      startTimeMs === undefined ? clock.monotonicMs() : startTimeMs - clock.wallOffsetMs;
  }

  /** Milliseconds since the epoch, fractions included; 0 on a span that is not sampled. */
  get startTimeMs(): number {
    return this.isSampled() ? this.#startMonotonicMs + this.#tracer.clock.wallOffsetMs : 0;
  }

  /** True when the span will be reported. */
  isSampled(): boolean {
    return (this.flags & FLAG_SAMPLED) !== 0;
  }

  override context(): SpanContext {
    this.#context ??= new SpanContext(this, this.baggage, false, this.w3c);
    return this.#context;
  }

  override tracer(): Tracer {
    return this.#tracer;
  }

  override setOperationName(name: string): this {
    if (!this.#isFinished) this.operationName = name;
    return this;
  }

  /** Appended, never replaced: of two tags with one key, readers show the later. */
  override setTag(key: string, value: unknown): this {
    if (this.#isWritable) {
      const tag = toTagValue(value);
      if (this.tags === noTags) this.tags = [];
      this.tags.push(toTagKey(key), tag);
    }
    return this;
  }

  /** Own enumerable properties of `tags`, each as {@link setTag}. */
  override addTags(tags: Record<string, unknown>): this {
    if (this.#isWritable && typeof tags === 'object' && tags !== null) {
      if (this.tags === noTags) this.tags = [];
      appendTags(this.tags, tags);
    }
    return this;
  }

  /** @param timestampMs milliseconds since the epoch, fractions allowed; now when left out */
  override log(fields: Record<string, unknown>, timestampMs?: number): this {
    if (this.#isWritable) {
      const list: TagList = [];
      if (typeof fields === 'object' && fields !== null) appendTags(list, fields);
      const log: SpanLog = {
        timestampMs: isTime(timestampMs) ? timestampMs : this.#tracer.clock.wallMs(),
        fields: list,
      };
      if (this.logs === undefined) this.logs = [log];
      else this.logs.push(log);
    }
    return this;
  }

  /** @deprecated as in OpenTracing; write `span.log({ event, payload })` */
  override logEvent(event: string, payload: unknown): void {
    this.log({ event, payload });
  }

  /**
   * Travels to every span started below this one from now on, in this process and beyond. Keys are
   * lower-cased and `_` becomes `-`; values are cut at 2048 characters, items beyond 64 are not kept.
   * `null` removes the item. Each change is logged on the span.
   */
  override setBaggageItem(key: string, value: string | null): this {
    const normalizedKey = normalizeBaggageKey(key);
    const text = value === null || value === undefined ? undefined : tagValueToText(value);
    const previous = this.baggage?.[normalizedKey];
    this.baggage = withBaggageItem(this.baggage, normalizedKey, text);
    this.#context = undefined;
    if (this.#isWritable) {
      const fields: Record<string, string> = { event: 'baggage', key: normalizedKey };
      fields.value = text === undefined ? '' : text.slice(0, maxBaggageValueChars);
      if (previous !== undefined) fields.override = 'true';
      if (text !== undefined && text.length > maxBaggageValueChars) fields.truncated = 'true';
      if (text !== undefined && this.baggage?.[normalizedKey] === undefined) {
        fields.invalid = 'true';
      }
      this.log(fields);
    }
    return this;
  }

  override getBaggageItem(key: string): string | undefined {
    return this.baggage?.[normalizeBaggageKey(key)];
  }

  /**
   * Ends the span and hands it to the reporter. A second call changes nothing and is logged.
   *
   * @param finishTimeMs milliseconds since the epoch, fractions allowed; now when left out
   */
  override finish(finishTimeMs?: number): void {
    const tracer = this.#tracer;
    if (this.#isFinished) {
      tracer.reportSecondFinish(this);
      return;
    }
    this.#isFinished = true;
    if (!this.#isWritable) return;
    this.#isWritable = false;
    const { clock } = tracer;
    const endMs = isTime(finishTimeMs) ? finishTimeMs - clock.wallOffsetMs : clock.monotonicMs();
    this.durationMs = Math.max(0, endMs - this.#startMonotonicMs);
    tracer.report(this);
    // Whoever still holds the span (a timer, a cached promise, a pool) shall not hold what was on it.
    this.tags = noTags;
    this.logs = undefined;
    this.references = undefined;
  }

  override toString(): string {
    return formatIds(this);
  }
}

function sampledFlag(
  tracer: Tracer,
  traceId2: number,
  traceId3: number,
  operationName: string,
): number {
  return tracer.sample(traceId2, traceId3, operationName) ? FLAG_SAMPLED : 0;
}

/** What is no finite number counts as left out: `finish` is often given to others as a callback. */
function isTime(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}
