import { RemoteThrottler, SpoorError } from '@spoor/core';
import { processState } from '@spoor/core/internal';
import opentracing from 'opentracing';
import type { AnySampler } from './adapt-sampler.js';
import { RemoteSampler, type RemoteSamplerOptions } from './late-samplers.js';
import { RemoteReporter } from './remote-reporter.js';
import { CompositeReporter, LoggingReporter, NoopReporter } from './reporters.js';
import { ConstSampler, ProbabilisticSampler, RateLimitingSampler } from './samplers.js';
import { HTTPSender, UDPSender } from './senders.js';
import {
  deprecatedVariables,
  type ReporterConfig,
  readConfig,
  readTags,
  type TracingConfig,
} from './settings.js';
import { SpanContext } from './span-context.js';
import { Tracer } from './tracer.js';
import type { Logger, MetricsFactory, Reporter, Throttler } from './types.js';

/** The second argument of `initTracer`. Without `config.sampler`, the options of `RemoteSampler` can be here too. */
export interface TracingOptions extends Omit<RemoteSamplerOptions, 'logger' | 'metrics'> {
  /** Replaces everything that `config.reporter` says. */
  reporter?: Reporter | undefined;
  /** Replaces what `config.throttler` says. */
  throttler?: Throttler | undefined;
  /** @default nothing is counted */
  metrics?: MetricsFactory | undefined;
  /** @default nothing is logged */
  logger?: Logger | undefined;
  /** Process tags. */
  // biome-ignore lint/suspicious/noExplicitAny: with unknown, no object of an interface of the user's would fit
  tags?: any;
  /** New traces get 128-bit ids. @default false */
  traceId128bit?: boolean | undefined;
  /** Server spans take over the ids of the client's, as Zipkin has it. @default false */
  shareRpcSpan?: boolean | undefined;
  /** The header of ids and flags. @default 'uber-trace-id' */
  contextKey?: string | undefined;
  /** In front of the key of each baggage item. @default 'uberctx-' */
  baggagePrefix?: string | undefined;
}

/**
 * Makes a tracer of a configuration, and looks at no variable of the environment.
 *
 * @throws SpoorError `SPOOR_CONFIG` for anything that cannot be meant, with what to write instead
 */
export function initTracer(config: TracingConfig, options?: TracingOptions | null): Tracer {
  return buildTracer(readConfig(config, {}), options ?? {});
}

/**
 * As {@link initTracer}; what `config` and `options` leave out is read from the `JAEGER_*` variables.
 *
 * @throws SpoorError `SPOOR_CONFIG` for anything that cannot be meant, with what to write instead
 */
export function initTracerFromEnv(
  config: TracingConfig = {},
  options?: TracingOptions | null,
): Tracer {
  for (const [variable, meant] of Object.entries(deprecatedVariables)) {
    if (process.env[variable]) {
      process.emitWarning(`${variable} is deprecated. Write ${meant}.`, 'DeprecationWarning');
    }
  }
  const tags = options?.tags ?? readTags(process.env);
  return buildTracer(readConfig(config, process.env), { ...options, tags });
}

/** The same as the two functions, as `jaeger-client` exports it too. */
// biome-ignore lint/complexity/noStaticOnlyClass: as jaeger-client has it
export class Configuration {
  static initTracer(config: TracingConfig, options?: TracingOptions | null): Tracer {
    return initTracer(config, options);
  }
}

/** What an object in the options must have, and how one is written. */
const objects = [
  ['reporter', 'report', 'new InMemoryReporter()'],
  ['throttler', 'isAllowed', '{ isAllowed: () => true }'],
  ['metrics', 'createCounter', 'new PrometheusMetricsFactory(promClient)'],
  ['logger', 'info', 'console'],
  ['logger', 'error', 'console'],
] as const;

function refuseOtherObject(
  options: TracingOptions,
  name: (typeof objects)[number][0],
  method: string,
  example: string,
): void {
  const object = options[name] as Record<string, unknown> | null | undefined;
  if (object === undefined || object === null || typeof object[method] === 'function') return;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `options.${name}: expected an object with ${method}(). Write ${name}: ${example}.`,
  );
}

function buildTracer(config: TracingConfig, options: TracingOptions): Tracer {
  for (const [name, method, example] of objects) refuseOtherObject(options, name, method, example);
  if (config.disable) return disabledTracer(config.serviceName);
  const { serviceName, throttler } = config;
  if (serviceName === undefined) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      "config.serviceName must be provided. Write initTracer({ serviceName: 'orders' }).",
    );
  }
  const sampler = buildSampler(serviceName, config, options);
  const reporter = options.reporter ?? buildReporter(config.reporter ?? {}, options);
  options.logger?.info(`Initializing Jaeger Tracer with ${reporter} and ${sampler}`);
  const tracer = new Tracer(serviceName, reporter, sampler, {
    ...options,
    debugThrottler:
      options.throttler ?? (throttler === undefined ? undefined : new RemoteThrottler(throttler)),
  });
  // Middleware of Spoor, added later, finds it there. OpenTracing's global tracer is the application's to set, as before.
  processState.globalTracer ??= tracer;
  return tracer;
}

/** Takes every call, reads and writes no header, keeps nothing. */
function disabledTracer(serviceName = 'disabled'): Tracer {
  const tracer = new Tracer(serviceName, new NoopReporter(), new ConstSampler(false));
  const nothing = { inject() {}, extract: () => new SpanContext() };
  for (const format of [opentracing.FORMAT_HTTP_HEADERS, opentracing.FORMAT_TEXT_MAP]) {
    tracer.registerInjector(format, nothing);
    tracer.registerExtractor(format, nothing);
  }
  return tracer;
}

function buildSampler(
  serviceName: string,
  { sampler: config }: TracingConfig,
  options: TracingOptions,
): AnySampler {
  if (config === undefined) return new RemoteSampler(serviceName, options);
  const { type, param, refreshIntervalMs, ...server } = config;
  if (type === undefined && param !== undefined) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      `sampler.param: ${param} means nothing without sampler.type. Write sampler: { type: 'probabilistic', param: ${param} }.`,
    );
  }
  if (type === undefined || type === 'remote') {
    return new RemoteSampler(serviceName, {
      ...server,
      refreshInterval: refreshIntervalMs,
      sampler: new ProbabilisticSampler(param ?? 0.001),
    });
  }
  if (param === undefined) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      `Expecting sampler.param to be a number. Write sampler: { type: '${type}', param: 1 }.`,
    );
  }
  if (type === 'probabilistic') return new ProbabilisticSampler(param);
  if (type === 'ratelimiting') return new RateLimitingSampler(param);
  if (param === 0 || param === 1) return new ConstSampler(param === 1);
  throw new SpoorError(
    'SPOOR_CONFIG',
    `sampler.param: expected 1 (every trace) or 0 (none), got ${param}. Write 1.`,
  );
}

function buildReporter(config: ReporterConfig, { logger, metrics }: TracingOptions): Reporter {
  const { collectorEndpoint: endpoint, agentHost: host, agentPort: port } = config;
  const socketType = config.agentSocketType;
  const sender =
    endpoint === undefined
      ? new UDPSender({ host, port, socketType, logger })
      : new HTTPSender({ ...config, endpoint, logger });
  const bufferFlushInterval = config.flushIntervalMs;
  const remote = new RemoteReporter(sender, { bufferFlushInterval, logger, metrics });
  return config.logSpans ? new CompositeReporter([new LoggingReporter(logger), remote]) : remote;
}
