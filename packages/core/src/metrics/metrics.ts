import {
  type Counter,
  type Gauge,
  type MetricsFactory,
  makeCounter,
  makeGauge,
} from './metrics-factory.js';

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
      factory === undefined ? ignored : makeCounter(factory, `jaeger:${name}`, tags);
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
      factory === undefined ? ignored : makeGauge(factory, 'jaeger:reporter_queue_length');
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
