// Receiving

// Waiting for spans, and serving
export { awaitSpans, type FinishedSpans, type SpanSource } from './await-spans.js';
export { caughtFaults } from './caught-faults.js';
// What was received
export type {
  CollectedBatch,
  CollectedLog,
  CollectedReference,
  CollectedSpan,
  CollectedStats,
  CollectedTag,
  TagType,
  TagValue,
} from './collected.js';
export type { Collector, CollectorOptions, Malformed } from './collector.js';
export { startCollector } from './collector.js';
export { decodeBatch, decodeEmitBatch } from './decode.js';
export type { FormatOptions } from './format-trace.js';
// Showing it
export { formatTrace } from './format-trace.js';
export { type Cleanup, listen } from './listen.js';
export { localhostCertificate } from './localhost-certificate.js';
export {
  decodeOtlp,
  type OtlpAnswer,
  type OtlpAttribute,
  type OtlpBatch,
  type OtlpCollector,
  type OtlpEvent,
  type OtlpLink,
  type OtlpPost,
  type OtlpSpan,
  type OtlpValue,
  startOtlpCollector,
} from './otlp.js';
export { buildPgNative, type PgNative } from './pg-native.js';
export { type PostgresOptions, type PostgresServer, startPostgres } from './postgres.js';
export {
  type PrometheusSeries,
  type PrometheusServer,
  startPrometheus,
} from './prometheus.js';
export {
  type RedisCluster,
  type RedisOptions,
  type RedisSentinel,
  type RedisServer,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
} from './redis.js';
export type { RedisReply } from './resp.js';
export {
  jaegerStrategies,
  type SamplingAnswer,
  type SamplingServer,
  startSamplingServer,
} from './sampling-server.js';
export { type SpanInUse, spansInUse } from './spans-in-use.js';
export type { OutputStream, TerminalOptions } from './terminal.js';
export { terminalOptions } from './terminal.js';
export { type TracedAnswer, tracedRequests } from './traced-requests.js';
export type { TraceMatch, TracePredicate } from './traces.js';
export { groupTraces } from './traces.js';
