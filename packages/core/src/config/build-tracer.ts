import type { BaggageRestrictions } from '../baggage/baggage-restrictions.js';
import { RemoteBaggageRestrictions } from '../baggage/remote-baggage-restrictions.js';
import { MAX_UDP_PACKET_BYTES } from '../constants.js';
import type { Encoder } from '../encoding/encoder.js';
import { ThriftBinaryEncoder } from '../encoding/thrift-binary.js';
import { ThriftCompactEncoder } from '../encoding/thrift-compact.js';
import { SpoorError } from '../errors.js';
import { consoleLogger, FaultLog, type Logger } from '../logger.js';
import type { MetricsFactory } from '../metrics/metrics.js';
import type { Codec } from '../propagation/codec.js';
import { jaegerCodec } from '../propagation/jaeger-codec.js';
import { Propagation } from '../propagation/propagation.js';
import { w3cCodec } from '../propagation/w3c-codec.js';
import { CompositeReporter } from '../reporting/composite-reporter.js';
import { LoggingReporter } from '../reporting/logging-reporter.js';
import { NullReporter } from '../reporting/null-reporter.js';
import { RemoteReporter } from '../reporting/remote-reporter.js';
import type { Reporter } from '../reporting/reporter.js';
import { ConstSampler } from '../sampling/const-sampler.js';
import type { LateSampler } from '../sampling/late-sampler.js';
import { ProbabilisticSampler } from '../sampling/probabilistic-sampler.js';
import { RateLimitingSampler } from '../sampling/rate-limiting-sampler.js';
import { RemoteSampler } from '../sampling/remote-sampler.js';
import { RemoteThrottler } from '../sampling/remote-throttler.js';
import type { Sampler } from '../sampling/sampler.js';
import type { Throttler } from '../sampling/throttler.js';
import type { SpanLimitOptions } from '../span-limits.js';
import type { Tags } from '../tags.js';
import { Tracer } from '../tracer.js';
import { DEFAULT_MAX_BATCH_BYTES, HttpTransport } from '../transport/http-transport.js';
import type { Transport } from '../transport/transport.js';
import { UdpTransport } from '../transport/udp-transport.js';
import { bracketed } from './kinds.js';
import type { PropagationFormat, Settings, TracingConfig } from './options.js';
import { type Resolved, resolveSettings } from './resolve.js';
import { fromHostPort, samplingServer } from './sampling-url.js';

/** Objects that replace what the configuration would make; the second argument of `initTracer`. */
export interface InitOptions {
  /** Replaces everything that `config.reporter` says. */
  reporter?: Reporter | undefined;
  /** Replaces everything that `config.sampler` says. */
  sampler?: Sampler | LateSampler | undefined;
  /** Replaces what `config.throttler` says. */
  throttler?: Throttler | undefined;
  /** @default the console */
  logger?: Logger | undefined;
  /** Where the tracer's counters go. @default nowhere */
  metrics?: MetricsFactory | undefined;
  /** Process tags; win over those of the configuration and of `JAEGER_TAGS`. */
  tags?: Tags | undefined;
  /** As `config.traceId128bit`, where `jaeger-client` had it. */
  traceId128bit?: boolean | undefined;
  /** As `config.shareRpcSpan`, where `jaeger-client` had it. */
  shareRpcSpan?: boolean | undefined;
  /** Replaces what `config.baggageRestrictions` says. */
  baggageRestrictions?: BaggageRestrictions | undefined;
  /** True lets `sampling.priority` keep a trace without the debug flag and without asking the throttler. @default false */
  noDebugFlagOnForcedSampling?: boolean | undefined;
}

const codecs: Record<PropagationFormat, Codec> = { jaeger: jaegerCodec, w3c: w3cCodec };

/** Reads the settings and puts the parts together: the one place that knows all of them. */
export function buildTracer(config: unknown, options: InitOptions): Tracer {
  const resolved = resolveSettings(config, process.env);
  const { settings } = resolved;
  if (settings.disable) return disabledTracer(settings.serviceName ?? 'disabled');
  if (settings.serviceName === undefined) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      "serviceName: is missing. Write initTracer({ serviceName: 'orders' }) or set JAEGER_SERVICE_NAME.",
    );
  }
  const logger = options.logger ?? consoleLogger;
  const formats = settings.propagation.map((format) => codecs[format]);
  return new Tracer(settings.serviceName, {
    sampler: options.sampler ?? buildSampler(resolved),
    throttler: options.throttler ?? buildThrottler(config as TracingConfig | undefined, settings),
    noDebugFlagOnForcedSampling: options.noDebugFlagOnForcedSampling,
    reporter: options.reporter ?? buildReporter(settings, logger),
    logger,
    metrics: options.metrics,
    tags: { ...settings.tags, ...options.tags },
    traceId128bit: options.traceId128bit ?? settings.traceId128bit,
    shareRpcSpan: options.shareRpcSpan ?? settings.shareRpcSpan,
    baggageRestrictions:
      options.baggageRestrictions ??
      buildBaggageRestrictions(config as TracingConfig | undefined, settings),
    limits: buildLimits(settings),
    propagation: new Propagation(formats, formats),
  });
}

