// Hot path: runs for every span. Measure before and after (bench/).

import { normalizeBaggageKey } from './baggage.js';
import { toTimeMs } from './clock.js';
import {
  FLAG_DEBUG,
  FLAG_FIREHOSE,
  FLAG_SAMPLED,
  FLAG_UNDECIDED,
  SAMPLING_PRIORITY_TAG,
  WIRE_FLAGS,
} from './constants.js';
import type { FinishedSpan, SpanLog, SpanReference } from './finished-span.js';
import * as opentracing from './opentracing.js';
import type { SamplingDecision } from './sampling/late-sampler.js';
import { SamplingState, UNDECIDED } from './sampling/sampling-state.js';
import {
  type Baggage,
  formatIds,
  type Parent,
  SpanContext,
  type W3cHeaders,
} from './span-context.js';
import { isEasy, SpanBudget } from './span-limits.js';
import { type TagList, type Tags, toTagKey } from './tags.js';
import type { Tracer } from './tracer.js';

/** Shared by all spans that have no tags; never written to. */
const noTags: TagList = [];

// V8 knows this one inside of for-in, and not Object.hasOwn.
const hasOwn = Object.prototype.hasOwnProperty;

const WRITABLE = UNDECIDED | FLAG_SAMPLED;

/** What few spans have; most are smaller without. */
class Extras {
  logs: SpanLog[] | undefined = undefined;
  references: readonly SpanReference[] | undefined = undefined;
  baggage: Baggage | undefined = undefined;
  w3c: W3cHeaders | undefined = undefined;
  budget: SpanBudget | undefined = undefined;
  /** Wall clock minus monotonic clock when a start was given, which is not to follow the wall clock later. */
  givenOffsetMs: number | undefined = undefined;
}

/**
 * One operation of a trace. Made by `tracer.startSpan`, ended once by {@link finish}.
 *
 * Setters return the span and never throw. On a span that is not {@link isWritable writable}, tags and logs are not kept;
 * baggage is, because it travels all the same.
 *
 * Whether a trace is kept is decided for all of its spans in this process at once, also when that is late. A span that has
 * finished by then is lost.
 */
export class Span extends opentracing.Span implements FinishedSpan, Parent {
  readonly traceId0: number;
  readonly traceId1: number;
  readonly traceId2: number;
  readonly traceId3: number;
  readonly spanId0: number;
  readonly spanId1: number;
  readonly parentId0: number;
  readonly parentId1: number;
  operationName: string;
  tags: TagList = noTags;
  durationMs = 0;
  /** On the monotonic clock while the span is open; on the wall clock when it has finished. */
  #startMs = 0;
  #isFinished = false;
  readonly #isLocalRoot: boolean;
  readonly #samplingState: SamplingState;
  #extras: Extras | undefined = undefined;
  #context: SpanContext | undefined = undefined;
  readonly #tracer: Tracer;

