import * as opentracing from './opentracing.js';
import { processState } from './process-state.js';
import type { Tracer } from './tracer.js';

/**
 * Makes `tracer` the one that middleware and patches use when they are given none, and the global tracer
 * of `opentracing`. `initTracer` does this by itself.
 */
export function setGlobalTracer(tracer: Tracer): void {
  processState.globalTracer = tracer;
  opentracing.initGlobalTracer(tracer);
}

/** The tracer that {@link setGlobalTracer} set last, or `undefined`. */
export function globalTracer(): Tracer | undefined {
  return processState.globalTracer;
}
