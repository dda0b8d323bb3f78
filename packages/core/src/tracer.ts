// Hot path: runs for every span. Measure before and after (bench/).

import { activeSpan, withSpan } from './active-span.js';
import { DefaultBaggageRestrictions } from './baggage/baggage-restrictions.js';
import { CheckedRestrictions } from './baggage/checked-restrictions.js';
import { type BaggageChange, changeBaggage } from './baggage.js';
import { Clock, TOLERATED_STEP_MS } from './clock.js';
import { DEBUG_ID_HEADER, FLAG_DEBUG, FLAG_SAMPLED, FLAG_UNDECIDED } from './constants.js';
import type { SpanReference } from './finished-span.js';
import { IdGenerator } from './ids.js';
import { consoleLogger, FaultLog, messageOf } from './logger.js';
import { Metrics } from './metrics/metrics.js';
import { ObservedSpan } from './observed-span.js';
import type { Observer } from './observer.js';
import * as opentracing from './opentracing.js';
import { createProcess, type Process } from './process-tags.js';
import { Carriers } from './propagation/carriers.js';
import { jaegerCodec } from './propagation/jaeger-codec.js';
import { Propagation, type RequestHeaders } from './propagation/propagation.js';
import { w3cCodec } from './propagation/w3c-codec.js';
import { parentOf, selfOf, spoorIds, validReferences } from './references.js';
import { NullReporter } from './reporting/null-reporter.js';
import type { Reporter } from './reporting/reporter.js';
import { ConstSampler } from './sampling/const-sampler.js';
import { isLateSampler, type LateSampler, type SamplingDecision } from './sampling/late-sampler.js';
import type { Sampler, SamplerContext } from './sampling/sampler.js';
import { UNDECIDED } from './sampling/sampling-state.js';
import { type DebugRequest, DefaultThrottler, type Throttler } from './sampling/throttler.js';
import { Span } from './span.js';
import { type Baggage, type Ids, type Parent, SpanContext } from './span-context.js';
import { SpanLimits } from './span-limits.js';
import { tagValueToText } from './tag-value.js';
import type { TagList, Tags } from './tags.js';
import { nameOf, type TracerDescription } from './tracer-description.js';
import type { StartSpanOptions, TracerOptions } from './tracer-options.js';

/**
 * Starts spans, carries their context between processes, knows the active one.
 *
 * After the constructor nothing throws: faults are counted and logged, at most once a minute each.
 */
export class Tracer extends opentracing.Tracer {
  readonly serviceName: string;
  readonly process: Process;
  /** For {@link Span} alone, as are the fields below. */
  readonly idGenerator: IdGenerator = new IdGenerator();
  readonly clock: Clock = new Clock();
  readonly traceId128bit: boolean;
  readonly limits: SpanLimits;
  /** What the parts of the tracer are started with. */
  protected readonly context: SamplerContext;
  readonly #reporter: Reporter;
  /** One of the two is there: the first decides at the start of a trace, the second may decide later. */
  readonly #sampler: Sampler | undefined;
  readonly #lateSampler: LateSampler | undefined;
  readonly #throttler: Throttler;
  readonly #noDebugFlag: boolean;
  readonly #shareRpcSpan: boolean;
  readonly #baggageRestrictions: CheckedRestrictions;
  readonly #carriers: Carriers;
  readonly #metrics: Metrics;
  /** Undefined where there are none. */
  readonly #observers: readonly Observer[] | undefined;
  readonly #faults: FaultLog;
  readonly #describeSettings: TracerOptions['describeSettings'];
  #closing: Promise<void> | undefined = undefined;

