import { SpoorError } from '../errors.js';
import { globalTracer, setGlobalTracer } from '../global-tracer.js';
import { consoleLogger, type Logger } from '../logger.js';
import type { MetricsFactory } from '../metrics/metrics-factory.js';
import type { LateSampler } from '../sampling/late-sampler.js';
import type { Sampler } from '../sampling/sampler.js';
import type { Tags } from '../tags.js';
import type { Tracer } from '../tracer.js';
import { buildTracer, type Parts } from './build-tracer.js';
import { type Given, readObject } from './given.js';
import { show } from './kinds.js';
import { refuseOtherObjects } from './object-options.js';
import { pythonKeys } from './other-names.js';
import type { SamplerConfig, TracingConfig } from './tracing-config.js';
import { refuseUnknownOptions } from './unknown-options.js';

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
  /** Spans of one packet. @default as many as fit */
  reporter_batch_size?: number | undefined;
  /** Spans that may be unsent. @default as many as fit into 8 MB */
  reporter_queue_size?: number | undefined;
  /** In seconds. @default 1 */
  reporter_flush_interval?: number | undefined;
  /** Header formats: the first that a request has is read, all are written. @default ['jaeger', 'w3c'] */
  propagation?: TracingConfig['propagation'];
  /** Carries ids and flags; in any case, with `_` for `-`. @default 'uber-trace-id' */
  trace_id_header?: string | undefined;
  /** In front of the key of each baggage item. @default 'uberctx-' */
  baggage_header_prefix?: string | undefined;
  /** Asks for a trace by hand. @default 'jaeger-debug-id' */
  debug_id_header?: string | undefined;
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
  /** Decides nothing, as in Python. */
  enabled?: boolean | undefined;
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

let initialized = false;

/**
 * Python's `jaeger_client.Config`: `new Config({ config, serviceName, validate }).initializeTracer()`.
 *
 * @throws SpoorError `SPOOR_CONFIG` where a value does not fit; for an unknown key only with `validate`
 */
export class Config {
  readonly #given: Given;
  readonly #parts: Parts;

  constructor(options: ConfigOptions = {}) {
    refuseUnknownOptions('Config', options, optionNames);
    refuseOtherObjects('Config', options);
    const { config = {}, serviceName, validate = false, metricsFactory, logger } = options;
    this.#given = readPythonConfig(config, (message) => {
      if (validate) throw new SpoorError('SPOOR_CONFIG', message);
      (logger ?? consoleLogger).error(`spoor: ${message} It is ignored.`);
    });
    if (serviceName !== undefined && !this.#given.has('serviceName')) {
      this.#given.set('serviceName', { where: 'serviceName', value: serviceName });
    }
    this.#parts = {
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
      const logger = this.#parts.logger ?? consoleLogger;
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
    return buildTracer(this.#given, this.#parts);
  }
}

function readPythonConfig(config: PythonConfig, refuse: (message: string) => void): Given {
  const given: Given = new Map();
  const settings = isSampler(config?.sampler) ? { ...config, sampler: undefined } : config;
  // What has no value in YAML is null.
  const isLeftOut = (value: unknown): boolean => value === undefined || value === null;
  const keys = pythonKeys();
  readObject(
    settings,
    '',
    {
      keys,
      offered: [...keys.keys()],
      prefix: 'config.',
      call: 'Config',
      example: "new Config({ config: {}, serviceName: 'orders' })",
      isLeftOut,
      refuse,
    },
    given,
  );
  return given;
}

function isCounting(metrics: unknown): boolean {
  if (metrics === undefined || typeof metrics === 'boolean') return metrics ?? true;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `config.metrics: expected true or false, got ${show(metrics)}. Write new Config({ metricsFactory }) to say where metrics go.`,
  );
}

function isSampler(sampler: PythonConfig['sampler']): sampler is Sampler | LateSampler {
  const { isSampled, onCreateSpan } = (sampler ?? {}) as Partial<Sampler & LateSampler>;
  return typeof isSampled === 'function' || typeof onCreateSpan === 'function';
}
