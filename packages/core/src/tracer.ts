// Hot path: runs for every span. Measure before and after (bench/).
import opentracing from 'opentracing';
import { activeSpan, withSpan } from './active-span.js';
import { Clock } from './clock.js';
import { FLAG_SAMPLED, FLAG_UNDECIDED } from './constants.js';
import type { SpanReference } from './finished-span.js';
import { IdGenerator } from './ids.js';
import { consoleLogger, FaultLog, type Logger, messageOf } from './logger.js';
import { Metrics, type MetricsFactory } from './metrics/metrics.js';
import { createProcess, type Process } from './process-tags.js';
import { extractBinary, injectBinary } from './propagation/binary-codec.js';
import type { Injectable } from './propagation/codec.js';
import { jaegerCodec } from './propagation/jaeger-codec.js';
import { Propagation, type RequestHeaders } from './propagation/propagation.js';
import { w3cCodec } from './propagation/w3c-codec.js';
import { NullReporter } from './reporting/null-reporter.js';
import type { Reporter } from './reporting/reporter.js';
import { ConstSampler } from './sampling/const-sampler.js';
import type { Sampler } from './sampling/sampler.js';
import { Span } from './span.js';
import { isValidIds, SpanContext } from './span-context.js';
import { tagValueToText } from './tag-value.js';

/** OpenTracing's options of `startSpan`, and one of ours. */
export interface StartSpanOptions {
  /** The parent; wins over `references` and over the active span. */
  childOf?: opentracing.Span | opentracing.SpanContext | null | undefined;
  /** The first `child_of` is the parent, else the first `follows_from`. All are reported. */
  references?: opentracing.Reference[] | undefined;
  /** Set on the span before `startSpan` returns. */
  tags?: Record<string, unknown> | undefined;
  /** Milliseconds since the epoch, fractions allowed. @default now */
  startTime?: number | undefined;
  /** True starts a new trace where no parent is given, even while a span is active. @default false */
  ignoreActiveSpan?: boolean | undefined;
  /** True starts a new trace whatever else is given; `references` are reported and none of them is the parent. @default false */
  newTrace?: boolean | undefined;
}

/** What a {@link Tracer} is made of; `initTracer` makes all of it from a configuration. */
export interface TracerOptions {
  /** @default a reporter that drops every span */
  reporter?: Reporter | undefined;
  /** @default a sampler that keeps nothing */
  sampler?: Sampler | undefined;
  /** @default the console */
  logger?: Logger | undefined;
  metrics?: MetricsFactory | undefined;
  /** Process tags, sent with every batch beside `hostname`, `ip`, `jaeger.version` and `client-uuid`. */
  tags?: Record<string, unknown> | undefined;
  /** New traces get 128-bit ids instead of 64-bit ones. @default false */
  traceId128bit?: boolean | undefined;
  /** Header formats to read (the first that is there) and to write (all). @default Jaeger, then W3C */
  propagation?: Propagation | undefined;
}

/**
 * Starts spans, carries their context between processes, knows the active one.
 *
 * After the constructor nothing throws: faults are counted and logged, at most once a minute each.
 */
export class Tracer extends opentracing.Tracer {
  readonly serviceName: string;
  readonly process: Process;
  /** For {@link Span} alone, as are the three fields and methods below. */
  readonly idGenerator: IdGenerator = new IdGenerator();
  readonly clock: Clock = new Clock();
  readonly traceId128bit: boolean;
  readonly #reporter: Reporter;
  readonly #sampler: Sampler;
  readonly #propagation: Propagation;
  readonly #metrics: Metrics;
  readonly #faults: FaultLog;
  #closing: Promise<void> | undefined = undefined;

