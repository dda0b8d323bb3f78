import type { BaggageRestrictions } from '../baggage/baggage-restrictions.js';
import { RemoteBaggageRestrictions } from '../baggage/remote-baggage-restrictions.js';
import { BINARY_AGENT_PORT, MAX_UDP_PACKET_BYTES } from '../constants.js';
import { ThriftBinaryEncoder } from '../encoding/thrift-binary.js';
import { ThriftCompactEncoder } from '../encoding/thrift-compact.js';
import { SpoorError } from '../errors.js';
import { consoleLogger, FaultLog, type Logger } from '../logger.js';
import type { MetricsFactory } from '../metrics/metrics-factory.js';
import { RpcMetrics } from '../metrics/rpc-metrics.js';
import type { Observer } from '../observer.js';
import { Propagation } from '../propagation/propagation.js';
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
import {
  DEFAULT_MAX_BATCH_BYTES,
  HttpTransport,
  type HttpTransportOptions,
} from '../transport/http-transport.js';
import { UdpTransport } from '../transport/udp-transport.js';
import { describeSettings } from './describe.js';
import type { Given } from './given.js';
import { bracketed } from './kinds.js';
import type { Settings } from './options.js';
import { isOtlp, loadOtlp, type OtlpPackage, type Sender } from './otlp-package.js';
import { buildPropagation } from './propagation-formats.js';
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
  /** Told of every span, sampled or not. @default none */
  observers?: readonly Observer[] | undefined;
  /** Process tags; win over those of the configuration and of `JAEGER_TAGS`. */
  tags?: Tags | undefined;
  /** As `config.traceId128bit`, where `jaeger-client` had it; wins over that. */
  traceId128bit?: boolean | undefined;
  /** As `config.shareRpcSpan`, where `jaeger-client` had it. */
  shareRpcSpan?: boolean | undefined;
  /** Replaces what `config.baggageRestrictions` says. */
  baggageRestrictions?: BaggageRestrictions | undefined;
  /** True lets `sampling.priority` keep a trace without the debug flag and without asking the throttler. @default false */
  noDebugFlagOnForcedSampling?: boolean | undefined;
  /** As `config.headers.traceContextHeaderName`, where `jaeger-client` had it. */
  contextKey?: string | undefined;
  /** As `config.headers.traceBaggageHeaderPrefix`, where `jaeger-client` had it. */
  baggagePrefix?: string | undefined;
}

/** The parts that somebody brings along; the other options are settings. */
export type Parts = Pick<
  InitOptions,
  | 'reporter'
  | 'sampler'
  | 'throttler'
  | 'baggageRestrictions'
  | 'logger'
  | 'metrics'
  | 'observers'
  | 'noDebugFlagOnForcedSampling'
>;

/** Reads the settings and puts the parts together: the one place that knows all of them. */
export function buildTracer(given: Given, parts: Parts): Tracer {
  const resolved =
    parts.reporter === undefined ? resolve(given) : resolveSettings(given, process.env);
  const { settings } = resolved;
  if (settings.disable) return disabledTracer(resolved);
  if (settings.serviceName === undefined) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      "serviceName: is missing. Write initTracer({ serviceName: 'orders' }) or set JAEGER_SERVICE_NAME.",
    );
  }
  const logger = parts.logger ?? consoleLogger;
  const tracer = new Tracer(settings.serviceName, {
    sampler: parts.sampler ?? buildSampler(resolved),
    throttler: parts.throttler ?? buildThrottler(resolved),
    noDebugFlagOnForcedSampling: parts.noDebugFlagOnForcedSampling,
    reporter: parts.reporter ?? buildReporter(resolved, logger),
    logger,
    metrics: parts.metrics,
    observers: buildObservers(settings, parts),
    tags: settings.tags,
    traceId128bit: settings.traceId128bit,
    shareRpcSpan: settings.shareRpcSpan,
    baggageRestrictions: parts.baggageRestrictions ?? buildBaggageRestrictions(resolved),
    limits: buildLimits(settings),
    propagation: buildPropagation(settings.propagation, settings),
    describeSettings: () => describeSettings(resolved),
  });
  const faults = new FaultLog(logger);
  for (const warning of resolved.warnings) faults.report(warning, warning);
  if (settings.rpcMetrics && parts.metrics === undefined) warnOfRpcMetrics(resolved, faults);
  return tracer;
}

/**
 * A variable of OpenTelemetry may be set for a whole machine, and asks for OTLP in programs too that have no package for it: it is
 * left out there with a warning.
 */
function resolve(given: Given): Resolved {
  const resolved = resolveSettings(given, process.env);
  const variable = resolved.origin('reporter.collectorEndpoint');
  if (!variable.startsWith('OTEL_') || resolved.settings.disable) return resolved;
  if (loadOtlp() !== undefined) return resolved;
  const environment = { ...process.env, OTEL_TRACES_EXPORTER: 'none' };
  const without = resolveSettings(given, environment);
  const { agentHost, agentPort } = without.settings;
  const warning = `${variable}: asks for OTLP, which is a package of its own; spans go to the Jaeger agent at ${agentHost}:${agentPort}. Run npm install @spoor/otlp, or set JAEGER_AGENT_HOST, or JAEGER_ENDPOINT for a collector, to say where.`;
  return { ...without, warnings: [...without.warnings, warning] };
}

