import {
  BAGGAGE_HEADER_PREFIX,
  DEBUG_ID_HEADER,
  DEFAULT_AGENT_PORT,
  JAEGER_BAGGAGE_HEADER,
  MAX_UDP_PACKET_BYTES,
  TRACE_CONTEXT_HEADER,
} from '../constants.js';
import type { HeaderNames } from '../propagation/header-names.js';
import {
  endpoint,
  flag,
  headerName,
  type Kind,
  oneOf,
  port,
  samplerParam,
  tags,
  text,
  wholeNumber,
} from './kinds.js';
import {
  defaultPropagation,
  type PropagationConfig,
  type PropagationFormat,
  type PropagationSettings,
  propagation,
} from './propagation-formats.js';

/** What can be written into `sampler.type`. */
export type SamplerType = 'const' | 'probabilistic' | 'ratelimiting';

/** How traces are chosen. */
export interface SamplerConfig {
  /** `const` keeps all or none, `probabilistic` a share, `ratelimiting` so many a second. */
  type?: SamplerType | undefined;
  /** For `const` 1 or 0, for `probabilistic` 0 to 1, for `ratelimiting` traces per second. */
  param?: number | boolean | undefined;
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

/** What `initTracer` takes; the shape of `jaeger-client` for Node. Code wins over `JAEGER_*` variables. */
export interface TracingConfig {
  /** Name of the service; here, in `JAEGER_SERVICE_NAME` or in `OTEL_SERVICE_NAME`. */
  serviceName?: string | undefined;
  /** True gives a tracer that does nothing. @default false */
  disable?: boolean | undefined;
  /** @default every trace, up to 100 new ones a second */
  sampler?: SamplerConfig | undefined;
  reporter?: ReporterConfig | undefined;
  /** Process tags. */
  tags?: Record<string, unknown> | undefined;
  /** Header formats: the first that a request has is read, all are written. @default ['jaeger', 'w3c'] */
  propagation?: PropagationFormat | readonly PropagationFormat[] | PropagationConfig | undefined;
  /** What the headers of Jaeger are called. */
  headers?: HeaderNames | undefined;
  /** New traces get 128-bit ids instead of 64-bit ones. @default false */
  traceId128bit?: boolean | undefined;
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
  readonly propagation: PropagationSettings;
  readonly traceContextHeaderName: string;
  readonly traceBaggageHeaderPrefix: string;
  readonly jaegerDebugHeader: string;
  readonly jaegerBaggageHeader: string;
  readonly traceId128bit: boolean;
}

function option<T, Fallback>(
  path: string,
  kind: Kind<T>,
  fallback: Fallback,
  ...variables: string[]
): Option<T | Fallback> {
  return { path, kind, fallback, variables };
}

const samplerType: Kind<SamplerType> = oneOf('sampler', ['const', 'probabilistic', 'ratelimiting']);
const interval = wholeNumber(1, 3_600_000, 'Write 1000 to send once a second');
const timeout = wholeNumber(1, 600_000, 'Write 5000 for five seconds');
const packetSize = wholeNumber(
  1000,
  MAX_UDP_PACKET_BYTES,
  'Write 65000, what a Jaeger agent takes',
);
const queueBytes = wholeNumber(MAX_UDP_PACKET_BYTES, 2 ** 31, 'Write 8388608 for eight megabytes');

/** Every option that there is. Adding one is a line here, a field in the types above, and its use in build-tracer.ts. */
export const options: { readonly [Name in keyof Settings]: Option<Settings[Name]> } = {
  serviceName: option('serviceName', text, undefined, 'JAEGER_SERVICE_NAME', 'OTEL_SERVICE_NAME'),
  disable: option('disable', flag, false, 'JAEGER_DISABLED'),
  samplerType: option('sampler.type', samplerType, undefined, 'JAEGER_SAMPLER_TYPE'),
  samplerParam: option('sampler.param', samplerParam, undefined, 'JAEGER_SAMPLER_PARAM'),
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
  propagation: option(
    'propagation',
    propagation,
    defaultPropagation,
    'JAEGER_PROPAGATION',
    'OTEL_PROPAGATORS',
  ),
  traceContextHeaderName: option(
    'headers.traceContextHeaderName',
    headerName,
    TRACE_CONTEXT_HEADER,
  ),
  traceBaggageHeaderPrefix: option(
    'headers.traceBaggageHeaderPrefix',
    headerName,
    BAGGAGE_HEADER_PREFIX,
  ),
  jaegerDebugHeader: option('headers.jaegerDebugHeader', headerName, DEBUG_ID_HEADER),
  jaegerBaggageHeader: option('headers.jaegerBaggageHeader', headerName, JAEGER_BAGGAGE_HEADER),
  traceId128bit: option('traceId128bit', flag, false, 'JAEGER_TRACEID_128BIT'),
};
