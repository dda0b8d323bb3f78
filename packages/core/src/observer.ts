import type { Span } from './span.js';
import type { StartSpanOptions } from './tracer-options.js';

/**
 * Is told of every span of a tracer, sampled or not: for metrics of calls, audits, tests. Must be quick; what it throws is
 * logged, and the span goes on.
 *
 * @see jaeger-client-go Observer; here the tags of the start come with the start alone
 */
export interface Observer {
  /**
   * A span has started, and has the tags that it was started with.
   *
   * @param options as they were given to `startSpan`; `startTime` is always there, in milliseconds since the epoch
   * @returns who is told of the rest of its life; undefined where that is of no interest
   */
  onStartSpan(
    span: Span,
    operationName: string,
    options: StartSpanOptions & { readonly startTime: number },
  ): SpanObserver | undefined;
}

/** Is told of what becomes of one span, until it finishes. */
export interface SpanObserver {
  onSetOperationName?(operationName: string): void;
  /**
   * One tag, as it was given, whatever the limits; also for each of `addTags`. Who has this method makes `isWritable()` true,
   * so that instrumentations describe the span as they do a sampled one. An unsampled span keeps nothing all the same.
   */
  onSetTag?(key: string, value: unknown): void;
  /**
   * The span finishes, and has its tags still; called once.
   *
   * @param finishTimeMs milliseconds since the epoch, on the clock of the start: the difference is the duration
   */
  onFinish?(finishTimeMs: number): void;
}