/** Takes every call, reads and writes no header, keeps nothing. */
function disabledTracer(serviceName: string): Tracer {
  return new Tracer(serviceName, {
    sampler: new ConstSampler(false),
    reporter: new NullReporter(),
    propagation: new Propagation([], []),
  });
}

function buildSampler(resolved: Resolved): Sampler | LateSampler {
  const { settings, origin } = resolved;
  const { samplerType: type, samplerParam: param } = settings;
  const wrong = (path: string, problem: string): SpoorError =>
    new SpoorError('SPOOR_CONFIG', `${origin(path)}: ${problem}`);
  if (type === undefined && param !== undefined) {
    throw wrong(
      'sampler.param',
      `${param} means nothing without sampler.type. Write sampler: { type: 'probabilistic', param: ${param} }.`,
    );
  }
  if (param === undefined && (type === undefined || type === 'remote')) {
    return buildRemoteSampler(resolved, undefined);
  }
  if (param === undefined) {
    throw wrong('sampler.param', `is missing. Write sampler: { type: '${type}', param: 1 }.`);
  }
  if (type === 'const') {
    if (param === 0 || param === 1) return new ConstSampler(param === 1);
    throw wrong('sampler.param', `expected 1 (every trace) or 0 (none), got ${param}. Write 1.`);
  }
  try {
    if (type === 'ratelimiting') return new RateLimitingSampler(param);
    const probabilistic = new ProbabilisticSampler(param);
    return type === 'remote' ? buildRemoteSampler(resolved, probabilistic) : probabilistic;
  } catch (error) {
    if (!(error instanceof SpoorError)) throw error;
    throw wrong('sampler.param', error.message.replace('sampler.param: ', ''));
  }
}

function buildRemoteSampler(
  resolved: Resolved,
  initialSampler: Sampler | undefined,
): RemoteSampler {
  const { settings } = resolved;
  const { url, isGiven } = samplingServer(resolved);
  return new RemoteSampler({
    url,
    isOptional: !isGiven && settings.samplerType === undefined,
    refreshIntervalMs: settings.samplingRefreshMs,
    maxOperations: settings.maxOperations,
    operationNameLateBinding: settings.operationNameLateBinding,
    initialSampler,
  });
}

/** That the object is there, even if empty, asks for the throttler. */
function buildThrottler(
  config: TracingConfig | undefined,
  settings: Settings,
): Throttler | undefined {
  if (config?.throttler === undefined) return undefined;
  return new RemoteThrottler({
    host: settings.throttlerHost ?? settings.agentHost,
    port: settings.throttlerPort,
    refreshIntervalMs: settings.throttlerRefreshMs,
  });
}

/** As {@link buildThrottler}. */
function buildBaggageRestrictions(
  config: TracingConfig | undefined,
  settings: Settings,
): BaggageRestrictions | undefined {
  if (config?.baggageRestrictions === undefined) return undefined;
  const { agentHost, baggageHostPort = bracketed(agentHost) } = settings;
  return new RemoteBaggageRestrictions({
    url: fromHostPort(baggageHostPort, '/baggageRestrictions'),
    refreshIntervalMs: settings.baggageRefreshMs,
    denyBaggageOnInitializationFailure: settings.denyBaggageAtFirst,
  });
}

function buildLimits(settings: Settings): SpanLimitOptions {
  const { collectorEndpoint, maxPacketSize } = settings;
  const defaultBytes =
    collectorEndpoint === undefined ? MAX_UDP_PACKET_BYTES : DEFAULT_MAX_BATCH_BYTES;
  return {
    maxTagValueLength: settings.maxTagValueLength,
    maxTracebackLength: settings.maxTracebackLength,
    maxTagsPerSpan: settings.maxTagsPerSpan,
    maxLogsPerSpan: settings.maxLogsPerSpan,
    maxSpanBytes: settings.maxSpanBytes ?? Math.floor((maxPacketSize ?? defaultBytes) * 0.9),
  };
}

function buildReporter(settings: Settings, logger: Logger): Reporter {
  const { encoder, transport } = buildSender(settings, new FaultLog(logger));
  const remote = new RemoteReporter(encoder, transport, {
    flushIntervalMs: settings.flushIntervalMs,
    maxQueueBytes: settings.maxQueueBytes,
  });
  if (!settings.logSpans) return remote;
  return new CompositeReporter([new LoggingReporter(logger), remote]);
}

function buildSender(
  settings: Settings,
  faults: FaultLog,
): { encoder: Encoder; transport: Transport } {
  const { collectorEndpoint, maxPacketSize, timeoutMs } = settings;
  if (collectorEndpoint === undefined) {
    const { agentHost: host, agentPort: port } = settings;
    return {
      encoder: new ThriftCompactEncoder(),
      transport: new UdpTransport({ host, port, maxPacketBytes: maxPacketSize, faults }),
    };
  }
  const { username, password, authToken: token } = settings;
  return {
    encoder: new ThriftBinaryEncoder(),
    transport: new HttpTransport({
      url: collectorEndpoint,
      username,
      password,
      token,
      timeoutMs,
      maxBatchBytes: maxPacketSize,
      faults,
    }),
  };
}