  constructor(serviceName: string, options: TracerOptions = {}) {
    super();
    this.serviceName = serviceName;
    this.limits = new SpanLimits(options.limits);
    this.process = createProcess(serviceName, options.tags ?? {}, this.limits);
    this.traceId128bit = options.traceId128bit ?? false;
    this.#reporter = options.reporter ?? new NullReporter();
    const sampler: Sampler | LateSampler = options.sampler ?? new ConstSampler(false);
    if (isLateSampler(sampler)) this.#lateSampler = sampler;
    else this.#sampler = sampler;
    this.#throttler = options.throttler ?? new DefaultThrottler();
    this.#noDebugFlag = options.noDebugFlagOnForcedSampling ?? false;
    this.#shareRpcSpan = options.shareRpcSpan ?? false;
    this.#metrics = new Metrics(options.metrics);
    if (options.observers?.length) this.#observers = [...options.observers];
    this.#faults = new FaultLog(options.logger ?? consoleLogger);
    this.#baggageRestrictions = new CheckedRestrictions(
      options.baggageRestrictions ?? new DefaultBaggageRestrictions(),
      this.#faults,
    );
    this.#describeSettings = options.describeSettings;
    const codecs = [jaegerCodec, w3cCodec];
    const propagation = options.propagation ?? new Propagation(codecs, codecs);
    this.#carriers = new Carriers(propagation, this.#metrics, this.#faults);
    this.context = { process: this.process, metrics: this.#metrics, faults: this.#faults };
    this.#reporter.start?.({ ...this.context, clock: this.clock });
    sampler.start?.(this.context);
    this.#throttler.start?.(this.context);
    this.#baggageRestrictions.start(this.context);
  }

  /** Without a parent in `options` the active span is the parent; without one of those a new trace starts. */
  override startSpan(operationName: string, options?: StartSpanOptions): Span {
    const hasReferences = options?.references !== undefined;
    const self = hasReferences ? selfOf(options) : undefined;
    const parent = self ?? parentOf(options);
    const references = hasReferences ? validReferences(options.references) : undefined;
    const isNewTrace = parent === undefined || !parent.isValid;
    const span = this.createSpan(
      operationName,
      isNewTrace ? undefined : parent,
      references,
      parent?.baggage,
      self !== undefined || (this.#shareRpcSpan && sharesSpan(parent, options?.tags)),
    );
    span.begin(options?.startTime);
    if (parent?.w3c !== undefined) span.w3c = parent.w3c;
    let debugId: string | undefined;
    // A trace that is refused, and that nobody asked for, has nothing to begin with.
    if (span.isLocalRoot() && (parent !== undefined || span.isSampled())) {
      debugId = this.#beginTrace(span, parent, isNewTrace);
    }
    if (span.isUndecided()) this.#decideOnCreate(span);
    if (options?.tags !== undefined) span.addTags(options.tags);
    if (debugId !== undefined) span.appendTags([DEBUG_ID_HEADER, debugId]);
    if (this.#metrics.isCounting) this.#count(span, isNewTrace ? undefined : parent, options?.tags);
    if (this.#observers !== undefined && span instanceof ObservedSpan) {
      span.observe(this.#observers, operationName, options);
    }
    return span;
  }

  /** For the first span of a trace in this process. Returns the debug id that the trace is kept for, if any. */
  #beginTrace(span: Span, parent: Parent | undefined, isNewTrace: boolean): string | undefined {
    const isSampledHere = isNewTrace || (parent!.flags & FLAG_UNDECIDED) !== 0;
    if (isSampledHere && span.isSampled()) span.appendTags(this.#samplerTags());
    if (!isNewTrace || !(parent instanceof SpanContext)) return undefined;
    const debugId = this.#allowedDebugId(parent, span.operationName);
    if (debugId === undefined) this.#followRequest(span, parent);
    else span.force(FLAG_SAMPLED | FLAG_DEBUG);
    return debugId;
  }

  #count(span: Span, parent: Parent | undefined, tags: Tags | undefined): void {
    this.#metrics.spanStarted(span.isSampled(), parent === undefined);
    if (parent !== undefined && joinsTrace(parent, tags))
      this.#metrics.traceJoined(span.isSampled());
  }

  /** Other packages of ours have spans of their own. A class in a field instead would not be inlined by V8. */
  protected createSpan(
    operationName: string,
    parent: Parent | undefined,
    references: readonly SpanReference[] | undefined,
    baggage: Baggage | undefined,
    isParentItself: boolean,
  ): Span {
    if (this.#observers !== undefined) {
      return new ObservedSpan(this, operationName, parent, references, baggage, isParentItself);
    }
    return new Span(this, operationName, parent, references, baggage, isParentItself);
  }

  /** Runs `fn` with `span` active, also in all that `fn` awaits or schedules; returns what `fn` returns. */
  withSpan<T>(span: Span | null | undefined, fn: () => T): T {
    return withSpan(span, fn);
  }

  /** The span that is active here, if any. */
  activeSpan(): Span | undefined {
    return activeSpan();
  }

  /**
   * Writes the context into `carrier`: headers for `text_map` and `http_headers`, the property `buffer` for
   * `binary`. Ignores what is no Spoor context or no carrier.
   */
  override inject(
    spanContext: opentracing.SpanContext | opentracing.Span,
    format: string,
    carrier: unknown,
  ): void {
    const ids = spoorIds(spanContext);
    if (ids !== undefined) this.#carriers.inject(ids, format, carrier);
  }

  /**
   * Reads a context out of `carrier`; header names in any case. Returns null when there is none. A malformed
   * one is counted and gives null too, so that a new trace starts.
   */
  override extract(format: string, carrier: unknown): SpanContext | null {
    return this.#carriers.extract(format, carrier) ?? null;
  }

  /** For server instrumentation: as {@link extract}, from a request of `node:http`, without copying its headers. */
  extractRequest(headers: RequestHeaders, rawHeaders: readonly string[]): SpanContext | undefined {
    return this.#carriers.extractRequest(headers, rawHeaders);
  }

  /** For client instrumentation: whether a header that {@link inject} wrote carries baggage, not ids. */
  isBaggageHeader(name: string): boolean {
    return this.#carriers.isBaggageHeader(name);
  }

  /**
   * Sends what is buffered. Resolves when that is accepted or lost, at the latest after five seconds.
   * Never rejects.
   */
  flush(callback?: () => void): Promise<void> {
    return this.#guarded(() => this.#reporter.flush(), callback);
  }

  /**
   * Sends what is buffered, then closes sockets and timers; at most five seconds. Spans that finish later
   * are counted as dropped. Idempotent, never rejects.
   */
  close(callback?: () => void): Promise<void> {
    this.#closing ??= this.#guarded(async () => {
      try {
        await this.#reporter.close();
      } finally {
        this.#sampler?.close?.();
        this.#lateSampler?.close?.();
        this.#throttler.close?.();
        this.#baggageRestrictions.close();
      }
    });
    return this.#guarded(() => this.#closing!, callback);
  }

