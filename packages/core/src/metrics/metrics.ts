import { SpoorError } from '../errors.js';
import { messageOf } from '../logger.js';

/** A number that only grows. */
export interface Counter {
  increment(delta?: number): void;
}

/** A number that goes up and down. */
export interface Gauge {
  update(value: number): void;
}

/** How long something took. */
export interface Timer {
  record(value: number): void;
}

/**
 * Makes the counters that the tracer writes to; the interface of `jaeger-client` for Node. Called while the
 * tracer is made, and what it throws then is a configuration error; what its counters throw later is swallowed.
 */
export interface MetricsFactory {
  /** Called once for each set of tags, e.g. `('jaeger:traces', { state: 'started', sampled: 'y' })`. */
  createCounter(name: string, tags?: Record<string, string>): Counter;
  createGauge(name: string, tags?: Record<string, string>): Gauge;
  /** Never called, as in `jaeger-client`: here so that factories that were written for that one fit. */
  createTimer?(name: string, tags?: Record<string, string>): Timer;
}

/** How something that the tracer tried has ended. */
export type MetricResult = 'ok' | 'err';

/** Why a span was never given to the transport. */
export type DropReason = 'closed' | 'queue_full' | 'reporter_error' | 'too_large';

type ByResult = Readonly<Record<MetricResult, Counter>>;

const ignored: Counter & Gauge = { increment() {}, update() {} };

/** What the tracer counts, under the names of the Jaeger clients. Without a factory every counter is {@link ignored}. */
export class Metrics {
  /** False when nobody listens: what would have to be found out only to be counted need not be. */
  readonly isCounting: boolean;
  readonly #tracesStartedSampled: Counter;
  readonly #tracesStartedNotSampled: Counter;
  readonly #tracesJoinedSampled: Counter;
  readonly #tracesJoinedNotSampled: Counter;
  readonly #startedSpansSampled: Counter;
  readonly #startedSpansNotSampled: Counter;
  readonly #finishedSpans: Counter;
  readonly #decodingErrors: Counter;
  readonly #spansReported: Counter;
  readonly #spansFailed: Counter;
  readonly #spansDropped: Counter;
  readonly #spansDroppedBecause: Readonly<Record<DropReason, Counter>>;
  readonly #queueLength: Gauge;
  readonly #samplerQueries: ByResult;
  readonly #samplerUpdates: ByResult;
  readonly #baggageUpdates: ByResult;
  readonly #baggageTruncations: Counter;
  readonly #baggageRestrictionsUpdates: ByResult;
  readonly #throttledDebugSpans: Counter;
  readonly #throttlerUpdates: ByResult;

