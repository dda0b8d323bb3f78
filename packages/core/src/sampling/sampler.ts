import type { FaultLog } from '../logger.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Process } from '../process-tags.js';
import type { TagList } from '../tags.js';

/** What a sampler or a throttler gets from the tracer that it serves. */
export interface SamplerContext {
  readonly process: Process;
  readonly metrics: Metrics;
  readonly faults: FaultLog;
}

/**
 * Decides, once per trace and at its first span, whether the trace is kept. Called on the hot path: must
 * be quick and must not throw (a throw is counted and the trace is not kept).
 */
export interface Sampler {
  /** Put on the first span of a trace that this sampler kept: `sampler.type` and `sampler.param`. Read after each yes. */
  readonly tags: Readonly<TagList>;
  /**
   * @param high upper 32 bits of the low 64 bits of the trace id, as a signed integer
   * @param low lower 32 bits of the trace id, as a signed integer
   * @param operationName name of the first span
   */
  isSampled(high: number, low: number, operationName: string): boolean;
  /** Called once by the tracer that uses the sampler. */
  start?(context: SamplerContext): void;
  /** Stops what the sampler runs in the background, if it does. */
  close?(): void;
}
