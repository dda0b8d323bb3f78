import type { HeaderNames } from '../propagation/header-names.js';
import type { SpanLimitOptions } from '../span-limits.js';
import type { Tags } from '../tags.js';
import type { PropagationConfig, PropagationFormat } from './propagation-formats.js';

/** What can be written into `sampler.type`. */
export type SamplerType = 'const' | 'probabilistic' | 'ratelimiting' | 'remote';

/** What can be written into `reporter.agentSocketType`. */
export type AgentSocketType = 'udp4' | 'udp6';

/** What can be written into `reporter.protocol`. */
export type CollectorProtocol = 'thrift' | 'otlp';

/** How traces are chosen. */
export interface SamplerConfig {
  /**
   * `const` keeps all or none, `probabilistic` a share, `ratelimiting` so many a second; `remote` what a server says.
   *
   * @default 'remote'
   */
  type?: SamplerType | undefined;
  /**
   * For `const` 1 or 0, for `probabilistic` 0 to 1, for `ratelimiting` traces per second; for `remote` the share, from 0 to
   * 1, until the server has answered.
   */
  param?: number | boolean | undefined;
  /** Where strategies are served. @default 'http://localhost:5778/sampling', on the machine of `reporter.agentHost` */
  samplingServerURL?: string | undefined;
  /** The same as `host:port`, as `jaeger-client` for Node has it. */
  hostPort?: string | undefined;
  /** @default `reporter.agentHost` */
  host?: string | undefined;
  /** @default 5778 */
  port?: number | undefined;
  /** @default '/sampling' */
  samplingPath?: string | undefined;
  /** How often the server is asked, in milliseconds; 0 never asks. @default 60000 */
  refreshIntervalMs?: number | undefined;
  /** Operations that can have a rate of their own. @default 2000 */
  maxOperations?: number | undefined;
  /** Rates of operations are applied again when the first span of a trace is renamed. @default true */
  operationNameLateBinding?: boolean | undefined;
}

/** Asks a server how many traces may be forced by `sampling.priority` and `jaeger-debug-id`; `{}` does too. */
export interface ThrottlerConfig {
  /** @default `reporter.agentHost` */
  host?: string | undefined;
  /** @default 5778 */
  port?: number | undefined;
  /** In milliseconds. @default 5000 */
  refreshIntervalMs?: number | undefined;
}

/** Where spans go. */
export interface ReporterConfig {
  /** Also log a line for every span. @default false */
  logSpans?: boolean | undefined;
  /** Name or address of the Jaeger agent. @default 'localhost' */
  agentHost?: string | undefined;
  /** UDP port of the Jaeger agent: Thrift compact, on 6832 Thrift binary. @default 6831 */
  agentPort?: number | undefined;
  /** Which addresses of the agent are looked for. @default IPv4, else IPv6 */
  agentSocketType?: AgentSocketType | undefined;
  /** How often the address of the agent is looked up again, in milliseconds. @default 30000 */
  attemptReconnectIntervalMs?: number | undefined;
  /** True believes the first address of the agent for good. @default false */
  disableAttemptReconnecting?: boolean | undefined;
  /**
   * URL of a collector: one of Jaeger that takes Thrift over HTTP, such as `http://localhost:14268/api/traces`, or one that
   * takes OTLP over HTTP, such as `http://localhost:4318/v1/traces`, for which `@spoor/otlp` is installed. The agent is left
   * alone then.
   *
   * @default the agent
   */
  collectorEndpoint?: string | undefined;
  /** What the collector takes. @default 'otlp' where the path of its URL ends in `/v1/traces` or `/api/otlp/traces`, else 'thrift' */
  protocol?: CollectorProtocol | undefined;
  /** With `password`, for basic authentication at the collector. */
  username?: string | undefined;
  /** With `username`. */
  password?: string | undefined;
  /** For `Authorization: Bearer` at the collector. */
  authToken?: string | undefined;
  /** Further headers of each request to the collector. */
  headers?: Record<string, string> | undefined;
  /** How long one request to the collector may take, in milliseconds. @default 5000 */
  timeoutMs?: number | undefined;
  /** How often spans are sent even if a packet is not full, in milliseconds. @default 1000 */
  flushIntervalMs?: number | undefined;
  /** The largest UDP packet, in bytes; to a collector the largest body. @default 65000, to a collector 262144 */
  maxPacketSize?: number | undefined;
  /** Memory that unsent spans may take, in bytes; beyond it the oldest are dropped and counted. @default 8388608 */
  maxQueueBytes?: number | undefined;
  /** Spans that may be unsent; beyond it the oldest are dropped and counted. @default only `maxQueueBytes` counts */
  maxQueueSpans?: number | undefined;
  /** Spans of one packet or request; 1 sends each as it finishes. @default only `maxPacketSize` counts */
  maxBatchSpans?: number | undefined;
}

/** Who says which baggage may be set. */
export interface BaggageRestrictionsConfig {
  /** Host and port of the server, or a URL. @default the host of the agent, port 5778 */
  hostPort?: string | undefined;
  /** How often the server is asked, in milliseconds. @default 60000 */
  refreshIntervalMs?: number | undefined;
  /** True refuses every item until a server has answered; false allows every item until then. @default false */
  denyBaggageOnInitializationFailure?: boolean | undefined;
}

/** What `initTracer` takes; the shape of `jaeger-client` for Node. Code wins over `JAEGER_*` variables. */
export interface TracingConfig {
  /** Name of the service; here, in `JAEGER_SERVICE_NAME` or in `OTEL_SERVICE_NAME`. */
  serviceName?: string | undefined;
  /** True gives a tracer that does nothing. @default false */
  disable?: boolean | undefined;
  /** @default what a sampling server says; until one has answered every trace, up to 100 new ones a second */
  sampler?: SamplerConfig | undefined;
  /** @default every `sampling.priority`, ten `jaeger-debug-id` a second */
  throttler?: ThrottlerConfig | undefined;
  /** Where spans go. @default the Jaeger agent on localhost */
  reporter?: ReporterConfig | undefined;
  /** Process tags. */
  tags?: Tags | undefined;
  /** Header formats: the first that a request has is read, all are written. @default ['jaeger', 'w3c'] */
  propagation?: PropagationFormat | readonly PropagationFormat[] | PropagationConfig | undefined;
  /** What the headers of Jaeger are called. */
  headers?: HeaderNames | undefined;
  /** New traces get 128-bit ids instead of 64-bit ones. @default false */
  traceId128bit?: boolean | undefined;
  /** True gives both sides of a call one span, as Zipkin has it. @default false */
  shareRpcSpan?: boolean | undefined;
  /** True counts the calls that the service answers, by endpoint; needs `options.metrics`. @default false */
  rpcMetrics?: boolean | undefined;
  /** What one span may hold. */
  limits?: SpanLimitOptions | undefined;
  /** An object, even an empty one, asks a server which baggage may be set. @default all of it may */
  baggageRestrictions?: BaggageRestrictionsConfig | undefined;
}
