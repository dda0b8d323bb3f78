import { DEFAULT_AGENT_PORT, MAX_UDP_PACKET_BYTES } from '../constants.js';
import type { SpanLimitOptions } from '../span-limits.js';
import type { Tags } from '../tags.js';
import {
  duration,
  endpoint,
  flag,
  host,
  hostPort,
  httpUrl,
  type Kind,
  listOf,
  oneOf,
  port,
  samplerParam,
  tags,
  text,
  wholeNumber,
} from './kinds.js';

/** What can be written into `sampler.type`. */
export type SamplerType = 'const' | 'probabilistic' | 'ratelimiting' | 'remote';

/** What can be written into `propagation`. */
export type PropagationFormat = 'jaeger' | 'w3c';

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
  /** UDP port of the Jaeger agent for Thrift compact. @default 6831 */
  agentPort?: number | undefined;
  /**
   * URL of a Jaeger collector that takes Thrift over HTTP, such as `http://localhost:14268/api/traces`; the agent is left
   * alone then.
   *
   * @default the agent
   */
  collectorEndpoint?: string | undefined;
  /** With `password`, for basic authentication at the collector. */
  username?: string | undefined;
  /** With `username`. */
  password?: string | undefined;
  /** For `Authorization: Bearer` at the collector. */
  authToken?: string | undefined;
  /** How long one request to the collector may take, in milliseconds. @default 5000 */
  timeoutMs?: number | undefined;
  /** How often spans are sent even if a packet is not full, in milliseconds. @default 1000 */
  flushIntervalMs?: number | undefined;
  /** The largest UDP packet, in bytes; to a collector the largest body. @default 65000, to a collector 262144 */
  maxPacketSize?: number | undefined;
  /** Memory that unsent spans may take, in bytes; beyond it the oldest are dropped and counted. @default 8388608 */
  maxQueueBytes?: number | undefined;
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
  propagation?: PropagationFormat | readonly PropagationFormat[] | undefined;
  /** New traces get 128-bit ids instead of 64-bit ones. @default false */
  traceId128bit?: boolean | undefined;
  /** True gives both sides of a call one span, as Zipkin has it. @default false */
  shareRpcSpan?: boolean | undefined;
  /** What one span may hold. */
  limits?: SpanLimitOptions | undefined;
  /** An object, even an empty one, asks a server which baggage may be set. @default all of it may */
  baggageRestrictions?: BaggageRestrictionsConfig | undefined;
}

/** One option: where it stands in the configuration, which variables set it, its type and its default. */
export interface Option<T> {
  readonly path: string;
  /** Environment variables, the strongest first. */
  readonly variables: readonly string[];
  readonly kind: Kind<T>;
  readonly fallback: T;
}

/** Every option with its effective value. */
export interface Settings {
  readonly serviceName: string | undefined;
  readonly disable: boolean;
  readonly samplerType: SamplerType | undefined;
  readonly samplerParam: number | undefined;
  readonly samplingServerUrl: string | undefined;
  readonly samplerHostPort: string | undefined;
  readonly samplerHost: string | undefined;
  readonly samplerPort: number | undefined;
  readonly samplingPath: string;
  readonly samplingRefreshMs: number;
  readonly maxOperations: number;
  readonly operationNameLateBinding: boolean;
  readonly throttlerHost: string | undefined;
  readonly throttlerPort: number;
  readonly throttlerRefreshMs: number;
  readonly logSpans: boolean;
  readonly agentHost: string;
  readonly agentPort: number;
  readonly collectorEndpoint: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly authToken: string | undefined;
  readonly timeoutMs: number;
  readonly flushIntervalMs: number;
  readonly maxPacketSize: number | undefined;
  readonly maxQueueBytes: number;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly propagation: readonly PropagationFormat[];
  readonly traceId128bit: boolean;
  readonly shareRpcSpan: boolean;
  readonly maxTagValueLength: number | undefined;
  readonly maxTracebackLength: number | undefined;
  readonly maxTagsPerSpan: number | undefined;
  readonly maxLogsPerSpan: number | undefined;
  readonly maxSpanBytes: number | undefined;
  readonly baggageHostPort: string | undefined;
  readonly baggageRefreshMs: number;
  readonly denyBaggageAtFirst: boolean;
}

function option<T, Fallback>(
  path: string,
  kind: Kind<T>,
  fallback: Fallback,
  ...variables: string[]
): Option<T | Fallback> {
  return { path, kind, fallback, variables };
}

const samplerType: Kind<SamplerType> = oneOf('sampler', [
  'const',
  'probabilistic',
  'ratelimiting',
  'remote',
]);
const format: Kind<PropagationFormat> = oneOf('format', ['jaeger', 'w3c']);
const interval = wholeNumber(1, 3_600_000, 'Write 1000 to send once a second');
const timeout = wholeNumber(1, 600_000, 'Write 5000 for five seconds');
const serverPort = wholeNumber(1, 65_535, 'Write 5778, the port of a sampling server');
const pollInterval = duration(0, 86_400_000, 'Write 60000 to ask once a minute');
const creditInterval = duration(1, 86_400_000, 'Write 5000 to ask every five seconds');
const restrictionsInterval = duration(1, 86_400_000, 'Write 60000 to ask once a minute');
const operationCount = wholeNumber(0, 1_000_000, 'Write 2000');
const packetSize = wholeNumber(
  1000,
  MAX_UDP_PACKET_BYTES,
  'Write 65000, what a Jaeger agent takes',
);
const queueBytes = wholeNumber(MAX_UDP_PACKET_BYTES, 2 ** 31, 'Write 8388608 for eight megabytes');

