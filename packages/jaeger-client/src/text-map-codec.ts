import { createJaegerCodec, Propagation } from '@spoor/core';
import type { Metrics } from '@spoor/core/internal';
import { injectWith, toJaeger, toMetrics } from './carriers.js';
import type { SpanContext } from './span-context.js';
import type { Extractor, Injector, MetricsFactory } from './types.js';

/** Options of {@link TextMapCodec}. */
export interface TextMapCodecOptions {
  /** True percent-encodes the values of baggage, as HTTP needs it. @default false */
  urlEncoding?: boolean | undefined;
  /** The header of ids and flags. @default 'uber-trace-id' */
  contextKey?: string | null | undefined;
  /** In front of the key of each baggage item. @default 'uberctx-' */
  baggagePrefix?: string | null | undefined;
  /** Counts what cannot be read. @default nothing is counted */
  metrics?: MetricsFactory | Metrics | undefined;
}

/** Jaeger's own headers: `uber-trace-id`, `uberctx-*`, and to read `jaeger-baggage` and `jaeger-debug-id`. */
export class TextMapCodec implements Injector, Extractor {
  readonly #propagation: Propagation;
  readonly #isHttp: boolean;
  readonly #metrics: Metrics;

  constructor(options: TextMapCodecOptions = {}) {
    const codec = createJaegerCodec({
      traceContextHeaderName: options.contextKey || undefined,
      traceBaggageHeaderPrefix: options.baggagePrefix || undefined,
    });
    this.#propagation = new Propagation([codec], [codec]);
    this.#isHttp = Boolean(options.urlEncoding);
    this.#metrics = toMetrics(options.metrics);
  }

  inject(spanContext: object, carrier: Record<string, unknown>): void {
    injectWith(this.#propagation, spanContext, carrier, this.#isHttp);
  }

  /** Never null: where nothing can be read, the context is empty, and a span below it starts a new trace. */
  extract(carrier: object): SpanContext {
    return toJaeger(this.#propagation.extractFromCarrier(carrier, this.#isHttp, this.#metrics));
  }
}
