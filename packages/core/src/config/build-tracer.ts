import type { Encoder } from '../encoding/encoder.js';
import { ThriftBinaryEncoder } from '../encoding/thrift-binary.js';
import { ThriftCompactEncoder } from '../encoding/thrift-compact.js';
import { SpoorError } from '../errors.js';
import { consoleLogger, FaultLog, type Logger } from '../logger.js';
import type { MetricsFactory } from '../metrics/metrics.js';
import { Propagation } from '../propagation/propagation.js';
import { CompositeReporter } from '../reporting/composite-reporter.js';
import { LoggingReporter } from '../reporting/logging-reporter.js';
import { NullReporter } from '../reporting/null-reporter.js';
import { RemoteReporter } from '../reporting/remote-reporter.js';
import type { Reporter } from '../reporting/reporter.js';
import { ConstSampler } from '../sampling/const-sampler.js';
import { ProbabilisticSampler } from '../sampling/probabilistic-sampler.js';
import { RateLimitingSampler } from '../sampling/rate-limiting-sampler.js';
import type { Sampler } from '../sampling/sampler.js';
import { Tracer } from '../tracer.js';
import { HttpTransport } from '../transport/http-transport.js';
import type { Transport } from '../transport/transport.js';
import { UdpTransport } from '../transport/udp-transport.js';
import { headerName } from './kinds.js';
import type { Settings } from './options.js';
import { buildPropagation } from './propagation-formats.js';
import { fit, type Resolved, resolveSettings } from './resolve.js';

/** Objects that replace what the configuration would make; the second argument of `initTracer`. */
export interface InitOptions {
  /** Replaces everything that `config.reporter` says. */
  reporter?: Reporter | undefined;
  /** Replaces everything that `config.sampler` says. */
  sampler?: Sampler | undefined;
  /** @default the console */
  logger?: Logger | undefined;
  /** Where the tracer's counters go. @default nowhere */
  metrics?: MetricsFactory | undefined;
  /** Process tags; win over those of the configuration and of `JAEGER_TAGS`. */
  tags?: Record<string, unknown> | undefined;
  /** As `config.traceId128bit`, where `jaeger-client` had it. */
  traceId128bit?: boolean | undefined;
  /** As `config.headers.traceContextHeaderName`, where `jaeger-client` had it. */
  contextKey?: string | undefined;
  /** As `config.headers.traceBaggageHeaderPrefix`, where `jaeger-client` had it. */
  baggagePrefix?: string | undefined;
}

/** New traces a second that are kept where nothing is said about sampling: a newcomer sees them, a busy server is not flooded. */
const defaultTracesPerSecond = 100;

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
  const { contextKey, baggagePrefix } = options;
  const names = {
    ...settings,
    ...(contextKey !== undefined && {
      traceContextHeaderName: fit('options.contextKey', () => headerName.fromCode(contextKey)),
    }),
    ...(baggagePrefix !== undefined && {
      traceBaggageHeaderPrefix: fit('options.baggagePrefix', () =>
        headerName.fromCode(baggagePrefix)),
    }),
  };
  return new Tracer(settings.serviceName, {
    sampler: options.sampler ?? buildSampler(resolved),
    reporter: options.reporter ?? buildReporter(settings, logger),
    logger,
    metrics: options.metrics,
    tags: { ...settings.tags, ...options.tags },
    traceId128bit: options.traceId128bit ?? settings.traceId128bit,
    propagation: buildPropagation(settings.propagation, names),
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

function buildSampler({ settings, origin }: Resolved): Sampler {
  const { samplerType: type, samplerParam: param } = settings;
  const wrong = (path: string, problem: string): SpoorError =>
    new SpoorError('SPOOR_CONFIG', `${origin(path)}: ${problem}`);
  if (type === undefined) {
    if (param === undefined) return new RateLimitingSampler(defaultTracesPerSecond);
    throw wrong(
      'sampler.param',
      `${param} means nothing without sampler.type. Write sampler: { type: 'probabilistic', param: ${param} }.`,
    );
  }
  if (param === undefined) {
    throw wrong('sampler.param', `is missing. Write sampler: { type: '${type}', param: 1 }.`);
  }
  if (type === 'const') {
    if (param === 0 || param === 1) return new ConstSampler(param === 1);
    throw wrong('sampler.param', `expected 1 (every trace) or 0 (none), got ${param}. Write 1.`);
  }
  try {
    return type === 'probabilistic'
      ? new ProbabilisticSampler(param)
      : new RateLimitingSampler(param);
  } catch (error) {
    if (!(error instanceof SpoorError)) throw error;
    throw wrong('sampler.param', error.message.replace('sampler.param: ', ''));
  }
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