const valueLength = wholeNumber(1, 1_000_000, 'Write 16384');
const itemCount = wholeNumber(1, 100_000, 'Write 1000');
const spanBytes = wholeNumber(1000, 16 * 1024 * 1024, 'Write 58500, what fits into a packet');

/** Every option that there is. Adding one is a line here, a field in the types above, and its use in build-tracer.ts. */
export const options: { readonly [Name in keyof Settings]: Option<Settings[Name]> } = {
  serviceName: option('serviceName', text, undefined, 'JAEGER_SERVICE_NAME', 'OTEL_SERVICE_NAME'),
  disable: option('disable', flag, false, 'JAEGER_DISABLED'),
  samplerType: option('sampler.type', samplerType, undefined, 'JAEGER_SAMPLER_TYPE'),
  samplerParam: option('sampler.param', samplerParam, undefined, 'JAEGER_SAMPLER_PARAM'),
  samplingServerUrl: option(
    'sampler.samplingServerURL',
    httpUrl,
    undefined,
    'JAEGER_SAMPLING_ENDPOINT',
  ),
  samplerHostPort: option(
    'sampler.hostPort',
    hostPort,
    undefined,
    'JAEGER_SAMPLER_MANAGER_HOST_PORT',
  ),
  samplerHost: option('sampler.host', host, undefined, 'JAEGER_SAMPLER_HOST'),
  samplerPort: option('sampler.port', serverPort, undefined, 'JAEGER_SAMPLER_PORT'),
  samplingPath: option('sampler.samplingPath', text, '/sampling', 'JAEGER_SAMPLER_SAMPLING_PATH'),
  samplingRefreshMs: option(
    'sampler.refreshIntervalMs',
    pollInterval,
    60_000,
    'JAEGER_SAMPLER_REFRESH_INTERVAL',
  ),
  maxOperations: option(
    'sampler.maxOperations',
    operationCount,
    2000,
    'JAEGER_SAMPLER_MAX_OPERATIONS',
  ),
  operationNameLateBinding: option('sampler.operationNameLateBinding', flag, true),
  throttlerHost: option('throttler.host', host, undefined),
  throttlerPort: option('throttler.port', serverPort, 5778),
  throttlerRefreshMs: option('throttler.refreshIntervalMs', creditInterval, 5000),
  logSpans: option('reporter.logSpans', flag, false, 'JAEGER_REPORTER_LOG_SPANS'),
  agentHost: option('reporter.agentHost', text, 'localhost', 'JAEGER_AGENT_HOST'),
  agentPort: option('reporter.agentPort', port, DEFAULT_AGENT_PORT, 'JAEGER_AGENT_PORT'),
  collectorEndpoint: option('reporter.collectorEndpoint', endpoint, undefined, 'JAEGER_ENDPOINT'),
  username: option('reporter.username', text, undefined, 'JAEGER_USER'),
  password: option('reporter.password', text, undefined, 'JAEGER_PASSWORD'),
  authToken: option('reporter.authToken', text, undefined, 'JAEGER_AUTH_TOKEN'),
  timeoutMs: option('reporter.timeoutMs', timeout, 5000, 'JAEGER_REPORTER_TIMEOUT'),
  flushIntervalMs: option(
    'reporter.flushIntervalMs',
    interval,
    1000,
    'JAEGER_REPORTER_FLUSH_INTERVAL',
  ),
  maxPacketSize: option('reporter.maxPacketSize', packetSize, undefined),
  maxQueueBytes: option('reporter.maxQueueBytes', queueBytes, 8 * 1024 * 1024),
  tags: option('tags', tags, {}, 'JAEGER_TAGS'),
  propagation: option('propagation', listOf(format), ['jaeger', 'w3c'], 'JAEGER_PROPAGATION'),
  traceId128bit: option('traceId128bit', flag, false, 'JAEGER_TRACEID_128BIT'),
  shareRpcSpan: option('shareRpcSpan', flag, false),
  maxTagValueLength: option('limits.maxTagValueLength', valueLength, undefined),
  maxTracebackLength: option('limits.maxTracebackLength', valueLength, undefined),
  maxTagsPerSpan: option('limits.maxTagsPerSpan', itemCount, undefined),
  maxLogsPerSpan: option('limits.maxLogsPerSpan', itemCount, undefined),
  maxSpanBytes: option('limits.maxSpanBytes', spanBytes, undefined),
  baggageHostPort: option('baggageRestrictions.hostPort', hostPort, undefined),
  baggageRefreshMs: option('baggageRestrictions.refreshIntervalMs', restrictionsInterval, 60_000),
  denyBaggageAtFirst: option('baggageRestrictions.denyBaggageOnInitializationFailure', flag, false),
};
