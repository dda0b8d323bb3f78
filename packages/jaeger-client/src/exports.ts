import { PrioritySampler, TagEqualsSampler } from './late-samplers.js';
import type { Tracer } from './tracer.js';

// Start here
export { default as opentracing } from 'opentracing';
export {
  Configuration,
  initTracer,
  initTracerFromEnv,
  type TracingOptions,
} from './configuration.js';
export type { ReporterConfig, SamplerConfig, ThrottlerConfig, TracingConfig } from './settings.js';

// Traces
export { Span, type Tag } from './span.js';
export { SpanContext } from './span-context.js';
export { Tracer, type TracerOptions } from './tracer.js';
/** The name that `@types/jaeger-client` has for it. */
export type JaegerTracer = Tracer;

// Sampling
export { RemoteSampler, type RemoteSamplerOptions } from './late-samplers.js';
export { ConstSampler, ProbabilisticSampler, RateLimitingSampler } from './samplers.js';
export type { LegacySamplerV1, Sampler, SamplingDecision, Throttler } from './types.js';
/** Samplers that may decide late. */
export const experimental: {
  readonly PrioritySampler: typeof PrioritySampler;
  readonly TagEqualsSampler: typeof TagEqualsSampler;
} = { PrioritySampler, TagEqualsSampler };

// Metrics and tests
export type { Counter, Gauge, Timer } from '@spoor/core';
export { type PromClient, PrometheusMetricsFactory } from './prometheus-metrics-factory.js';
// Reporting
export { RemoteReporter, type RemoteReporterOptions } from './remote-reporter.js';
export {
  CompositeReporter,
  InMemoryReporter,
  LoggingReporter,
  NoopReporter,
} from './reporters.js';
export type { Sender, SenderCallback, ThriftSpan, ThriftTag } from './sender-reporter.js';
// Propagation
export {
  type EncodedChannel,
  TChannelBridge,
  type TChannelBridgeOptions,
  type TChannelRequest,
} from './tchannel-bridge.js';
export { TestUtils } from './test-utils.js';
export { TextMapCodec, type TextMapCodecOptions } from './text-map-codec.js';
export type { Extractor, Injector, Logger, MetricsFactory, Reporter } from './types.js';
export {
  ZipkinB3TextMapCodec,
  type ZipkinB3TextMapCodecOptions,
} from './zipkin-b3-text-map-codec.js';
