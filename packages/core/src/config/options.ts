import {
  BAGGAGE_HEADER_PREFIX,
  DEBUG_ID_HEADER,
  DEFAULT_AGENT_PORT,
  JAEGER_BAGGAGE_HEADER,
  MAX_UDP_PACKET_BYTES,
  TRACE_CONTEXT_HEADER,
} from '../constants.js';
import {
  collectorUrl,
  duration,
  flag,
  headerName,
  headers,
  host,
  hostPort,
  httpUrl,
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
  type PropagationSettings,
  propagation,
} from './propagation-formats.js';
import type { AgentSocketType, CollectorProtocol, SamplerType } from './tracing-config.js';

/** One option: where it stands in the configuration, which variables set it, its type and its default. */
export interface Option<T> {
  readonly path: string;
  readonly kind: Kind<T>;
  readonly fallback: T;
  /** One sentence or two; docs/configuration.md is made of these. */
  readonly description: string;
  readonly variable: string | undefined;
  /** Names that Jaeger's clients gave up: as good, with a warning that names the replacement. */
  readonly oldVariables: readonly string[];
  /** @default {@link variable} */
  readonly replacement: string | undefined;
  /** Never shown. */
  readonly isSecret: boolean;
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
  readonly agentSocketType: AgentSocketType | undefined;
  readonly attemptReconnectIntervalMs: number;
  readonly disableAttemptReconnecting: boolean;
  readonly collectorEndpoint: string | undefined;
  readonly protocol: CollectorProtocol | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly authToken: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly flushIntervalMs: number;
  readonly maxPacketSize: number | undefined;
  readonly maxQueueBytes: number;
  readonly maxQueueSpans: number | undefined;
  readonly maxBatchSpans: number | undefined;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly propagation: PropagationSettings;
  readonly traceContextHeaderName: string;
  readonly traceBaggageHeaderPrefix: string;
  readonly jaegerDebugHeader: string;
  readonly jaegerBaggageHeader: string;
  readonly traceId128bit: boolean;
  readonly shareRpcSpan: boolean;
  readonly rpcMetrics: boolean;
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
  description: string,
  {
    variable,
    oldVariables = [],
    replacement = variable,
    isSecret = false,
  }: Partial<Option<T>> = {},
): Option<T | Fallback> {
  return { path, kind, fallback, description, variable, oldVariables, replacement, isSecret };
}

const samplerType: Kind<SamplerType> = oneOf('sampler', [
  'const',
  'probabilistic',
  'ratelimiting',
  'remote',
]);
const socketType: Kind<AgentSocketType> = oneOf('socket type', ['udp4', 'udp6']);
const protocol: Kind<CollectorProtocol> = oneOf('protocol', ['thrift', 'otlp']);
const interval = duration(1, 3_600_000, 'Write 1000 to send once a second');
const reconnectInterval = duration(1, 86_400_000, 'Write 30000 to look twice a minute');
const timeout = duration(1, 600_000, 'Write 5000 for five seconds');
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
const spanCount = wholeNumber(1, 10_000_000, 'Write 100 for a hundred spans');

const valueLength = wholeNumber(1, 1_000_000, 'Write 16384');
const itemCount = wholeNumber(1, 100_000, 'Write 1000');
const spanBytes = wholeNumber(1000, 16 * 1024 * 1024, 'Write 58500, what fits into a packet');

/**
 * Every option that there is. Adding one is an entry here, a field in `Settings` and in tracing-config.ts, and its use in build-tracer.ts;
 * `pnpm --filter @spoor/core generate` then writes its row in docs/configuration.md.
 */
