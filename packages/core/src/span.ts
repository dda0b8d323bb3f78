// Hot path: runs for every span. Measure before and after (bench/).
import opentracing from 'opentracing';
import { maxBaggageValueChars, normalizeBaggageKey, withBaggageItem } from './baggage.js';
import { toTimeMs } from './clock.js';
import { FLAG_SAMPLED } from './constants.js';
import type { FinishedSpan, SpanLog, SpanReference } from './finished-span.js';
import { type Baggage, formatIds, type Ids, SpanContext } from './span-context.js';
import {
  bytesOfLog,
  bytesOfTag,
  CUT_VALUES_TAG,
  DROPPED_TAGS_TAG,
  droppedLogsMarker,
  LOG_BYTES,
  Losses,
} from './span-limits.js';
import { tagValueToText } from './tag-value.js';
import { type TagList, type Tags, type TagValue, toTagKey, toTagValue } from './tags.js';
import type { Tracer } from './tracer.js';

/** Shared by all spans that have no tags; never written to. */
const noTags: TagList = [];

// V8 knows this one inside of for-in, and not Object.hasOwn.
const hasOwn = Object.prototype.hasOwnProperty;

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
  durationMs = 0;
  #startMonotonicMs = 0;
  /** Wall clock minus monotonic clock when a start was given, which is not to follow the wall clock later. */
  #givenOffsetMs: number | undefined = undefined;
  /** Bytes that may be set before anybody looks at the limits; below 0 from then on. */
  #room: number;
  #losses: Losses | undefined = undefined;
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
    this.#room = tracer.limits.easyBytes;
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
      this.flags = parent.flags;
      return;
    }
    this.traceId0 = tracer.traceId128bit ? idGenerator.next() : 0;
    this.traceId1 = tracer.traceId128bit ? idGenerator.next() : 0;
    this.traceId2 = this.spanId0 = idGenerator.next();
    this.traceId3 = this.spanId1 = idGenerator.next() || 1;
    this.parentId0 = 0;
    this.parentId1 = 0;
    this.flags = tracer.sample(this.traceId2, this.traceId3, operationName) ? FLAG_SAMPLED : 0;
  }

  /**
   * For {@link Tracer} alone: makes a sampled span writable and starts its clock.
   *
   * @param startTimeMs milliseconds since the epoch; now when undefined
   */
  begin(startTimeMs: number | undefined): void {
    this.#isWritable = true;
    const { clock } = this.#tracer;
    if (startTimeMs === undefined) {
      this.#startMonotonicMs = clock.monotonicMs();
    } else {
      this.#givenOffsetMs = clock.wallOffsetMs;
      this.#startMonotonicMs = startTimeMs - clock.wallOffsetMs;
    }
  }

  /** Milliseconds since the epoch, fractions included; 0 on a span that is not sampled. */
  get startTimeMs(): number {
    return this.isSampled() ? this.#startMonotonicMs + this.#wallOffsetMs : 0;
  }

  /** True when the span will be reported. */
  isSampled(): boolean {
    return (this.flags & FLAG_SAMPLED) !== 0;
  }

  override context(): SpanContext {
    this.#context ??= new SpanContext(this, this.baggage, false);
    return this.#context;
  }

  override tracer(): Tracer {
    return this.#tracer;
  }

  override setOperationName(name: string): this {
    if (this.#isFinished) this.#tracer.reportLateWrite(this);
    else this.operationName = name;
    return this;
  }

  /** Appended, never replaced: of two tags with one key, readers show the later. */
  override setTag(key: string, value: unknown): this {
    if (this.#canWrite()) {
      if (this.tags === noTags) this.tags = [];
      this.#append(this.tags, key, value);
    }
    return this;
  }

  /** Own enumerable properties of `tags`, each as {@link setTag}. */
  override addTags(tags: Tags): this {
    if (this.#canWrite()) {
      if (this.tags === noTags) this.tags = [];
      this.#appendAll(this.tags, tags);
    }
    return this;
  }

  /** @param timestampMs milliseconds since the epoch, fractions allowed; now when left out */
  override log(fields: Tags, timestampMs?: number | Date): this {
    if (this.#canWrite()) {
      const list: TagList = [];
      this.#appendAll(list, fields);
      const log: SpanLog = {
        timestampMs: toTimeMs(timestampMs) ?? this.#tracer.clock.wallMs(),
        fields: list,
      };
      this.#room -= LOG_BYTES;
      if (this.logs === undefined) this.logs = [log];
      else this.logs.push(log);
      if (this.#room < 0) this.#limitLogs();
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
  override finish(finishTimeMs?: number | Date): void {
    const tracer = this.#tracer;
    if (this.#isFinished) {
      tracer.reportSecondFinish(this);
      return;
    }
    this.#isFinished = true;
    if (!this.#isWritable) return;
    this.#isWritable = false;
    const givenMs = toTimeMs(finishTimeMs);
    const endMs = givenMs === undefined ? tracer.clock.monotonicMs() : givenMs - this.#wallOffsetMs;
    this.durationMs = endMs - this.#startMonotonicMs;
    if (this.durationMs < 0) {
      if (givenMs !== undefined) tracer.reportEarlyFinish(this, this.durationMs);
      this.durationMs = 0;
    }
    if (this.#losses !== undefined) this.#tellLosses(this.#losses);
    tracer.report(this);
    // Whoever still holds the span (a timer, a cached promise, a pool) shall not hold what was on it.
    this.tags = noTags;
    this.logs = undefined;
    this.references = undefined;
  }

  override toString(): string {
    return formatIds(this);
  }

  get #wallOffsetMs(): number {
    return this.#givenOffsetMs ?? this.#tracer.clock.wallOffsetMs;
  }

  #canWrite(): boolean {
    if (!this.#isWritable && this.#isFinished) this.#tracer.reportLateWrite(this);
    return this.#isWritable;
  }

  /** Appends the own enumerable properties of `tags`; never throws. */
  #appendAll(list: TagList, tags: Tags): void {
    if (typeof tags !== 'object' || tags === null) return;
    try {
      // Object.entries would make an array per tag, which took a sixth of the time of a span.
      for (const key in tags) if (hasOwn.call(tags, key)) this.#append(list, key, tags[key]);
    } catch {
      // A getter or a proxy of the user threw. The tags before it are kept.
    }
  }

  /** Appends one tag, or one field of a log. */
  #append(list: TagList, key: unknown, value: unknown): void {
    const text = toTagKey(key);
    const tag = toTagValue(value);
    this.#room -= bytesOfTag(text, tag);
    if (this.#room < 0) this.#appendWithinLimits(list, text, tag, value);
    else list.push(text, tag);
  }

  #appendWithinLimits(list: TagList, key: string, tag: TagValue, value: unknown): void {
    this.#room += bytesOfTag(key, tag);
    const { limits } = this.#tracer;
    const kept = limits.cut(key, tag, value);
    const bytes = bytesOfTag(key, kept);
    if (list.length >= limits.maxTagItems || !this.#makeRoom(bytes)) {
      this.#losses ??= new Losses();
      this.#losses.droppedTags++;
      return;
    }
    // NaN is not cut.
    if (!Object.is(kept, tag)) {
      this.#losses ??= new Losses();
      this.#losses.cutValues++;
    }
    this.#room -= bytes;
    list.push(key, kept);
  }

  #limitLogs(): void {
    const { maxLogs } = this.#tracer.limits;
    const logCount = this.logs!.length;
    // Once some are missing, one place is for the marker that says so.
    const isMarked = this.#losses !== undefined && this.#losses.droppedLogs > 0;
    if (logCount > (isMarked ? maxLogs - 1 : maxLogs)) this.#dropLogs(logCount - (maxLogs - 1));
    this.#makeRoom(0);
  }

  /** False where there is no room for so many bytes, even without the logs that may be dropped. */
  #makeRoom(bytes: number): boolean {
    const { furtherBytes } = this.#tracer.limits;
    while (this.#room + furtherBytes < bytes) if (!this.#dropLogs(1)) return false;
    return true;
  }

  /** Drops the oldest logs but the first ones; false where there are no others. */
  #dropLogs(count: number): boolean {
    if (this.logs === undefined) return false;
    this.#losses ??= new Losses();
    const losses = this.#losses;
    losses.firstLogCount ??= this.#tracer.limits.firstLogCount(this.logs);
    const dropped = this.logs.splice(losses.firstLogCount, count);
    for (const log of dropped) {
      this.#room += bytesOfLog(log);
      losses.lastDroppedLogMs = log.timestampMs;
    }
    losses.droppedLogs += dropped.length;
    return dropped.length > 0;
  }

  #tellLosses(losses: Losses): void {
    const { cutValues, droppedTags, droppedLogs, firstLogCount } = losses;
    if (this.tags === noTags) this.tags = [];
    if (cutValues > 0) this.tags.push(CUT_VALUES_TAG, cutValues);
    if (droppedTags > 0) this.tags.push(DROPPED_TAGS_TAG, droppedTags);
    if (droppedLogs > 0) this.logs!.splice(firstLogCount!, 0, droppedLogsMarker(losses));
  }
}
