import { type SpanContext as CoreSpanContext, type Propagation, Span } from '@spoor/core';
import { Metrics } from '@spoor/core/internal';
import { SpanContext } from './span-context.js';
import type { MetricsFactory } from './types.js';

/** Writes what is a context of ours; a span may be given too. */
export function injectWith(
  propagation: Propagation,
  spanContext: object,
  carrier: Record<string, unknown>,
  isHttp: boolean,
): void {
  const context = spanContext instanceof Span ? spanContext.context() : spanContext;
  if (context instanceof SpanContext) propagation.inject(context, carrier, isHttp);
}

/** An empty context where there is none: `jaeger-client` never gave null. */
export function toJaeger(found: CoreSpanContext | undefined): SpanContext {
  if (found === undefined) return new SpanContext();
  const { baggage, debugId } = found;
  return new SpanContext(found, null, null, null, null, null, { ...baggage }, debugId);
}

export function toMetrics(metrics: MetricsFactory | Metrics | undefined): Metrics {
  return metrics instanceof Metrics ? metrics : new Metrics(metrics);
}
