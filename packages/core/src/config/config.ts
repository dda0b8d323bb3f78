import { SpoorError } from '../errors.js';
import { globalTracer, setGlobalTracer } from '../global-tracer.js';
import { consoleLogger, type Logger } from '../logger.js';
import type { MetricsFactory } from '../metrics/metrics.js';
import type { LateSampler } from '../sampling/late-sampler.js';
import type { Sampler } from '../sampling/sampler.js';
import type { Tags } from '../tags.js';
import type { Tracer } from '../tracer.js';
import { buildTracer, type InitOptions } from './build-tracer.js';
import { show } from './kinds.js';
import { refuseOtherObjects } from './object-options.js';
import type { PropagationFormat, SamplerConfig, TracingConfig } from './options.js';
import { refuseUnknownOptions, unknownOptionMessage } from './unknown-options.js';

/** The configuration of Python's `jaeger-client`, key by key, usually read from a YAML file. */
export interface PythonConfig {
  /** Goes before `serviceName` beside the configuration. @default JAEGER_SERVICE_NAME */
  service_name?: string | undefined;
  /** False gives a tracer that does nothing. @default true */
  enabled?: boolean | undefined;
  /** Log a line for every span. @default false */
  logging?: boolean | undefined;
  /** False counts nothing, whatever `metricsFactory` is given. @default true */
  metrics?: boolean | undefined;
  /** Type and parameter, or a sampler. */
  sampler?: SamplerConfig | Sampler | LateSampler | undefined;
  /** How often a sampling server is asked, in seconds. @default 60 */
  sampling_refresh_interval?: number | undefined;
  /** Operations that can have a sampling rate of their own. @default 2000 */
  max_operations?: number | undefined;
  /** `{}` too asks a server how many traces may be forced. */
  throttler?: PythonThrottlerConfig | undefined;
  /** The Jaeger agent. */
  local_agent?: PythonAgentConfig | undefined;
  /** In seconds. @default 1 */
  reporter_flush_interval?: number | undefined;
  /** Header formats: the first that a request has is read, all are written. @default ['jaeger', 'w3c'] */
  propagation?: PropagationFormat | readonly PropagationFormat[] | undefined;
  /** New traces get 128-bit ids instead of 64-bit ones. @default false */
  generate_128bit_trace_id?: boolean | undefined;
  /** Process tags. */
  tags?: Tags | undefined;
  /** Characters of a tag or of a log field; longer ones are cut. @default 16384 */
  max_tag_value_length?: number | undefined;
  /** The same for stacks. @default 16384 */
  max_traceback_length?: number | undefined;
}

/** Who allows traces to be forced, in Python's configuration. */
export interface PythonThrottlerConfig {
  /** On the machine of the agent. @default 5778 */
  port?: number | undefined;
  /** In seconds. @default 5 */
  refresh_interval?: number | undefined;
}

/** Where the agent is, in Python's configuration. */
export interface PythonAgentConfig {
  /** Name or address. @default JAEGER_AGENT_HOST, else 'localhost' */
  reporting_host?: string | undefined;
  /** A number or a string of digits. @default JAEGER_AGENT_PORT, else 6831 */
  reporting_port?: number | string | undefined;
  /** Of the sampling server, on the machine of the agent. @default 5778 */
  sampling_port?: number | string | undefined;
}

/** What {@link Config} takes, with the names that Python's has for them in JavaScript's spelling. */
export interface ConfigOptions {
  /** As it is read from a file. @default {} */
  config?: PythonConfig | undefined;
  /** Used where `config.service_name` is not given. */
  serviceName?: string | undefined;
  /** Throw on an unknown key instead of logging it. @default false */
  validate?: boolean | undefined;
  /** Where the tracer's counters go. @default nowhere */
  metricsFactory?: MetricsFactory | undefined;
  /** @default the console */
  logger?: Logger | undefined;
}

const optionNames = ['config', 'serviceName', 'validate', 'metricsFactory', 'logger'];
const knownKeys = [
  'service_name',
  'enabled',
  'logging',
  'metrics',
  'sampler',
  'sampling_refresh_interval',
  'max_operations',
  'throttler',
  'local_agent',
  'reporter_flush_interval',
  'propagation',
  'generate_128bit_trace_id',
  'tags',
  'max_tag_value_length',
  'max_traceback_length',
];
const knownAgentKeys = ['reporting_host', 'reporting_port', 'sampling_port'];
const knownThrottlerKeys = ['port', 'refresh_interval'];

let initialized = false;