  /** The parts of this tracer, and its effective configuration with where each value came from; secrets are masked. */
  describe(): TracerDescription {
    return {
      serviceName: this.serviceName,
      sampler: nameOf(this.#sampler ?? this.#lateSampler!),
      reporter: nameOf(this.#reporter),
      settings: this.#describeSettings?.() ?? {},
    };
  }

  /** For {@link Span}: the flags of a new trace. */
  sample(traceId2: number, traceId3: number, operationName: string): number {
    if (this.#sampler === undefined) return UNDECIDED;
    try {
      return this.#sampler.isSampled(traceId2, traceId3, operationName) ? FLAG_SAMPLED : 0;
    } catch (error) {
      this.#reportSampler(error);
      return 0;
    }
  }

  /** By itself, because V8 keeps what a closure may want on the heap, whether or not it is ever made. */
  #decideOnCreate(span: Span): void {
    this.#decide(span, (sampler) => sampler.onCreateSpan(span));
  }

  /** For {@link Span}: an undecided span has another name. */
  decideOnName(span: Span, name: string): void {
    this.#decide(span, (sampler) => sampler.onSetOperationName(span, name));
  }

  /** For {@link Span}: an undecided span has one tag more. */
  decideOnTag(span: Span, key: string, value: unknown): void {
    this.#decide(span, (sampler) => sampler.onSetTag(span, key, value));
  }

  /** For {@link Span}: an undecided span is about to finish. */
  decideOnFinish(span: Span): void {
    this.#decide(span, (sampler) => sampler.onFinishSpan?.(span));
  }

  /** For {@link Span}: the flags that `sampling.priority` sets; 0 where the throttler refuses. */
  forcedFlags(operationName: string): number {
    if (this.#noDebugFlag) return FLAG_SAMPLED;
    return this.#isAllowed(operationName, 'sampling.priority') ? FLAG_SAMPLED | FLAG_DEBUG : 0;
  }

  /** For {@link Span}: the baggage with one item set as far as that is allowed, counted. */
  changeBaggage(
    baggage: Baggage | undefined,
    normalizedKey: string,
    value: unknown,
  ): BaggageChange {
    const restriction = this.#baggageRestrictions.getRestriction(this.serviceName, normalizedKey);
    const change = changeBaggage(baggage, normalizedKey, value, restriction);
    this.#metrics.baggageUpdated(change.isRefused ? 'err' : 'ok');
    if (change.isCut) this.#metrics.baggageTruncated();
    return change;
  }

  /** For {@link Span}: a sampled span has finished. */
  report(span: Span): void {
    this.#metrics.spanFinished();
    try {
      this.#reporter.report(span);
    } catch (error) {
      this.#metrics.spansDropped(1, 'reporter_error');
      this.#faults.report('reporter', `the reporter threw: ${messageOf(error)}. The span is lost.`);
    }
  }

  /** For {@link Span}: a span was finished a second time. */
  reportSecondFinish(span: Span): void {
    this.#faults.report(
      'finish',
      `span "${tagValueToText(span.operationName)}" (${span}) was finished twice; the second time changed nothing. Call finish() once.`,
    );
  }

  /** For {@link Span}: something was set on a span that has finished. */
  reportLateWrite(span: Span): void {
    this.#faults.report(
      'late-write',
      `span "${tagValueToText(span.operationName)}" (${span}) had finished when something was set on it, which is lost. Call finish() last.`,
    );
  }

  /** For {@link ObservedSpan}: an observer threw. */
  reportObserver(error: unknown): void {
    this.#faults.report('observer', `an observer threw: ${messageOf(error)}. The span goes on.`);
  }

  /** For {@link Span}: the finish that was given lies before the start. */
  reportEarlyFinish(span: Span, durationMs: number): void {
    // Our clock may be that far from Date.now().
    if (durationMs > -2 * TOLERATED_STEP_MS) return;
    this.#faults.report(
      'early-finish',
      `span "${tagValueToText(span.operationName)}" (${span}) was finished ${Math.ceil(-durationMs)} ms before its start; its duration is 0. Write milliseconds since the epoch, as Date.now() gives.`,
    );
  }