  constructor(serviceName: string, options: TracerOptions = {}) {
    super();
    this.serviceName = serviceName;
    this.process = createProcess(serviceName, options.tags ?? {});
    this.traceId128bit = options.traceId128bit ?? false;
    this.#reporter = options.reporter ?? new NullReporter();
    this.#sampler = options.sampler ?? new ConstSampler(false);
    this.#metrics = new Metrics(options.metrics);
    this.#faults = new FaultLog(options.logger ?? consoleLogger);
    const codecs = [jaegerCodec, w3cCodec];
    this.#propagation = options.propagation ?? new Propagation(codecs, codecs);
    this.#reporter.start?.({
      process: this.process,
      clock: this.clock,
      metrics: this.#metrics,
      faults: this.#faults,
    });
  }

  /** Without a parent in `options` the active span is the parent; without one of those a new trace starts. */
  override startSpan(operationName: string, options?: StartSpanOptions): Span {
    const parent = parentOf(options);
    const references = validReferences(options?.references);
    const isNewTrace = parent === undefined || !isValidIds(parent);
    const span = new Span(
      this,
      operationName,
      isNewTrace ? undefined : parent,
      references,
      parent?.baggage,
    );
    if (parent !== undefined) span.w3c = parent.w3c;
    const isSampled = (span.flags & FLAG_SAMPLED) !== 0;
    if (isSampled) {
      const startTime = options?.startTime;
      span.begin(Number.isFinite(startTime) ? startTime : undefined);
      if (isNewTrace || (parent.flags & FLAG_UNDECIDED) !== 0) this.#tagWithSampler(span);
      if (options?.tags !== undefined) span.addTags(options.tags);
    }
    this.#metrics.spanStarted(isSampled, isNewTrace);
    return span;
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
    if (ids === undefined || typeof carrier !== 'object' || carrier === null) return;
    try {
      if (format === opentracing.FORMAT_BINARY) {
        injectBinary(ids, carrier);
      } else if (isTextFormat(format)) {
        const isHttp = format === opentracing.FORMAT_HTTP_HEADERS;
        this.#propagation.inject(ids, carrier as Record<string, unknown>, isHttp);
      } else {
        this.#reportUnknownFormat(format);
      }
    } catch (error) {
      this.#faults.report('inject', `the carrier cannot be written to: ${messageOf(error)}.`);
    }
  }

  /**
   * Reads a context out of `carrier`; header names in any case. Returns null when there is none. A malformed
   * one is counted and gives null too, so that a new trace starts.
   */
  override extract(format: string, carrier: unknown): SpanContext | null {
    if (typeof carrier !== 'object' || carrier === null) return null;
    try {
      if (format === opentracing.FORMAT_BINARY) {
        return extractBinary(carrier, this.#metrics) ?? null;
      }
      if (isTextFormat(format)) {
        const isHttp = format === opentracing.FORMAT_HTTP_HEADERS;
        return this.#propagation.extractFromCarrier(carrier, isHttp, this.#metrics) ?? null;
      }
      this.#reportUnknownFormat(format);
    } catch (error) {
      this.#reportUnreadable(error);
    }
    return null;
  }

  /** For server instrumentation: as {@link extract}, from a request of `node:http`, without copying its headers. */
  extractRequest(headers: RequestHeaders, rawHeaders: readonly string[]): SpanContext | undefined {
    try {
      return this.#propagation.extractFromRequest(headers, rawHeaders, this.#metrics);
    } catch (error) {
      this.#reportUnreadable(error);
      return undefined;
    }
  }

  /** For client instrumentation: whether a header that {@link inject} wrote carries baggage, not ids. */
  isBaggageHeader(name: string): boolean {
    return this.#propagation.isBaggageHeader(name);
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
        this.#sampler.close?.();
      }
    });
    return this.#guarded(() => this.#closing!, callback);
  }

  /** For {@link Span}: the decision for a new trace. */
  sample(traceId2: number, traceId3: number, operationName: string): boolean {
    try {
      return this.#sampler.isSampled(traceId2, traceId3, operationName);
    } catch (error) {
      this.#faults.report('sampler', `the sampler threw: ${messageOf(error)}. Not sampled.`);
      return false;
    }
  }

  /** For {@link Span}: a sampled span has finished. */
  report(span: Span): void {
    this.#metrics.spanFinished();
    try {
      this.#reporter.report(span);
    } catch (error) {
      this.#metrics.spansDropped(1);
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

  #tagWithSampler(span: Span): void {
    // A sampler that was not written in TypeScript may have none.
    const tags = this.#sampler.tags ?? [];
    for (let i = 0; i < tags.length; i += 2) span.setTag(tags[i] as string, tags[i + 1]);
  }

  #reportUnreadable(error: unknown): void {
    this.#metrics.malformedContext();
    this.#faults.report('extract', `the carrier cannot be read: ${messageOf(error)}.`);
  }

  #reportUnknownFormat(format: string): void {
    this.#faults.report(
      'format',
      `unknown carrier format "${String(format)}". Write opentracing.FORMAT_HTTP_HEADERS, FORMAT_TEXT_MAP or FORMAT_BINARY.`,
    );
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

function isTextFormat(format: string): boolean {
  return format === opentracing.FORMAT_HTTP_HEADERS || format === opentracing.FORMAT_TEXT_MAP;
}

/** Spans and contexts of ours; those of other tracers, and no-op ones, are as good as none. */
function spoorIds(value: unknown): Span | SpanContext | undefined {
  return value instanceof Span || value instanceof SpanContext ? value : undefined;
}

function parentOf(options: StartSpanOptions | null | undefined): Injectable | undefined {
  if (options !== undefined && options !== null) {
    if (options.newTrace === true) return undefined;
    const parent = spoorIds(options.childOf) ?? parentAmong(options.references);
    if (parent !== undefined || options.ignoreActiveSpan === true) return parent;
  }
  return activeSpan();
}

function parentAmong(references: unknown): Span | SpanContext | undefined {
  if (!Array.isArray(references)) return undefined;
  let followed: Span | SpanContext | undefined;
  for (const reference of references) {
    const ids = referencedIds(reference);
    if (ids === undefined) continue;
    if (reference.type() === opentracing.REFERENCE_CHILD_OF) return ids;
    followed ??= ids;
  }
  return followed;
}

function validReferences(references: unknown): SpanReference[] | undefined {
  if (!Array.isArray(references)) return undefined;
  const valid: SpanReference[] = [];
  for (const reference of references) {
    const context = referencedIds(reference);
    if (context === undefined || !isValidIds(context)) continue;
    const type = reference.type();
    if (type === opentracing.REFERENCE_CHILD_OF) valid.push({ type: 'child_of', context });
    else if (type === opentracing.REFERENCE_FOLLOWS_FROM) {
      valid.push({ type: 'follows_from', context });
    }
  }
  return valid;
}

/** JavaScript callers may put anything into the list. */
function referencedIds(
  reference: Partial<opentracing.Reference> | null | undefined,
): Span | SpanContext | undefined {
  return spoorIds(reference?.referencedContext?.());
}
