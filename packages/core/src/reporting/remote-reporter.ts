import { withoutSpan } from '../active-span.js';
import { AFTER_START_MS } from '../constants.js';
import type { Batch, ClientStats, Encoder } from '../encoding/encoder.js';
import type { FinishedSpan } from '../finished-span.js';
import { tagValueToText } from '../tag-value.js';
import { type QueueOutcome, RetryQueue } from '../transport/retry-queue.js';
import type { Transport } from '../transport/transport.js';
import { flushBeforeExit } from './flush-before-exit.js';
import type { Reporter, ReporterContext } from './reporter.js';

/** How long {@link RemoteReporter.flush} and `close` wait for the backend, in milliseconds. */
const drainTimeoutMs = 5000;
const noBound = Number.POSITIVE_INFINITY;

/** Options of {@link RemoteReporter}. */
export interface RemoteReporterOptions {
  /** How often an open batch is sent even if it is not full, in milliseconds. @default 1000 */
  flushIntervalMs?: number | undefined;
  /** Memory that unsent batches may take, in bytes; beyond it the oldest batch is dropped and counted. @default 8_388_608 */
  maxQueueBytes?: number | undefined;
  /** Spans that may wait in sealed batches; beyond it the oldest batch is dropped and counted. @default no bound */
  maxQueueSpans?: number | undefined;
  /** Spans after which a batch is sent, full or not; at most `maxQueueSpans`. @default no bound */
  maxBatchSpans?: number | undefined;
}

/**
 * Encodes a span when it finishes and sends batches to a backend: when a batch is full, every `flushIntervalMs`, on
 * {@link flush} and before the process ends by itself. An encoder and a transport make a sender; any pair that the
 * backend understands will do.
 */
export class RemoteReporter implements Reporter {
  readonly #encoder: Encoder;
  readonly #queue: RetryQueue;
  readonly #transport: Transport;
  readonly #flushIntervalMs: number;
  readonly #maxBatchSpans: number;
  readonly #stats: ClientStats = {
    fullQueueDroppedSpans: 0,
    tooLargeDroppedSpans: 0,
    failedToEmitSpans: 0,
  };
  #context: ReporterContext | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #opening: NodeJS.Timeout | undefined = undefined;
  #unregister: (() => void) | undefined = undefined;
  #openSpans = 0;
  #waitingSpans = 0;
  #isClosed = false;

  constructor(encoder: Encoder, transport: Transport, options: RemoteReporterOptions = {}) {
    this.#encoder = encoder;
    this.#transport = transport;
    this.#flushIntervalMs = options.flushIntervalMs ?? 1000;
    const { maxQueueBytes: maxBytes = 8 * 1024 * 1024, maxQueueSpans: maxSpans = noBound } =
      options;
    // A batch that is larger than what may wait could never wait.
    this.#maxBatchSpans = Math.min(options.maxBatchSpans ?? noBound, maxSpans);
    const owner = {
      split: (batch: Batch) => encoder.split?.(batch, this.#stats, transport.maxBatchBytes) ?? [],
      settled: (batch: Batch, outcome: QueueOutcome) => this.#settled(batch, outcome),
    };
    this.#queue = new RetryQueue(transport, owner, { maxBytes, maxSpans });
  }

  start(context: ReporterContext): void {
    this.#context = context;
    this.#encoder.start(context.process, this.#transport.maxBatchBytes);
    this.#timer = withoutSpan(() => setInterval(() => this.#tick(), this.#flushIntervalMs));
    this.#timer.unref();
    if (this.#transport.open !== undefined) {
      const open = (): void => void this.#transport.open?.();
      this.#opening = withoutSpan(() => setTimeout(open, AFTER_START_MS)).unref();
    }
    this.#unregister = flushBeforeExit(this);
  }

  // Hot path: runs for every span. Measure before and after (bench/).
  report(span: FinishedSpan): void {
    if (this.#isClosed) {
      this.#context?.metrics.spansDropped(1, 'closed');
      return;
    }
    let outcome = this.#encoder.append(span);
    if (outcome === 'full') {
      this.#sendOpenBatch();
      outcome = this.#encoder.append(span);
    }
    if (outcome !== 'appended') this.#dropTooLarge(span);
    else if (++this.#openSpans >= this.#maxBatchSpans) this.#sendOpenBatch();
  }

  async flush(): Promise<void> {
    this.#sendOpenBatch();
    await this.#queue.drain(drainTimeoutMs);
  }

  /** For the event `exit`, in which nothing asynchronous happens any more. */
  flushNow(): void {
    const batch = this.#encoder.seal(this.#stats);
    this.#queue.sendAllNow();
    if (batch !== undefined) this.#transport.sendNow?.(batch);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#opening);
    this.#sendOpenBatch();
    try {
      await this.#queue.close(drainTimeoutMs);
    } finally {
      // Not before: the process may exit meanwhile.
      this.#unregister?.();
    }
  }

  toString(): string {
    return `RemoteReporter(${this.#transport})`;
  }

  #tick(): void {
    this.#context?.clock.followWallClock();
    this.#sendOpenBatch();
  }

  #sendOpenBatch(): void {
    this.#openSpans = 0;
    const batch = this.#encoder.seal(this.#stats);
    if (batch === undefined) return;
    this.#countWaiting(batch.spanCount);
    this.#queue.enqueue(batch);
  }

  #settled(batch: Batch, outcome: QueueOutcome): void {
    const { spanCount } = batch;
    const { metrics } = this.#context!;
    this.#countWaiting(-spanCount);
    if (outcome === 'accepted') {
      metrics.spansReported(spanCount);
    } else if (outcome === 'lost') {
      this.#countFailed(spanCount);
    } else if (typeof outcome === 'object') {
      metrics.spansReported(spanCount - outcome.rejectedSpans);
      this.#countFailed(outcome.rejectedSpans);
    } else {
      if (outcome === 'queue_full') this.#stats.fullQueueDroppedSpans += spanCount;
      if (outcome === 'too_large') this.#tellRefused(batch);
      metrics.spansDropped(spanCount, outcome);
    }
  }

  #countFailed(spans: number): void {
    this.#stats.failedToEmitSpans += spans;
    this.#context!.metrics.spansFailed(spans);
  }

  #countWaiting(spans: number): void {
    this.#waitingSpans += spans;
    this.#context!.metrics.queueLength(this.#waitingSpans);
  }

  #tellRefused({ bytes, spanCount }: Batch): void {
    this.#stats.tooLargeDroppedSpans += spanCount;
    this.#context!.faults.report(
      'refused-size',
      `${this.#transport} takes no batch of ${bytes.length} bytes, and this one cannot be made smaller; spans dropped: ${spanCount}. Put less into tags and logs, or raise the limit there (on macOS: sysctl -w net.inet.udp.maxdgram=65535).`,
    );
  }

  #dropTooLarge(span: FinishedSpan): void {
    this.#stats.tooLargeDroppedSpans++;
    this.#context?.metrics.spansDropped(1, 'too_large');
    this.#context?.faults.report(
      'too-large',
      `span "${tagValueToText(span.operationName).slice(0, 100)}" does not fit into a packet of ${this.#transport.maxBatchBytes} bytes and is dropped. Put less into its tags and logs.`,
    );
  }
}