export const options: { readonly [Name in keyof Settings]: Option<Settings[Name]> } = {
  serviceName: option('serviceName', text, undefined, 'The name of the service; required.', {
    variable: 'JAEGER_SERVICE_NAME',
  }),
  disable: option(
    'disable',
    flag,
    false,
    '`true` gives a tracer that does nothing, and neither reads nor writes headers.',
    { variable: 'JAEGER_DISABLED', oldVariables: ['JAEGER_DISABLE'] },
  ),
  tags: option(
    'tags',
    tags,
    {},
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of the variable
    'Process tags. The variable is `key=value,key=${VARIABLE:default}`; what code and variables say adds up.',
    { variable: 'JAEGER_TAGS' },
  ),
  propagation: option(
    'propagation',
    propagation,
    defaultPropagation,
    'Header formats: the first that a request has is read, all are written; `{ extract, inject }` where they differ.',
    { variable: 'JAEGER_PROPAGATION' },
  ),
  traceId128bit: option('traceId128bit', flag, false, 'New traces get 128-bit ids.', {
    variable: 'JAEGER_TRACEID_128BIT',
  }),
  shareRpcSpan: option(
    'shareRpcSpan',
    flag,
    false,
    'Both sides of a call have one span, as Zipkin has it.',
    { variable: 'JAEGER_SHARE_RPC_SPAN' },
  ),
  rpcMetrics: option(
    'rpcMetrics',
    flag,
    false,
    'Counts the calls that the service answers, by endpoint, in the metrics factory of `options.metrics`.',
    { variable: 'JAEGER_RPC_METRICS' },
  ),
  traceContextHeaderName: option(
    'headers.traceContextHeaderName',
    headerName,
    TRACE_CONTEXT_HEADER,
    'Carries ids and flags.',
    { variable: 'JAEGER_TRACE_CONTEXT_HEADER_NAME' },
  ),
  traceBaggageHeaderPrefix: option(
    'headers.traceBaggageHeaderPrefix',
    headerName,
    BAGGAGE_HEADER_PREFIX,
    'In front of the key of each baggage item.',
    { variable: 'JAEGER_TRACE_BAGGAGE_HEADER_PREFIX' },
  ),
  jaegerDebugHeader: option(
    'headers.jaegerDebugHeader',
    headerName,
    DEBUG_ID_HEADER,
    'Asks for a trace by hand.',
    { variable: 'JAEGER_DEBUG_HEADER' },
  ),
  jaegerBaggageHeader: option(
    'headers.jaegerBaggageHeader',
    headerName,
    JAEGER_BAGGAGE_HEADER,
    'Baggage of callers that have no trace: `key=value, key=value`.',
    { variable: 'JAEGER_BAGGAGE_HEADER' },
  ),
  samplerType: option(
    'sampler.type',
    samplerType,
    undefined,
    '`const` keeps all or none, `probabilistic` a share, `ratelimiting` so many a second, `remote` what a server says; without it `remote`, where there may be no server.',
    { variable: 'JAEGER_SAMPLER_TYPE' },
  ),
  samplerParam: option(
    'sampler.param',
    samplerParam,
    undefined,
    'For `const` 1 or 0, for `probabilistic` 0 to 1, for `ratelimiting` traces per second; for `remote` the share, 0 to 1, until a server has answered, without it every trace up to 100 new ones a second.',
    { variable: 'JAEGER_SAMPLER_PARAM' },
  ),
  samplingServerUrl: option(
    'sampler.samplingServerURL',
    httpUrl,
    undefined,
    'Who says what `remote` keeps; without it `http://HOST:5778/sampling` of `reporter.agentHost`.',
    { variable: 'JAEGER_SAMPLING_ENDPOINT' },
  ),
  samplerHostPort: option(
    'sampler.hostPort',
    hostPort,
    undefined,
    'The same as `host:port` or as a URL.',
    { variable: 'JAEGER_SAMPLER_MANAGER_HOST_PORT' },
  ),
  samplerHost: option(
    'sampler.host',
    host,
    undefined,
    'The same in parts; without it `reporter.agentHost`.',
    { oldVariables: ['JAEGER_SAMPLER_HOST'], replacement: 'JAEGER_SAMPLER_MANAGER_HOST_PORT' },
  ),
  samplerPort: option('sampler.port', serverPort, undefined, 'Of that host; without it 5778.', {
    oldVariables: ['JAEGER_SAMPLER_PORT'],
    replacement: 'JAEGER_SAMPLER_MANAGER_HOST_PORT',
  }),
  samplingPath: option('sampler.samplingPath', text, '/sampling', 'The path on that host.', {
    variable: 'JAEGER_SAMPLER_SAMPLING_PATH',
  }),
  samplingRefreshMs: option(
    'sampler.refreshIntervalMs',
    pollInterval,
    60_000,
    'How often the server is asked; 0 never asks.',
    { variable: 'JAEGER_SAMPLER_REFRESH_INTERVAL' },
  ),
  maxOperations: option(
    'sampler.maxOperations',
    operationCount,
    2000,
    'Operations that can have a rate of their own.',
    { variable: 'JAEGER_SAMPLER_MAX_OPERATIONS' },
  ),
  operationNameLateBinding: option(
    'sampler.operationNameLateBinding',
    flag,
    true,
    'Decides again when a trace gets its name late.',
    { variable: 'JAEGER_SAMPLER_OPERATION_NAME_LATE_BINDING' },
  ),
  throttlerHost: option(
    'throttler.host',
    host,
    undefined,
    '`throttler: {}`, or a variable alone, asks a server how many traces may be forced; without a host that of `reporter.agentHost`.',
    { variable: 'JAEGER_THROTTLER_HOST' },
  ),
  throttlerPort: option('throttler.port', serverPort, 5778, 'Its port.', {
    variable: 'JAEGER_THROTTLER_PORT',
  }),
  throttlerRefreshMs: option(
    'throttler.refreshIntervalMs',
    creditInterval,
    5000,
    'How often it is asked.',
    { variable: 'JAEGER_THROTTLER_REFRESH_INTERVAL' },
  ),
  maxTagValueLength: option(
    'limits.maxTagValueLength',
    valueLength,
    undefined,
    'Characters of a tag or a log field, bytes of a binary one; longer ones are cut. Without it 16384.',
    { variable: 'JAEGER_LIMITS_MAX_TAG_VALUE_LENGTH' },
  ),
  maxTracebackLength: option(
    'limits.maxTracebackLength',
    valueLength,
    undefined,
    'The same for errors and for what is called `stack`. Without it 16384.',
    { variable: 'JAEGER_LIMITS_MAX_TRACEBACK_LENGTH' },
  ),
  maxTagsPerSpan: option(
    'limits.maxTagsPerSpan',
    itemCount,
    undefined,
    'Tags of a span, fields of a log; later ones are dropped. Without it 1000.',
    { variable: 'JAEGER_LIMITS_MAX_TAGS_PER_SPAN' },
  ),
  maxLogsPerSpan: option(
    'limits.maxLogsPerSpan',
    itemCount,
    undefined,
    'Logs of a span; beyond it the first half and the newest are kept. Without it 1000.',
    { variable: 'JAEGER_LIMITS_MAX_LOGS_PER_SPAN' },
  ),
  maxSpanBytes: option(
    'limits.maxSpanBytes',
    spanBytes,
    undefined,
    'Tags and logs of a span together, a character counted as one byte. Without it nine tenths of a packet.',
    { variable: 'JAEGER_LIMITS_MAX_SPAN_BYTES' },
  ),
  baggageHostPort: option(
    'baggageRestrictions.hostPort',
    hostPort,
    undefined,
    '`baggageRestrictions: {}`, or a variable alone, asks a server which baggage may be set; without it port 5778 of `reporter.agentHost`.',
    { variable: 'JAEGER_BAGGAGE_RESTRICTIONS_HOST_PORT' },
  ),
  baggageRefreshMs: option(
    'baggageRestrictions.refreshIntervalMs',
    restrictionsInterval,
    60_000,
    'How often it is asked.',
    { variable: 'JAEGER_BAGGAGE_RESTRICTIONS_REFRESH_INTERVAL' },
  ),
  denyBaggageAtFirst: option(
    'baggageRestrictions.denyBaggageOnInitializationFailure',
    flag,
    false,
    '`true` refuses every item until it has answered.',
    { variable: 'JAEGER_BAGGAGE_RESTRICTIONS_DENY_BAGGAGE_ON_INITIALIZATION_FAILURE' },
  ),
  logSpans: option('reporter.logSpans', flag, false, 'Also logs a line for every span.', {
    variable: 'JAEGER_REPORTER_LOG_SPANS',
  }),
  agentHost: option(
    'reporter.agentHost',
    text,
    'localhost',
    'Name or address of the Jaeger agent.',
    { variable: 'JAEGER_AGENT_HOST', oldVariables: ['JAEGER_REPORTER_AGENT_HOST'] },
  ),
  agentPort: option(
    'reporter.agentPort',
    port,
    DEFAULT_AGENT_PORT,
    'UDP port of the agent: Thrift compact, on 6832 Thrift binary.',
    { variable: 'JAEGER_AGENT_PORT', oldVariables: ['JAEGER_REPORTER_AGENT_PORT'] },
  ),
  agentSocketType: option(
    'reporter.agentSocketType',
    socketType,
    undefined,
    'Which addresses of the agent are taken; without it IPv4, else IPv6.',
    { variable: 'JAEGER_AGENT_SOCKET_TYPE' },
  ),
  attemptReconnectIntervalMs: option(
    'reporter.attemptReconnectIntervalMs',
    reconnectInterval,
    30_000,
    'How often the address of the agent is looked up again.',
    { variable: 'JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL' },
  ),
  disableAttemptReconnecting: option(
    'reporter.disableAttemptReconnecting',
    flag,
    false,
    '`true` believes the first address of the agent for good.',
    { variable: 'JAEGER_REPORTER_ATTEMPT_RECONNECTING_DISABLED' },
  ),
  collectorEndpoint: option(
    'reporter.collectorEndpoint',
    collectorUrl('http://localhost:14268/api/traces'),
    undefined,
    'A collector instead of the agent: Jaeger Thrift over HTTP, such as `http://localhost:14268/api/traces`, or OTLP over HTTP, such as `http://localhost:4318/v1/traces`, which takes `@spoor/otlp`.',
    { variable: 'JAEGER_ENDPOINT', oldVariables: ['JAEGER_REPORTER_ENDPOINT'] },
  ),
  protocol: option(
    'reporter.protocol',
    protocol,
    undefined,
    'What the collector takes. Without it its path decides: `/v1/traces` and `/api/otlp/traces` take OTLP.',
    { variable: 'JAEGER_REPORTER_PROTOCOL' },
  ),
  username: option(
    'reporter.username',
    text,
    undefined,
    'With `password`, for basic authentication at the collector.',
    { variable: 'JAEGER_USER', oldVariables: ['JAEGER_REPORTER_USER'] },
  ),
  password: option(
    'reporter.password',
    text,
    undefined,
    'With `username`, for basic authentication at the collector.',
    {
      variable: 'JAEGER_PASSWORD',
      oldVariables: ['JAEGER_REPORTER_PASSWORD'],
      isSecret: true,
    },
  ),
  authToken: option(
    'reporter.authToken',
    text,
    undefined,
    'For `Authorization: Bearer` at the collector.',
    { variable: 'JAEGER_AUTH_TOKEN', isSecret: true },
  ),
  headers: option(
    'reporter.headers',
    headers,
    {},
    'Further headers of each request to the collector. The variable is `key=value,key=value`, percent-encoded.',
    { variable: 'JAEGER_REPORTER_HEADERS', isSecret: true },
  ),
  timeoutMs: option(
    'reporter.timeoutMs',
    timeout,
    5000,
    'How long one request to the collector may take.',
    { variable: 'JAEGER_REPORTER_TIMEOUT' },
  ),
  flushIntervalMs: option(
    'reporter.flushIntervalMs',
    interval,
    1000,
    'How often spans are sent even if a packet is not full.',
    { variable: 'JAEGER_REPORTER_FLUSH_INTERVAL' },
  ),
  maxPacketSize: option(
    'reporter.maxPacketSize',
    packetSize,
    undefined,
    'Bytes of one UDP packet, without it 65000; of one request to a collector, without it 262144.',
    { variable: 'JAEGER_REPORTER_MAX_PACKET_SIZE' },
  ),
  maxBatchSpans: option(
    'reporter.maxBatchSpans',
    spanCount,
    undefined,
    'Spans of one packet or request; 1 sends each as it finishes. Without it the size decides.',
    { variable: 'JAEGER_REPORTER_MAX_BATCH_SPANS' },
  ),
  maxQueueBytes: option(
    'reporter.maxQueueBytes',
    queueBytes,
    8 * 1024 * 1024,
    'Memory that unsent spans may take, in bytes; beyond it the oldest are dropped and counted.',
    { variable: 'JAEGER_REPORTER_MAX_QUEUE_BYTES' },
  ),
  maxQueueSpans: option(
    'reporter.maxQueueSpans',
    spanCount,
    undefined,
    'Spans that may be unsent, in the same way. Without it the bytes decide.',
    { variable: 'JAEGER_REPORTER_MAX_QUEUE_SIZE' },
  ),
};