  #samplerTags(): Readonly<TagList> {
    // A sampler that was not written in TypeScript may have none.
    return this.#sampler?.tags ?? [];
  }

  #decide(span: Span, ask: (sampler: LateSampler) => SamplingDecision | undefined): void {
    // None when the span was started under a span of another tracer.
    if (this.#lateSampler === undefined) return;
    try {
      const decision = ask(this.#lateSampler);
      if (decision !== undefined) span.apply(decision);
    } catch (error) {
      this.#reportSampler(error);
    }
  }

  #allowedDebugId(parent: SpanContext, operationName: string): string | undefined {
    if (!parent.debugId) return undefined;
    return this.#isAllowed(operationName, 'jaeger-debug-id') ? parent.debugId : undefined;
  }

  #followRequest(span: Span, { requestedFlags: flags }: SpanContext): void {
    if (flags === undefined) return;
    if (flags === 0) span.samplingState.flags = 0;
    else if ((flags & FLAG_DEBUG) === 0 || this.#isAllowed(span.operationName, 'jaeger-debug-id')) {
      span.force(flags);
    }
  }

  #isAllowed(operationName: string, requestedBy: DebugRequest): boolean {
    try {
      if (this.#throttler.isAllowed(operationName, requestedBy)) return true;
    } catch (error) {
      this.#faults.report('throttler', `the throttler threw: ${messageOf(error)}. Not allowed.`);
    }
    this.#metrics.debugSpanThrottled();
    return false;
  }

  #reportSampler(error: unknown): void {
    this.#faults.report('sampler', `the sampler threw: ${messageOf(error)}. Not sampled.`);
  }

  async #guarded(work: () => Promise<void>, callback?: () => void): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#faults.report('close', `the reporter could not be flushed: ${messageOf(error)}.`);
    }
    // Outside of this promise: what the callback throws is the caller's, as with any callback.
    if (typeof callback === 'function') queueMicrotask(callback);
  }
}

/**
 * True for the first span of a trace in this process. The Jaeger clients ask for a server span alone, by its tags at the
 * start, and so miss one whose instrumentation tags it later, and what takes a message from a queue.
 */
function joinsTrace(parent: Ids, tags: Tags | undefined): boolean {
  return (parent instanceof SpanContext && parent.isRemote()) || isServer(tags);
}

/** With one span for both sides of a call, as Zipkin has it: who serves the call takes the caller's span, not the active one's. */
function sharesSpan(parent: Parent | undefined, tags: Tags | undefined): boolean {
  return parent !== activeSpan() && isServer(tags);
}

function isServer(tags: Tags | undefined): boolean {
  try {
    return tags?.[opentracing.Tags.SPAN_KIND] === opentracing.Tags.SPAN_KIND_RPC_SERVER;
  } catch {
    // A getter or a proxy of the user threw, as it will for the span, which goes on without those tags.
    return false;
  }
}
