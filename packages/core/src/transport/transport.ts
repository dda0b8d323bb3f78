import type { Batch } from '../encoding/encoder.js';

/**
 * What became of a batch: taken by the backend, refused for now, refused for its size (the same spans may be taken in
 * smaller batches), or gone.
 */
export type SendOutcome = 'accepted' | PartlyAccepted | 'retry' | 'too-large' | 'lost';

/** The backend has taken the batch, but for so many of its spans, which it will never take. */
export interface PartlyAccepted {
  readonly rejectedSpans: number;
}

/** However small a batch was that was refused: less is not worth a packet of its own. */
const minBatchBytes = 1000;

/** What a batch may take after one was `too-large`, in bytes. */
export function lowered(maxBatchBytes: number, refused: Batch): number {
  return Math.min(maxBatchBytes, Math.max(minBatchBytes, refused.bytes.length >> 1));
}

/**
 * Sends sealed batches. Knows bytes and addresses, no spans. Called with one batch at a time. Must not retry and must
 * not queue: `RetryQueue` wraps any transport and does both.
 */
export interface Transport {
  /** The largest batch that {@link send} takes, in bytes; after `too-large` it may be less than before. */
  readonly maxBatchBytes: number;
  /** After `retry`: how long the backend wants to be left alone, in milliseconds; undefined where it has not said. */
  readonly retryAfterMs?: number | undefined;
  /** Gets ready, where that takes time, so that {@link sendNow} finds the way open. Never rejects. */
  open?(): Promise<void>;
  /** Never rejects. `retry` only where the backend may take the same bytes later. */
  send(batch: Batch): Promise<SendOutcome>;
  /** Sends what it can at once, while the process exits: nothing asynchronous happens any more. Never throws. */
  sendNow?(batch: Batch): void;
  /** As {@link sendNow}, for a batch that {@link send} was given and has not handed to the machine yet. */
  resendNow?(): void;
  /** Releases sockets. Called once, after the last {@link send}. */
  close(): Promise<void>;
}
