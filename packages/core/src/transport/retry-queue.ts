import { withoutSpan } from '../active-span.js';
import type { Batch } from '../encoding/encoder.js';
import type { SendOutcome, Transport } from './transport.js';

const firstPauseMs = 100;
const longestPauseMs = 30_000;

/** What became of a batch in the end; after the last two the transport never took it. */
export type QueueOutcome = 'accepted' | 'lost' | 'queue_full' | 'closed';

interface Entry {
  readonly batch: Batch;
  readonly settle: (outcome: QueueOutcome) => void;
}

/**
 * Gives batches to a transport one after the other, again after a growing pause where it says `retry`, and holds what
 * waits within bounds in bytes and in spans: beyond them the oldest batch is dropped, because the newest spans matter most.
 */
export class RetryQueue {
  readonly #transport: Transport;
  readonly #maxBytes: number;
  readonly #maxSpans: number;
  readonly #entries: Entry[] = [];
  #bytes = 0;
  #spans = 0;
  #isRunning = false;
  #isClosed = false;
  #onItsWay: Entry | undefined = undefined;
  #endPause: (() => void) | undefined = undefined;
  readonly #idleListeners = new Set<() => void>();

  /** @param bounds what waiting batches may take; the one on its way is not counted, and the newest always waits */
  constructor(
    transport: Transport,
    { maxBytes, maxSpans }: { maxBytes: number; maxSpans: number },
  ) {
    this.#transport = transport;
    this.#maxBytes = maxBytes;
    this.#maxSpans = maxSpans;
  }

  /** Never rejects. */
  enqueue(batch: Batch): Promise<QueueOutcome> {
    return new Promise((settle) => {
      if (this.#isClosed) {
        settle('closed');
        return;
      }
      this.#entries.push({ batch, settle });
      this.#bytes += batch.bytes.length;
      this.#spans += batch.spanCount;
      while (this.#isOverfull() && this.#entries.length > 1) {
        this.#take().settle('queue_full');
      }
      // The loop may go on for long, and is not part of the request whose span happened to fill the batch.
      if (!this.#isRunning) void withoutSpan(() => this.#run());
    });
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
    this.#onItsWay?.settle('lost');
    while (this.#entries.length > 0) this.#take().settle('closed');
    this.#endPause?.();
    await this.#transport.close();
  }

  /** Everything that waits, while the process exits. What is on its way already is not sent again, unless it has not begun. */
  sendAllNow(): void {
    this.#transport.resendNow?.();
    for (const { batch } of this.#entries) this.#transport.sendNow?.(batch);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    let pauseMs = firstPauseMs;
    while (this.#entries.length > 0) {
      const entry = this.#take();
      this.#onItsWay = entry;
      const outcome = await this.#send(entry.batch);
      this.#onItsWay = undefined;
      if (outcome !== 'retry') {
        pauseMs = firstPauseMs;
        entry.settle(outcome);
        continue;
      }
      if (this.#isClosed) {
        entry.settle('closed');
        continue;
      }
      this.#putBack(entry);
      await this.#pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
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

  #isOverfull(): boolean {
    return this.#bytes > this.#maxBytes || this.#spans > this.#maxSpans;
  }

  #take(): Entry {
    const entry = this.#entries.shift()!;
    this.#bytes -= entry.batch.bytes.length;
    this.#spans -= entry.batch.spanCount;
    return entry;
  }

  #putBack(entry: Entry): void {
    this.#entries.unshift(entry);
    this.#bytes += entry.batch.bytes.length;
    this.#spans += entry.batch.spanCount;
  }

  /** Up to half of the pause is left to chance, so that many processes do not come back at the same moment. */
  #pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2));
      timer.unref();
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
