// Start here

// Around it
export { activeSpan, withoutSpan, withSpan } from './active-span.js';
export {
  type BaggageRestriction,
  type BaggageRestrictions,
  DefaultBaggageRestrictions,
} from './baggage/baggage-restrictions.js';
export {
  RemoteBaggageRestrictions,
  type RemoteBaggageRestrictionsOptions,
} from './baggage/remote-baggage-restrictions.js';
export type { InitOptions } from './config/build-tracer.js';
export {
  Config,
  type ConfigOptions,
  type PythonAgentConfig,
  type PythonConfig,
  type PythonThrottlerConfig,
} from './config/config.js';
export { initTracer, initTracerFromEnv } from './config/init-tracer.js';
export type { PropagationConfig, PropagationFormat } from './config/propagation-formats.js';
export type {
  AgentSocketType,
  BaggageRestrictionsConfig,
  CollectorProtocol,
  ReporterConfig,
  SamplerConfig,
  SamplerType,
  ThrottlerConfig,
  TracingConfig,
} from './config/tracing-config.js';
// Encoders and transports
export type { Batch, ClientStats, Encoder } from './encoding/encoder.js';
export { ThriftBinaryEncoder, type ThriftBinaryOptions } from './encoding/thrift-binary.js';
export { ThriftCompactEncoder } from './encoding/thrift-compact.js';
export { SpoorError, type SpoorErrorCode } from './errors.js';
export type { FinishedSpan, SpanLog, SpanReference } from './finished-span.js';
export { globalTracer, setGlobalTracer } from './global-tracer.js';
export type { Logger } from './logger.js';
export type { DropReason, MetricResult, Metrics } from './metrics/metrics.js';
export type { Counter, Gauge, MetricsFactory, Timer } from './metrics/metrics-factory.js';
export { RpcMetrics } from './metrics/rpc-metrics.js';
export type { Observer, SpanObserver } from './observer.js';
export * as opentracing from './opentracing.js';
export type { Process } from './process-tags.js';
// Propagation
export { b3Codec, b3SingleCodec } from './propagation/b3-codec.js';
export type { BaggageItems } from './propagation/baggage-items.js';
export type { BaggageCodec, Codec, Headers, Injectable } from './propagation/codec.js';
export type { HeaderNames } from './propagation/header-names.js';
export { createJaegerCodec, jaegerCodec } from './propagation/jaeger-codec.js';
export { Propagation } from './propagation/propagation.js';
export type { TraceState } from './propagation/trace-state.js';
export { w3cCodec } from './propagation/w3c-codec.js';
export { selfReference } from './references.js';
export { CompositeReporter } from './reporting/composite-reporter.js';
export { InMemoryReporter, type RecordedSpan } from './reporting/in-memory-reporter.js';
export { LoggingReporter } from './reporting/logging-reporter.js';
export { NullReporter } from './reporting/null-reporter.js';
export { RemoteReporter, type RemoteReporterOptions } from './reporting/remote-reporter.js';
// Reporting
export type { Reporter, ReporterContext } from './reporting/reporter.js';
export { ConstSampler } from './sampling/const-sampler.js';
export { GuaranteedThroughputSampler } from './sampling/guaranteed-throughput-sampler.js';
export type { LateSampler, SamplingDecision } from './sampling/late-sampler.js';
export {
  type OperationStrategy,
  PerOperationSampler,
  type PerOperationSamplerOptions,
  type PerOperationStrategies,
} from './sampling/per-operation-sampler.js';
export { PrioritySampler } from './sampling/priority-sampler.js';
export { ProbabilisticSampler } from './sampling/probabilistic-sampler.js';
export { RateLimitingSampler } from './sampling/rate-limiting-sampler.js';
export { RemoteSampler, type RemoteSamplerOptions } from './sampling/remote-sampler.js';
export { RemoteThrottler, type RemoteThrottlerOptions } from './sampling/remote-throttler.js';
// Sampling
export type { Sampler, SamplerContext } from './sampling/sampler.js';
export type { SamplingState } from './sampling/sampling-state.js';
export {
  TagEqualsSampler,
  type TagEqualsStrategy,
  type TagMatcher,
} from './sampling/tag-equals-sampler.js';
export { type DebugRequest, DefaultThrottler, type Throttler } from './sampling/throttler.js';
export { Span } from './span.js';
export {
  type Baggage,
  type Ids,
  type Parent,
  SpanContext,
  type W3cBaggageMember,
  type W3cHeaders,
} from './span-context.js';
export type { SpanLimitOptions } from './span-limits.js';
export type { TagList, Tags, TagValue } from './tags.js';
// Traces
export { Tracer } from './tracer.js';
export type { DescribedSetting, TracerDescription } from './tracer-description.js';
export type { StartSpanOptions, TracerOptions } from './tracer-options.js';
export type { HttpBackend, Rejected } from './transport/http-backend.js';
export { HttpTransport, type HttpTransportOptions } from './transport/http-transport.js';
export type { PartlyAccepted, SendOutcome, Transport } from './transport/transport.js';
export { UdpTransport, type UdpTransportOptions } from './transport/udp-transport.js';
