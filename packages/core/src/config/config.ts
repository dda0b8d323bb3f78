import { SpoorError } from '../errors.js';
import { globalTracer, setGlobalTracer } from '../global-tracer.js';
import { consoleLogger, type Logger } from '../logger.js';
import type { MetricsFactory } from '../metrics/metrics.js';
import type { Sampler } from '../sampling/sampler.js';
import type { Tracer } from '../tracer.js';
import { buildTracer, type InitOptions } from './build-tracer.js';
import type { SamplerConfig, TracingConfig } from './options.js';
import { unknownOptionMessage } from './unknown-options.js';

/** The configuration of Python's `jaeger-client`, key by key, usually read from a YAML file. */
export interface PythonConfig {
  service_name?: string | undefined;
  /** False gives a tracer that does nothing. @default true */
  enabled?: boolean | undefined;
  /** Log a line for every span. @default false */
  logging?: boolean | undefined;
  /** Type and parameter, or a sampler. */
  sampler?: SamplerConfig | Sampler | undefined;
  local_agent?:
    | {
        /** @default JAEGER_AGENT_HOST, else 'localhost' */
        reporting_host?: string | undefined;
        /** A number or a string of digits. @default JAEGER_AGENT_PORT, else 6831 */
        reporting_port?: number | string | undefined;
      }
    | undefined;
  /** In seconds. @default 1 */
  reporter_flush_interval?: number | undefined;
  propagation?: TracingConfig['propagation'];
  /** Carries ids and flags; in any case, with `_` for `-`. @default 'uber-trace-id' */
  trace_id_header?: string | undefined;
  /** In front of the key of each baggage item. @default 'uberctx-' */
  baggage_header_prefix?: string | undefined;
  /** Asks for a trace by hand. @default 'jaeger-debug-id' */
  debug_id_header?: string | undefined;
  generate_128bit_trace_id?: boolean | undefined;
  tags?: Record<string, unknown> | undefined;
}

export interface ConfigOptions {
  config?: PythonConfig | undefined;
  /** Used where `config.service_name` is not given. */
  serviceName?: string | undefined;
  /** Throw on an unknown key instead of logging it. @default false */
  validate?: boolean | undefined;
  /** @default no metrics */
  metricsFactory?: MetricsFactory | undefined;
  /** @default the console */
  logger?: Logger | undefined;
}

const knownKeys = [
  'service_name',
  'enabled',
  'logging',
  'sampler',
  'local_agent',
  'reporter_flush_interval',
  'propagation',
  'trace_id_header',
  'baggage_header_prefix',
  'debug_id_header',
  'generate_128bit_trace_id',
  'tags',
];
const knownAgentKeys = ['reporting_host', 'reporting_port'];

let initialized = false;

/**
 * Python's `jaeger_client.Config`: `new Config({ config, serviceName, validate }).initializeTracer()`.
 *
 * @throws SpoorError `SPOOR_CONFIG` where a value does not fit; for an unknown key only with `validate`
 */
export class Config {
  readonly #config: TracingConfig;
  readonly #options: InitOptions;

  constructor({
    config = {},
    serviceName,
    validate = false,
    metricsFactory,
    logger,
  }: ConfigOptions = {}) {
    const check = { validate, logger: logger ?? consoleLogger };
    checkKeys('config', config, knownKeys, check);
    checkKeys('config.local_agent', config.local_agent ?? {}, knownAgentKeys, check);
    this.#config = toTracingConfig(config, serviceName);
    this.#options = {
      logger,
      metrics: metricsFactory,
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
  const { sampler, local_agent: agent, reporter_flush_interval: flushSeconds } = config;
  return {
    serviceName: config.service_name ?? serviceName,
    // What is no boolean is refused as such.
    disable: typeof config.enabled === 'boolean' ? !config.enabled : config.enabled,
    sampler: isSampler(sampler) ? undefined : sampler,
    reporter: {
      logSpans: config.logging,
      agentHost: agent?.reporting_host,
      // The number check takes strings of digits, as Python does.
      agentPort: agent?.reporting_port as number | undefined,
      flushIntervalMs: flushSeconds === undefined ? undefined : flushSeconds * 1000,
    },
    propagation: config.propagation,
    headers: {
      traceContextHeaderName: dashed(config.trace_id_header),
      traceBaggageHeaderPrefix: dashed(config.baggage_header_prefix),
      jaegerDebugHeader: dashed(config.debug_id_header),
    },
    traceId128bit: config.generate_128bit_trace_id,
    tags: config.tags,
  };
}

/** As Python does. What is no text is refused as such. */
function dashed(name: string | undefined): string | undefined {
  return typeof name === 'string' ? name.replaceAll('_', '-') : name;
}

function isSampler(sampler: PythonConfig['sampler']): sampler is Sampler {
  return typeof (sampler as Partial<Sampler> | undefined)?.isSampled === 'function';
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
