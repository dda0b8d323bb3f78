import { messageOf } from '../logger.js';

/** A number that only grows. */
export interface Counter {
  increment(delta?: number): void;
}

/** A number that goes up and down. */
export interface Gauge {
  update(value: number): void;
}

/**
 * Makes the counters that the tracer writes to; the interface of `jaeger-client` for Node. Called while the
 * tracer is made; what its counters throw is swallowed.
 */
export interface MetricsFactory {
  createCounter(name: string, tags?: Record<string, string>): Counter;
  createGauge(name: string, tags?: Record<string, string>): Gauge;
}

const ignored: Counter & Gauge = { increment() {}, update() {} };

const silentFactory: MetricsFactory = {
  createCounter: () => ignored,
  createGauge: () => ignored,
};

/** What the tracer counts, under the names of the Jaeger clients. */
export class Metrics {
  readonly #tracesStartedSampled: Counter;
  readonly #tracesStartedNotSampled: Counter;
  readonly #startedSpansSampled: Counter;
  readonly #startedSpansNotSampled: Counter;
  readonly #finishedSpans: Counter;
  readonly #decodingErrors: Counter;
  readonly #spansReported: Counter;
  readonly #spansFailed: Counter;
  readonly #spansDropped: Counter;
  readonly #queueLength: Gauge;
  readonly #samplerQueried: Counter;
  readonly #samplerQueryFailed: Counter;
  readonly #samplerUpdated: Counter;
  readonly #samplerUpdateFailed: Counter;
  readonly #debugSpansThrottled: Counter;
  readonly #throttlerUpdated: Counter;
  readonly #throttlerUpdateFailed: Counter;

  constructor(factory: MetricsFactory = silentFactory) {
    const counter = (name: string, tags?: Record<string, string>): Counter =>
      factory === silentFactory
        ? ignored
        : new SafeCounter(factory.createCounter(`jaeger:${name}`, tags));
    this.#tracesStartedSampled = counter('traces', { state: 'started', sampled: 'y' });
    this.#tracesStartedNotSampled = counter('traces', { state: 'started', sampled: 'n' });
    this.#startedSpansSampled = counter('started_spans', { sampled: 'y' });
    this.#startedSpansNotSampled = counter('started_spans', { sampled: 'n' });
    this.#finishedSpans = counter('finished_spans');
    this.#decodingErrors = counter('span_context_decoding_errors');
    this.#spansReported = counter('reporter_spans', { result: 'ok' });
    this.#spansFailed = counter('reporter_spans', { result: 'err' });
    this.#spansDropped = counter('reporter_spans', { result: 'dropped' });
    this.#queueLength = new SafeGauge(factory.createGauge('jaeger:reporter_queue_length'));
    this.#samplerQueried = counter('sampler_queries', { result: 'ok' });
    this.#samplerQueryFailed = counter('sampler_queries', { result: 'err' });
    this.#samplerUpdated = counter('sampler_updates', { result: 'ok' });
    this.#samplerUpdateFailed = counter('sampler_updates', { result: 'err' });
    this.#debugSpansThrottled = counter('throttled_debug_spans');
    this.#throttlerUpdated = counter('throttler_updates', { result: 'ok' });
    this.#throttlerUpdateFailed = counter('throttler_updates', { result: 'err' });
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

  /** Never given to the transport: too large, the queue was full, the reporter closed. */
  spansDropped(count: number): void {
    this.#spansDropped.increment(count);
  }

  /** Spans that wait to be sent. */
  queueLength(count: number): void {
    this.#queueLength.update(count);
  }

  /** The sampling server was asked, and answered or not. */
  samplerQueried(isOk: boolean): void {
    (isOk ? this.#samplerQueried : this.#samplerQueryFailed).increment(1);
  }

  /** The sampling server has changed the sampler, or said what cannot be understood. */
  samplerUpdated(isOk: boolean): void {
    (isOk ? this.#samplerUpdated : this.#samplerUpdateFailed).increment(1);
  }

  /** A trace was not kept although somebody asked for it. */
  debugSpanThrottled(): void {
    this.#debugSpansThrottled.increment(1);
  }

  /** The throttler has got credits, or has not. */
  throttlerUpdated(isOk: boolean): void {
    (isOk ? this.#throttlerUpdated : this.#throttlerUpdateFailed).increment(1);
  }
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
