import type { Clock } from '../clock.js';
import type { FinishedSpan } from '../finished-span.js';
import type { FaultLog } from '../logger.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Process } from '../process-tags.js';

/** What a reporter gets from the tracer that it serves. */
export interface ReporterContext {
  readonly process: Process;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly faults: FaultLog;
}

/** What happens to a finished span. */
export interface Reporter {
  /** Called once, before the first span. */
  start?(context: ReporterContext): void;
  /**
   * Called for every sampled span at its finish, on the hot path. Read the span during the call and keep no
   * reference to it. What it throws is counted as a dropped span.
   */
  report(span: FinishedSpan): void;
  /** Sends what is buffered. Resolves within a few seconds, whatever the backend does. */
  flush(): Promise<void>;
  /** As {@link flush}, then releases everything. Called once. */
  close(): Promise<void>;
}