  /** For {@link Tracer} alone; users call `tracer.startSpan`. `parent` belongs to a trace, or is undefined. */
  constructor(
    tracer: Tracer,
    operationName: string,
    parent: Parent | undefined,
    references: readonly SpanReference[] | undefined,
    baggage: Baggage | undefined,
    isParentItself: boolean,
  ) {
    super();
    const { idGenerator } = tracer;
    this.#tracer = tracer;
    this.operationName = operationName;
    if (references !== undefined) this.#getExtras().references = references;
    if (baggage !== undefined) this.#getExtras().baggage = baggage;
    if (parent !== undefined) {
      this.traceId0 = parent.traceId0;
      this.traceId1 = parent.traceId1;
      this.traceId2 = parent.traceId2;
      this.traceId3 = parent.traceId3;
      this.parentId0 = isParentItself ? parent.parentId0 : parent.spanId0;
      this.parentId1 = isParentItself ? parent.parentId1 : parent.spanId1;
      this.spanId0 = isParentItself ? parent.spanId0 : idGenerator.next();
      // An id of zero means "none" on the wire.
      this.spanId1 = isParentItself ? parent.spanId1 : idGenerator.next() || 1;
      this.#isLocalRoot = parent.samplingState === undefined;
      this.#samplingState =
        parent.samplingState ??
        new SamplingState(
          (parent.flags & FLAG_UNDECIDED) === 0
            ? parent.flags
            : tracer.sample(this.traceId2, this.traceId3, operationName),
        );
      return;
    }
    this.traceId0 = tracer.traceId128bit ? idGenerator.next() : 0;
    this.traceId1 = tracer.traceId128bit ? idGenerator.next() : 0;
    this.traceId2 = this.spanId0 = idGenerator.next();
    this.traceId3 = this.spanId1 = idGenerator.next() || 1;
    this.parentId0 = 0;
    this.parentId1 = 0;
    this.#isLocalRoot = true;
    this.#samplingState = new SamplingState(
      tracer.sample(this.traceId2, this.traceId3, operationName),
    );
  }

  /** For {@link Tracer} alone: starts the clock of a span that is or may be kept, now where no time is given. */
  begin(startTime: number | Date | undefined): void {
    if (this.#isKept() || startTime !== undefined) this.#startClock(toTimeMs(startTime));
  }

  /** True: a span always belongs to a trace. */
  get isValid(): boolean {
    return true;
  }

  get logs(): readonly SpanLog[] | undefined {
    return this.#extras?.logs;
  }

  get references(): readonly SpanReference[] | undefined {
    return this.#extras?.references;
  }

  get baggage(): Baggage | undefined {
    return this.#extras?.baggage;
  }

  /** For {@link Tracer} alone; users call {@link setBaggageItem}. */
  set baggage(baggage: Baggage | undefined) {
    this.#getExtras().baggage = baggage;
  }

  get w3c(): W3cHeaders | undefined {
    return this.#extras?.w3c;
  }

  /** For {@link Tracer} alone: what came with the parent. */
  set w3c(w3c: W3cHeaders | undefined) {
    this.#getExtras().w3c = w3c;
  }

  /** Sampled, debug and firehose, as they are sent to other processes. */
  get flags(): number {
    return this.#samplingState.flags & WIRE_FLAGS;
  }

  /** For samplers that keep something about a trace: the same object for all spans of it in this process. */
  get samplingState(): SamplingState {
    return this.#samplingState;
  }

  /** True on the first span of a trace in this process. */
  isLocalRoot(): boolean {
    return this.#isLocalRoot;
  }

  /** Milliseconds since the epoch, fractions included; 0 on a span that is not sampled. */
  get startTimeMs(): number {
    return this.#isFinished ? this.#startMs : this.#openStartTimeMs();
  }

  /** True when the span is to be reported. */
  isSampled(): boolean {
    return (this.#samplingState.flags & FLAG_SAMPLED) !== 0;
  }

  /** True while tags and logs are kept: until the span has finished, if it is sampled or a sampler may still say so. */
  isWritable(): boolean {
    return this.#isKept();
  }

  /** True while a sampler may still decide to keep the trace. */
  isUndecided(): boolean {
    return (this.#samplingState.flags & UNDECIDED) !== 0;
  }

  /** For {@link Tracer} alone: what a sampler said about this span holds for the whole trace; a yes is never taken back. */
  apply(decision: SamplingDecision): void {
    const state = this.#samplingState;
    if (!decision.retryable) state.flags &= ~UNDECIDED;
    if (!decision.sample) return;
    state.flags |= decision.firehose === true ? FLAG_SAMPLED | FLAG_FIREHOSE : FLAG_SAMPLED;
    if (decision.tags !== undefined) this.appendTags(decision.tags);
  }

  /** For {@link Tracer} alone: keeps the trace whatever the sampler says; the sampler is asked all the same. */
  force(flags: number): void {
    const state = this.#samplingState;
    state.flags |= flags;
    // Where the sampler had refused for good, nobody has looked at the clock.
    if (state.forcedAtMs === 0) state.forcedAtMs = this.#tracer.clock.monotonicMs();
  }

  /** For {@link Tracer} alone: tags of its own and of the sampler's, about which the sampler is not asked. */
  appendTags(tags: Readonly<TagList>): void {
    if (this.tags === noTags) this.tags = [];
    for (let i = 0; i < tags.length; i++) this.tags.push(tags[i]!);
  }

  override context(): SpanContext {
    this.#context ??= new SpanContext(this, this.baggage, false, {
      samplingState: this.#samplingState,
      w3c: this.w3c,
    });
    return this.#context;
  }

  override tracer(): Tracer {
    return this.#tracer;
  }

  override setOperationName(name: string): this {
    if (this.#isFinished) return this.#ignored();
    this.operationName = name;
    if (this.isUndecided()) this.#tracer.decideOnName(this, name);
    return this;
  }

  /**
   * Appended, never replaced: of two tags with one key, readers show the later. `sampling.priority` keeps the trace from
   * now on, with the debug flag, if it is above 0 and the throttler agrees; any other value drops the trace.
   */
  override setTag(key: string, value: unknown): this {
    // So small that V8 inlines it, which is most of what a tag costs that is not kept.
    if (this.#isKept() || key === SAMPLING_PRIORITY_TAG) this.#keepTag(key, value);
    else if (this.#isFinished) this.#tracer.reportLateWrite(this);
    return this;
  }

  /** Own enumerable properties of `tags`, each as {@link setTag}; `sampling.priority` first. */
  override addTags(tags: Tags): this {
    if (typeof tags !== 'object' || tags === null) return this;
    if (hasPriority(tags) || this.isUndecided()) return this.#addOneByOne(tags);
    if (!this.#isKept()) return this.#ignored();
    try {
      // Object.entries would make an array per tag, which took a sixth of the time of a span.
      for (const key in tags) if (hasOwn.call(tags, key)) this.#append(key, tags[key]);
    } catch {
      // A getter or a proxy of the user threw. The tags before it are kept.
    }
    return this;
  }

  /** @param timestampMs milliseconds since the epoch, fractions allowed; now when left out */
  override log(fields: Tags, timestampMs?: number | Date): this {
    if (!this.#isKept()) return this.#ignored();
    const extras = this.#getExtras();
    extras.logs ??= [];
    const timeMs = toTimeMs(timestampMs) ?? this.#tracer.clock.wallMs();
    this.#getBudget().addLog(this.tags, extras.logs, timeMs, fields);
    return this;
  }

  /** @deprecated as in OpenTracing; write `span.log({ event, payload })` */
  override logEvent(event: string, payload: unknown): void {
    this.log({ event, payload });
  }

  /**
   * Travels to every span started below this one from now on, in this process and beyond. Keys are
   * lower-cased and `_` becomes `-`; values are cut at 2048 characters, keys beyond 248 and items beyond 64 are refused, as
   * is what the tracer's `baggageRestrictions` refuse. `null` removes the item. Each change is logged on the span.
   */
  override setBaggageItem(key: string, value: string | null): this {
    const change = this.#tracer.changeBaggage(this.baggage, normalizeBaggageKey(key), value);
    this.baggage = change.baggage;
    this.#context = undefined;
    if (this.isWritable()) this.log(change.fields);
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
    if (this.isUndecided()) tracer.decideOnFinish(this);
    this.#isFinished = true;
    if (this.isSampled()) this.#report(finishTimeMs);
    else this.#startMs = 0;
    // Whoever still holds the span (a timer, a cached promise, a pool) shall not hold what was on it.
    this.tags = noTags;
    if (this.#extras !== undefined) this.#release(this.#extras);
  }

  override toString(): string {
    return formatIds(this);
  }

  #report(finishTimeMs: number | Date | undefined): void {
    this.#setTimes(toTimeMs(finishTimeMs));
    const extras = this.#extras;
    if (extras?.budget !== undefined) {
      if (this.tags === noTags) this.tags = [];
      extras.budget.tellLosses(this.tags, extras.logs);
    }
    this.#tracer.report(this);
  }

  #release(extras: Extras): void {
    extras.logs = undefined;
    extras.references = undefined;
    extras.budget = undefined;
  }

  #getExtras(): Extras {
    this.#extras ??= new Extras();
    return this.#extras;
  }

  #getBudget(): SpanBudget {
    const extras = this.#getExtras();
    extras.budget ??= new SpanBudget(this.#tracer.limits);
    return extras.budget;
  }

  /** True when the tag is to be kept. Whatever the value, no sampler is asked about this trace any more. */
  #setPriority(value: unknown): boolean {
    if (value === null || value === undefined || this.#isFinished) return false;
    const state = this.#samplingState;
    state.flags &= ~UNDECIDED;
    if (!isAboveZero(value)) {
      state.flags &= ~(FLAG_SAMPLED | FLAG_DEBUG);
      return false;
    }
    if ((state.flags & FLAG_DEBUG) !== 0) return false;
    const flags = this.#tracer.forcedFlags(this.operationName);
    if (flags === 0) return false;
    this.force(flags);
    return true;
  }

  #keepTag(key: string, value: unknown): void {
    if (key === SAMPLING_PRIORITY_TAG && !this.#setPriority(value)) return;
    this.#append(key, value);
    if (this.isUndecided()) this.#tracer.decideOnTag(this, key, value);
  }

  #startClock(startTimeMs: number | undefined): void {
    const { clock } = this.#tracer;
    if (startTimeMs === undefined) {
      this.#startMs = clock.monotonicMs();
      return;
    }
    this.#getExtras().givenOffsetMs = clock.wallOffsetMs;
    this.#startMs = startTimeMs - clock.wallOffsetMs;
  }

  /** What {@link isWritable} says of a span that nobody observes. */
  #isKept(): boolean {
    return (this.#samplingState.flags & WRITABLE) !== 0 && !this.#isFinished;
  }

  #openStartTimeMs(): number {
    return this.isSampled() ? this.#startMonotonicMs() + this.#wallOffsetMs() : 0;
  }

  #startMonotonicMs(): number {
    // It had been refused for good, and then its trace was forced: known is when that was.
    return this.#startMs || this.#samplingState.forcedAtMs;
  }

  #wallOffsetMs(): number {
    return this.#extras?.givenOffsetMs ?? this.#tracer.clock.wallOffsetMs;
  }

  #setTimes(givenEndMs: number | undefined): void {
    const startMs = this.#startMonotonicMs();
    const offsetMs = this.#wallOffsetMs();
    const endMs =
      givenEndMs === undefined ? this.#tracer.clock.monotonicMs() : givenEndMs - offsetMs;
    const durationMs = endMs - startMs;
    if (durationMs < 0 && givenEndMs !== undefined)
      this.#tracer.reportEarlyFinish(this, durationMs);
    this.#startMs = startMs + offsetMs;
    this.durationMs = Math.max(0, durationMs);
  }

  /** Nothing was kept; that is said where it is because the span has finished. */
  #ignored(): this {
    if (this.#isFinished) this.#tracer.reportLateWrite(this);
    return this;
  }

  #append(key: unknown, value: unknown): void {
    if (this.tags === noTags) this.tags = [];
    const { tags } = this;
    const { easyItems, easyChars } = this.#tracer.limits;
    if (tags.length < easyItems && isEasy(key, value, easyChars)) tags.push(key as string, value);
    else this.#getBudget().addTag(tags, this.#extras!.logs, toTagKey(key), value);
  }

  #addOneByOne(tags: Tags): this {
    try {
      this.setTag(SAMPLING_PRIORITY_TAG, tags[SAMPLING_PRIORITY_TAG]);
      for (const key in tags) {
        if (key !== SAMPLING_PRIORITY_TAG && hasOwn.call(tags, key)) this.setTag(key, tags[key]);
      }
    } catch {
      // A getter or a proxy of the user threw. The tags before it are kept.
    }
    return this;
  }
}

function hasPriority(tags: Tags): boolean {
  try {
    return tags[SAMPLING_PRIORITY_TAG] !== undefined;
  } catch {
    return false;
  }
}

/** As JavaScript compares, so that `'2'` and `true` count, as in `jaeger-client` for Node. */
function isAboveZero(value: unknown): boolean {
  try {
    return (value as number) > 0;
  } catch {
    return false;
  }
}