/**
 * Python's `jaeger_client.Config`: `new Config({ config, serviceName, validate }).initializeTracer()`.
 *
 * @throws SpoorError `SPOOR_CONFIG` where a value does not fit; for an unknown key only with `validate`
 */
export class Config {
  readonly #config: TracingConfig;
  readonly #options: InitOptions;

  constructor(options: ConfigOptions = {}) {
    refuseUnknownOptions('Config', options, optionNames);
    refuseOtherObjects('Config', options);
    const { config = {}, serviceName, validate = false, metricsFactory, logger } = options;
    const check = { validate, logger: logger ?? consoleLogger };
    checkKeys('config', config, knownKeys, check);
    checkKeys('config.local_agent', config.local_agent ?? {}, knownAgentKeys, check);
    checkKeys('config.throttler', config.throttler ?? {}, knownThrottlerKeys, check);
    this.#config = toTracingConfig(config, serviceName);
    this.#options = {
      logger,
      metrics: isCounting(config.metrics) ? metricsFactory : undefined,
      sampler: isSampler(config.sampler) ? config.sampler : undefined,
    };
  }

  /** True once {@link initializeTracer} has run in this process. */
  static initialized(): boolean {
    return initialized;
  }

  /** Makes the tracer and the global one of it, once per process; later calls log that and return the first. */
  initializeTracer(): Tracer {
    const first = globalTracer();
    if (initialized && first !== undefined) {
      const logger = this.#options.logger ?? consoleLogger;
      logger.error(
        'spoor: initializeTracer() was called before; the first tracer is returned. Call newTracer() to make another.',
      );
      return first;
    }
    const tracer = this.newTracer();
    setGlobalTracer(tracer);
    initialized = true;
    return tracer;
  }

  /** Makes a further tracer and leaves the global one alone. */
  newTracer(): Tracer {
    return buildTracer(this.#config, this.#options);
  }
}

function toTracingConfig(config: PythonConfig, serviceName: string | undefined): TracingConfig {
  const { local_agent: agent, reporter_flush_interval: flushSeconds, throttler } = config;
  return {
    serviceName: config.service_name ?? serviceName,
    // What is no boolean is refused as such.
    disable: typeof config.enabled === 'boolean' ? !config.enabled : config.enabled,
    sampler: isSampler(config.sampler) ? undefined : toSamplerConfig(config, config.sampler),
    throttler: throttler && {
      port: throttler.port,
      refreshIntervalMs: milliseconds(throttler.refresh_interval),
    },
    reporter: {
      logSpans: config.logging,
      agentHost: agent?.reporting_host,
      // The number check takes strings of digits, as Python does.
      agentPort: agent?.reporting_port as number | undefined,
      flushIntervalMs: milliseconds(flushSeconds),
    },
    propagation: config.propagation,
    traceId128bit: config.generate_128bit_trace_id,
    tags: config.tags,
    limits: {
      maxTagValueLength: config.max_tag_value_length,
      maxTracebackLength: config.max_traceback_length,
    },
  };
}

function isCounting(metrics: unknown): boolean {
  if (metrics === undefined || typeof metrics === 'boolean') return metrics ?? true;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `config.metrics: expected true or false, got ${show(metrics)}. Write new Config({ metricsFactory }) to say where metrics go.`,
  );
}

function toSamplerConfig(
  { local_agent: agent, sampling_refresh_interval, max_operations }: PythonConfig,
  sampler: SamplerConfig | undefined,
): SamplerConfig | undefined {
  // What is no object is refused as such.
  if (sampler !== undefined && (typeof sampler !== 'object' || sampler === null)) return sampler;
  const { type } = sampler ?? {};
  return {
    port: agent?.sampling_port as number | undefined,
    refreshIntervalMs: milliseconds(sampling_refresh_interval),
    maxOperations: max_operations,
    ...sampler,
    // The other name that Python has for it.
    type: (type as string) === 'rate_limiting' ? 'ratelimiting' : type,
  };
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

function isSampler(sampler: PythonConfig['sampler']): sampler is Sampler | LateSampler {
  const { isSampled, onCreateSpan } = (sampler ?? {}) as Partial<Sampler & LateSampler>;
  return typeof isSampled === 'function' || typeof onCreateSpan === 'function';
}

function checkKeys(
  where: string,
  config: object,
  known: readonly string[],
  { validate, logger }: { validate: boolean; logger: Logger },
): void {
  for (const key of Object.keys(config)) {
    if (known.includes(key)) continue;
    const message = unknownOptionMessage(where, key, known);
    if (validate) throw new SpoorError('SPOOR_CONFIG', message);
    logger.error(`spoor: ${message} It is ignored.`);
  }
}
