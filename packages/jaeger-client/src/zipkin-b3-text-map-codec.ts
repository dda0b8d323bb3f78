import { b3Codec, createJaegerCodec, Propagation } from '@spoor/core';
import type { Metrics } from '@spoor/core/internal';
import { injectWith, toJaeger, toMetrics } from './carriers.js';
import type { SpanContext } from './span-context.js';
import type { Extractor, Injector, MetricsFactory } from './types.js';

/** Options of {@link ZipkinB3TextMapCodec}. */
export interface ZipkinB3TextMapCodecOptions {
  /** True percent-encodes the values of baggage, as HTTP needs it. @default false */
  urlEncoding?: boolean | undefined;
  /** In front of the key of each baggage item. @default 'uberctx-' */
  baggagePrefix?: string | null | undefined;
  /** Counts what cannot be read. @default nothing is counted */
  metrics?: MetricsFactory | Metrics | undefined;
}

/** Zipkin's headers `x-b3-*`, with Jaeger's for baggage; reads the single header `b3` too. */
export class ZipkinB3TextMapCodec implements Injector, Extractor {
  readonly #propagation: Propagation;
  readonly #isHttp: boolean;
  readonly #metrics: Metrics;

  constructor(options: ZipkinB3TextMapCodecOptions = {}) {
    const { baggage } = createJaegerCodec({
      traceBaggageHeaderPrefix: options.baggagePrefix || undefined,
    });
    const codec = { ...b3Codec, baggage };
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