/** Takes every call, reads and writes no header, keeps nothing. */
function disabledTracer(resolved: Resolved): Tracer {
  return new Tracer(resolved.settings.serviceName ?? 'disabled', {
    sampler: new ConstSampler(false),
    reporter: new NullReporter(),
    propagation: new Propagation([], []),
    describeSettings: () => describeSettings(resolved),
  });
}

function buildObservers({ rpcMetrics }: Settings, parts: Parts): readonly Observer[] {
  const { observers = [], metrics } = parts;
  return rpcMetrics && metrics !== undefined ? [new RpcMetrics(metrics), ...observers] : observers;
}

function buildSampler(resolved: Resolved): Sampler | LateSampler {
  const { settings, where } = resolved;
  const { samplerType: type, samplerParam: param } = settings;
  const wrong = (path: string, problem: string): SpoorError =>
    new SpoorError('SPOOR_CONFIG', `${where(path)}: ${problem}`);
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

/** That the object is there, even if empty, or one of its variables, asks for the throttler. */
function buildThrottler({ settings, isGiven }: Resolved): Throttler | undefined {
  if (!isGiven('throttler')) return undefined;
  return new RemoteThrottler({
    host: settings.throttlerHost ?? settings.agentHost,
    port: settings.throttlerPort,
    refreshIntervalMs: settings.throttlerRefreshMs,
  });
}

/** As {@link buildThrottler}. */
function buildBaggageRestrictions({
  settings,
  isGiven,
}: Resolved): BaggageRestrictions | undefined {
  if (!isGiven('baggageRestrictions')) return undefined;
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

function buildReporter(resolved: Resolved, logger: Logger): Reporter {
  const { settings } = resolved;
  const { encoder, transport } = buildSender(resolved, new FaultLog(logger));
  const remote = new RemoteReporter(encoder, transport, {
    flushIntervalMs: settings.flushIntervalMs,
    maxQueueBytes: settings.maxQueueBytes,
    maxQueueSpans: settings.maxQueueSpans,
    maxBatchSpans: settings.maxBatchSpans,
  });
  if (!settings.logSpans) return remote;
  return new CompositeReporter([new LoggingReporter(logger), remote]);
}

function buildSender(resolved: Resolved, faults: FaultLog): Sender {
  const { settings } = resolved;
  const { collectorEndpoint, maxPacketSize, timeoutMs } = settings;
  if (collectorEndpoint === undefined) {
    refuseProtocolWithoutCollector(resolved);
    const isBinary = settings.agentPort === BINARY_AGENT_PORT;
    return {
      encoder: isBinary ? new ThriftBinaryEncoder({ asMessage: true }) : new ThriftCompactEncoder(),
      transport: new UdpTransport({
        host: settings.agentHost,
        port: settings.agentPort,
        socketType: settings.agentSocketType,
        addressLifetimeMs: settings.disableAttemptReconnecting
          ? Number.POSITIVE_INFINITY
          : settings.attemptReconnectIntervalMs,
        maxPacketBytes: maxPacketSize,
        faults,
      }),
    };
  }
  refuseHalfOfUser(resolved);
  const { username, password, authToken: token, headers } = settings;
  const options: HttpTransportOptions = {
    url: collectorEndpoint,
    username,
    password,
    token,
    headers,
    timeoutMs,
    maxBatchBytes: maxPacketSize,
    faults,
  };
  if (isOtlp(settings)) return findOtlp(resolved).otlpSender(options);
  return { encoder: new ThriftBinaryEncoder(), transport: new HttpTransport(options) };
}

function findOtlp({ where, origin }: Resolved): OtlpPackage {
  const found = loadOtlp();
  if (found !== undefined) return found;
  const path = origin('reporter.protocol') === 'default' ? 'collectorEndpoint' : 'protocol';
  throw new SpoorError(
    'SPOOR_CONFIG',
    `${where(`reporter.${path}`)}: asks for OTLP, which is a package of its own. Run npm install @spoor/otlp; in a bundle, hand over a reporter of it: initTracer(config, { reporter: otlpReporter() }).`,
  );
}

/** Spans would go to the agent, unseen by who waits for them elsewhere. */
function refuseProtocolWithoutCollector({ settings, where }: Resolved): void {
  if (settings.protocol !== 'otlp') return;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `${where('reporter.protocol')}: otlp means nothing without reporter.collectorEndpoint. Write http://localhost:4318/v1/traces into that.`,
  );
}

/** Every batch would go out without either, and be lost. The other half may be in the URL, and a token does without. */
function refuseHalfOfUser({ settings, where }: Resolved): void {
  const { username, password, authToken, collectorEndpoint } = settings;
  if ((username === undefined) === (password === undefined) || authToken !== undefined) return;
  if (new URL(collectorEndpoint!).username !== '') return;
  const [given, missing] =
    username === undefined ? ['password', 'username'] : ['username', 'password'];
  throw new SpoorError(
    'SPOOR_CONFIG',
    `${where(`reporter.${given}`)}: means nothing without reporter.${missing}. Write both, or neither.`,
  );
}

/** The variable may be set for many programs at once, so it is no reason to refuse to start. */
function warnOfRpcMetrics({ where }: Resolved, faults: FaultLog): void {
  faults.report(
    'rpcMetrics',
    `${where('rpcMetrics')}: counts nothing without a metrics factory. Write initTracer(config, { metrics: new PrometheusMetricsFactory() }) with that of @spoor/prometheus, or leave it out.`,
  );
}