  /** @throws SpoorError `SPOOR_CONFIG` when the factory throws, or makes what cannot count */
  constructor(factory?: MetricsFactory | undefined) {
    this.isCounting = factory !== undefined;
    const counter = (name: string, tags?: Record<string, string>): Counter =>
      factory === undefined ? ignored : new SafeCounter(makeCounter(factory, name, tags));
    const byResult = (name: string): ByResult => ({
      ok: counter(name, { result: 'ok' }),
      err: counter(name, { result: 'err' }),
    });
    const droppedBecause = (reason: DropReason): Counter =>
      counter('reporter_dropped_spans', { reason });
    this.#tracesStartedSampled = counter('traces', { state: 'started', sampled: 'y' });
    this.#tracesStartedNotSampled = counter('traces', { state: 'started', sampled: 'n' });
    this.#tracesJoinedSampled = counter('traces', { state: 'joined', sampled: 'y' });
    this.#tracesJoinedNotSampled = counter('traces', { state: 'joined', sampled: 'n' });
    this.#startedSpansSampled = counter('started_spans', { sampled: 'y' });
    this.#startedSpansNotSampled = counter('started_spans', { sampled: 'n' });
    this.#finishedSpans = counter('finished_spans');
    this.#decodingErrors = counter('span_context_decoding_errors');
    this.#spansReported = counter('reporter_spans', { result: 'ok' });
    this.#spansFailed = counter('reporter_spans', { result: 'err' });
    this.#spansDropped = counter('reporter_spans', { result: 'dropped' });
    this.#spansDroppedBecause = {
      closed: droppedBecause('closed'),
      queue_full: droppedBecause('queue_full'),
      reporter_error: droppedBecause('reporter_error'),
      too_large: droppedBecause('too_large'),
    };
    this.#queueLength =
      factory === undefined ? ignored : new SafeGauge(makeGauge(factory, 'reporter_queue_length'));
    this.#samplerQueries = byResult('sampler_queries');
    this.#samplerUpdates = byResult('sampler_updates');
    this.#baggageUpdates = byResult('baggage_updates');
    this.#baggageTruncations = counter('baggage_truncations');
    this.#baggageRestrictionsUpdates = byResult('baggage_restrictions_updates');
    this.#throttledDebugSpans = counter('throttled_debug_spans');
    this.#throttlerUpdates = byResult('throttler_updates');
  }

  spanStarted(isSampled: boolean, isNewTrace: boolean): void {
    if (isSampled) {
      this.#startedSpansSampled.increment(1);
      if (isNewTrace) this.#tracesStartedSampled.increment(1);
    } else {
      this.#startedSpansNotSampled.increment(1);
      if (isNewTrace) this.#tracesStartedNotSampled.increment(1);
    }
  }

  /** A trace that was started elsewhere goes on here. */
  traceJoined(isSampled: boolean): void {
    if (isSampled) this.#tracesJoinedSampled.increment(1);
    else this.#tracesJoinedNotSampled.increment(1);
  }

  /** A sampled span has finished. */
  spanFinished(): void {
    this.#finishedSpans.increment(1);
  }

  /** A carrier held a context that could not be read. */
  malformedContext(): void {
    this.#decodingErrors.increment(1);
  }

  /** Accepted by the transport. */
  spansReported(count: number): void {
    this.#spansReported.increment(count);
  }

  /** Given to the transport and lost there. */
  spansFailed(count: number): void {
    this.#spansFailed.increment(count);
  }

  /** Never given to the transport. */
  spansDropped(count: number, reason: DropReason): void {
    this.#spansDropped.increment(count);
    this.#spansDroppedBecause[reason].increment(count);
  }

  /** Spans that wait to be sent. */
  queueLength(count: number): void {
    this.#queueLength.update(count);
  }

  /** A sampling server was asked: did it answer? */
  samplerQueried(result: MetricResult): void {
    this.#samplerQueries[result].increment(1);
  }

  /** A sampling server has answered: could the sampler follow it? Not called for an answer that changes nothing. */
  samplerUpdated(result: MetricResult): void {
    this.#samplerUpdates[result].increment(1);
  }

  /** A baggage item was set; `err` where a restriction refused it. */
  baggageUpdated(result: MetricResult): void {
    this.#baggageUpdates[result].increment(1);
  }

  /** The value of a baggage item was cut. */
  baggageTruncated(): void {
    this.#baggageTruncations.increment(1);
  }

  /** The baggage restrictions were asked for. */
  baggageRestrictionsUpdated(result: MetricResult): void {
    this.#baggageRestrictionsUpdates[result].increment(1);
  }

  /** A span that should have been a debug span is an ordinary one. */
  debugSpanThrottled(): void {
    this.#throttledDebugSpans.increment(1);
  }

  /** Credits for debug spans were asked for. */
  throttlerUpdated(result: MetricResult): void {
    this.#throttlerUpdates[result].increment(1);
  }
}

function makeCounter(
  factory: MetricsFactory,
  name: string,
  tags: Record<string, string> | undefined,
): Counter {
  const counter = make('createCounter', name, () => factory.createCounter(`jaeger:${name}`, tags));
  return withMethod(counter, 'increment', 'createCounter');
}

function makeGauge(factory: MetricsFactory, name: string): Gauge {
  const gauge = make('createGauge', name, () => factory.createGauge(`jaeger:${name}`));
  return withMethod(gauge, 'update', 'createGauge');
}

function make<T>(method: keyof MetricsFactory, name: string, create: () => T): T {
  try {
    return create();
  } catch (error) {
    // A factory of ours has said what to write instead.
    if (error instanceof SpoorError) throw error;
    throw new SpoorError(
      'SPOOR_CONFIG',
      `metrics: ${method}('jaeger:${name}') threw: ${messageOf(error)}. Write a factory that makes every metric, or leave metrics out.`,
    );
  }
}

function withMethod<T>(metric: T, method: keyof T & string, maker: keyof MetricsFactory): T {
  if (typeof (metric as Partial<T> | undefined)?.[method] === 'function') return metric;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `metrics: ${maker}() returned an object without ${method}(). Return { ${method}() {} } from ${maker}.`,
  );
}

/** A counter of the user that cannot throw into the application. */
class SafeCounter implements Counter {
  readonly #counter: Counter;

  constructor(counter: Counter) {
    this.#counter = counter;
  }

  increment(delta: number): void {
    try {
      this.#counter.increment(delta);
    } catch (error) {
      warnOnce(error);
    }
  }
}

class SafeGauge implements Gauge {
  readonly #gauge: Gauge;

  constructor(gauge: Gauge) {
    this.#gauge = gauge;
  }

  update(value: number): void {
    try {
      this.#gauge.update(value);
    } catch (error) {
      warnOnce(error);
    }
  }
}

let hasWarned = false;

function warnOnce(error: unknown): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(`a metric could not be updated: ${messageOf(error)}`, 'SpoorWarning');
}
