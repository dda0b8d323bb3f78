import type { FinishedSpan } from '../finished-span.js';
import type { Process } from '../process-tags.js';

/** Spans lost since the start, by reason; goes to the backend with every batch where the format has a place for it. */
export interface ClientStats {
  fullQueueDroppedSpans: number;
  tooLargeDroppedSpans: number;
  failedToEmitSpans: number;
}

/** A sealed batch: what a transport sends in one piece. */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly spanCount: number;
  /** What each span takes of `bytes`, for the encoder's own {@link Encoder.split}. */
  readonly spanLengths?: readonly number[] | undefined;
}

/**
 * Turns a finished span into bytes at the end of the open batch. Knows the wire format, not the way there. Used by
 * one reporter.
 */
export interface Encoder {
  /**
   * Called once, before the first span.
   *
   * @param maxBatchBytes what a sealed batch may take, all included
   * @throws SpoorError `SPOOR_CONFIG` when the process alone is larger than that
   */
  start(process: Process, maxBatchBytes: number): void;
  /**
   * Appends the span, or leaves the batch as it was: `full` when it does not fit beside those that are in there (seal,
   * and append again), `too-large` when it would not even fit alone.
   */
  append(span: FinishedSpan): 'appended' | 'full' | 'too-large';
  /** Closes the open batch and starts a new one; `undefined` when it holds no span. */
  seal(stats: Readonly<ClientStats>): Batch | undefined;
  /**
   * The spans of a batch that was refused for its size, in smaller ones; none where it holds but one span. From now on a
   * sealed batch takes `maxBatchBytes` at most, but for the one that is open.
   *
   * @default batches cannot be split: one that is refused for its size is dropped
   */
  split?(batch: Batch, stats: Readonly<ClientStats>, maxBatchBytes: number): readonly Batch[];
}
