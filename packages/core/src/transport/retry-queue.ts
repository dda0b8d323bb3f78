import { withoutSpan } from '../active-span.js';
import type { Batch } from '../encoding/encoder.js';
import type { PartlyAccepted, SendOutcome, Transport } from './transport.js';

const firstPauseMs = 100;
const longestPauseMs = 30_000;

/** What became of a batch in the end; after the last three the transport never took it. */
export type QueueOutcome =
  | 'accepted'
  | PartlyAccepted
  | 'lost'
  | 'too_large'
  | 'queue_full'
  | 'closed';

/** Whose batches a {@link RetryQueue} sends. */
export interface BatchOwner {
  /** What stands in for a batch that was refused for its size; nothing where it cannot be made smaller. */
  split(batch: Batch): readonly Batch[];
  /** Called once for every batch, but for those that were split. */
  settled(batch: Batch, outcome: QueueOutcome): void;
}

/**
 * Gives batches to a transport one after the other, again after a growing pause where it says `retry`, in parts where it
 * says `too-large`, and holds what waits within bounds in bytes and in spans: beyond them the oldest batch is dropped,
 * because the newest spans matter most.
 */
export class RetryQueue {
  readonly #transport: Transport;
  readonly #owner: BatchOwner;
  readonly #maxBytes: number;
  readonly #maxSpans: number;
  readonly #batches: Batch[] = [];
  #bytes = 0;
  #spans = 0;
  #isRunning = false;
  #isClosed = false;
  #onItsWay: Batch | undefined = undefined;
  #endPause: (() => void) | undefined = undefined;
  readonly #idleListeners = new Set<() => void>();

  /** @param bounds what waiting batches may take; the one on its way is not counted, and the newest always waits */
  constructor(
    transport: Transport,
    owner: BatchOwner,
    { maxBytes, maxSpans }: { maxBytes: number; maxSpans: number },
  ) {
    this.#transport = transport;
    this.#owner = owner;
    this.#maxBytes = maxBytes;
    this.#maxSpans = maxSpans;
  }

  enqueue(batch: Batch): void {
    if (this.#isClosed) {
      this.#owner.settled(batch, 'closed');
      return;
    }
    this.#batches.push(batch);
    this.#bytes += batch.bytes.length;
    this.#spans += batch.spanCount;
    while (this.#isOverfull() && this.#batches.length > 1) {
      this.#owner.settled(this.#take(), 'queue_full');
    }
    // The loop may go on for long, and is not part of the request whose span happened to fill the batch.
    if (!this.#isRunning) void withoutSpan(() => this.#run());
  }

  /** Resolves when nothing waits any more, or after `timeoutMs`. Tries at once what was pausing. */
  async drain(timeoutMs: number): Promise<void> {
    if (!this.#isRunning) return;
    this.#endPause?.();
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(deadline);
        this.#idleListeners.delete(end);
        resolve();
      };
      // Not unreferenced: a process that is about to end waits for its last spans.
      const deadline = withoutSpan(() => setTimeout(end, timeoutMs));
      this.#idleListeners.add(end);
    });
  }

  /** As {@link drain}; what still waits then is dropped, what is still on its way is lost. */
  async close(timeoutMs: number): Promise<void> {
    await this.drain(timeoutMs);
    this.#isClosed = true;
    if (this.#onItsWay !== undefined) this.#owner.settled(this.#onItsWay, 'lost');
    this.#onItsWay = undefined;
    while (this.#batches.length > 0) this.#owner.settled(this.#take(), 'closed');
    this.#endPause?.();
    await this.#transport.close();
  }

  /** Everything that waits, while the process exits. What is on its way already is not sent again, unless it has not begun. */
  sendAllNow(): void {
    this.#transport.resendNow?.();
    for (const batch of this.#batches) this.#transport.sendNow?.(batch);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    let pauseMs = firstPauseMs;
    while (this.#batches.length > 0) {
      const batch = this.#take();
      this.#onItsWay = batch;
      const outcome = await this.#send(batch);
      // Closed meanwhile: it has been given up.
      if (this.#onItsWay === undefined) continue;
      this.#onItsWay = undefined;
      if (outcome === 'retry') {
        this.#putBack(batch);
        await this.#pause(this.#transport.retryAfterMs ?? 0, pauseMs);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
        continue;
      }
      pauseMs = firstPauseMs;
      if (outcome === 'too-large') this.#split(batch);
      else this.#owner.settled(batch, outcome);
    }
    this.#isRunning = false;
    for (const listener of this.#idleListeners) listener();
  }

  /** A transport of the user may throw all the same; that costs its batch and nothing else. */
  async #send(batch: Batch): Promise<SendOutcome> {
    try {
      return await this.#transport.send(batch);
    } catch {
      // Counted as lost by whoever waits for the outcome.
      return 'lost';
    }
  }

  #split(batch: Batch): void {
    let parts: readonly Batch[] = [];
    try {
      parts = this.#owner.split(batch);
    } catch {
      // So may an encoder of the user.
    }
    if (parts.length === 0) this.#owner.settled(batch, 'too_large');
    for (const part of parts.toReversed()) this.#putBack(part);
  }

  #isOverfull(): boolean {
    return this.#bytes > this.#maxBytes || this.#spans > this.#maxSpans;
  }

  #take(): Batch {
    const batch = this.#batches.shift()!;
    this.#bytes -= batch.bytes.length;
    this.#spans -= batch.spanCount;
    return batch;
  }

  #putBack(batch: Batch): void {
    this.#batches.unshift(batch);
    this.#bytes += batch.bytes.length;
    this.#spans += batch.spanCount;
  }

  /** Up to half of the pause is left to chance, so that many processes do not come back at the same moment; it is not shorter than what the backend asks for. */
  #pause(askedMs: number, pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const ownMs = pauseMs * (0.5 + Math.random() / 2);
      const timer = setTimeout(resolve, Math.max(askedMs, ownMs));
      timer.unref();
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
