import { SpoorError } from '@spoor/core';
import { refuseUnknownOptions } from '@spoor/core/internal';

/** Where spans go. */
export interface ReporterConfig {
  /** Also log a line for every span. @default false */
  logSpans?: boolean | undefined;
  /** @default 'localhost' */
  agentHost?: string | undefined;
  /** Thrift binary on every port but 6831, on which an agent takes Thrift compact alone. @default 6832 */
  agentPort?: number | undefined;
  /** Which addresses of the agent are taken. @default IPv4, else IPv6 */
  agentSocketType?: 'udp4' | 'udp6' | undefined;
  /** A collector, such as `http://localhost:14268/api/traces`, instead of the agent. */
  collectorEndpoint?: string | undefined;
  /** For basic authentication at the collector, together with `password`. */
  username?: string | undefined;
  /** With `username`. */
  password?: string | undefined;
  /** How often what is buffered is sent, in milliseconds. @default 1000 */
  flushIntervalMs?: number | undefined;
  /** How long one request to the collector may take, in milliseconds. @default 5000 */
  timeoutMs?: number | undefined;
}

/** How traces are chosen. */
export interface SamplerConfig {
  /** `const`, `probabilistic`, `ratelimiting` or `remote`. @default 'remote' */
  type?: string | undefined;
  /**
   * For `const` 1 or 0, for `probabilistic` and `remote` a share from 0 to 1, for `ratelimiting` traces a second.
   *
   * @default for `remote` 0.001
   */
  param?: number | undefined;
  /** The sampling server, as `host:port` or a URL; wins over `host` and `port`. */
  hostPort?: string | undefined;
  /** @default 'localhost' */
  host?: string | undefined;
  /** @default 5778 */
  port?: number | undefined;
  /** @default '/sampling' */
  samplingPath?: string | undefined;
  /** In milliseconds; 0 never asks. @default 60000 */
  refreshIntervalMs?: number | undefined;
}

/** That it is there, even if empty, has a server asked how many traces may be forced. */
export interface ThrottlerConfig {
  /** @default 'localhost' */
  host?: string | undefined;
  /** @default 5778 */
  port?: number | undefined;
  /** In milliseconds. @default 5000 */
  refreshIntervalMs?: number | undefined;
  /** In milliseconds. @default 5000 */
  initialDelayMs?: number | undefined;
}

/** The first argument of `initTracer`. Other keys beside these are not looked at. */
export interface TracingConfig {
  /** Name of the service; required, here or in `JAEGER_SERVICE_NAME`. */
  serviceName?: string | undefined;
  /** True gives a tracer that does nothing. @default false */
  disable?: boolean | undefined;
  /** Which traces are kept. @default what a sampling server says; until one has answered, one in a thousand */
  sampler?: SamplerConfig | undefined;
  /** Where spans go. @default port 6832 of the agent on localhost */
  reporter?: ReporterConfig | undefined;
  /** How many traces may be forced. @default as many as are asked for */
  throttler?: ThrottlerConfig | undefined;
  /** Not looked at, here as in `jaeger-client`, whose types have it: it belongs into the second argument. */
  traceId128bit?: boolean | undefined;
  /** Not looked at, here as in `jaeger-client`, whose types have it: it belongs into the second argument. */
  shareRpcSpan?: boolean | undefined;
}

/** Reads a value, or says what was expected. */
type Read = (value: unknown) => unknown;

interface Setting {
  readonly read: Read;
  /** The strongest first. */
  readonly variables?: readonly string[];
}

type Section = Readonly<Record<string, Setting>>;

/** What is wrong with a value, and what to write instead. */
class Misfit extends Error {}

const text: Read = (value) => {
  if (typeof value === 'string') return value;
  throw new Misfit(`expected a text, got ${show(value)}. Write it in quotes.`);
};

const flag: Read = (value) => {
  if (typeof value === 'boolean') return value;
  const word = String(value).trim().toLowerCase();
  if (word === 'true' || word === '1') return true;
  if (word === 'false' || word === '0') return false;
  throw new Misfit(`expected true or false, got ${show(value)}. Write true or false.`);
};

const param: Read = (value) => {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && number >= 0) return number;
  throw new Misfit(`expected a number of 0 or more, got ${show(value)}. Write 1 or 0.1.`);
};

function whole(min: number, max: number, example: number): Read {
  return (value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (Number.isInteger(number) && Number(number) >= min && Number(number) <= max) {
      return Number(number);
    }
    throw new Misfit(
      `expected a whole number from ${min} to ${max}, got ${show(value)}. Write ${example}.`,
    );
  };
}

function oneOf(...words: readonly string[]): Read {
  return (value) => {
    const word = String(value).trim().toLowerCase();
    if (words.includes(word)) return word;
    throw new Misfit(`expected one of ${words.join(', ')}, got ${show(value)}.`);
  };
}

const url: Read = (value) => {
  if (typeof value === 'string' && /^https?:/.test(value) && URL.canParse(value)) return value;
  throw new Misfit(`expected a URL, got ${show(value)}. Write http://localhost:14268/api/traces.`);
};

const intervalMs = (min: number): Read => whole(min, 86_400_000, 1000);

const sections: Readonly<Record<'sampler' | 'reporter' | 'throttler', Section>> = {
  sampler: {
    type: {
      read: oneOf('const', 'probabilistic', 'ratelimiting', 'remote'),
      variables: ['JAEGER_SAMPLER_TYPE'],
    },
    param: { read: param, variables: ['JAEGER_SAMPLER_PARAM'] },
    hostPort: { read: text, variables: ['JAEGER_SAMPLER_MANAGER_HOST_PORT'] },
    host: { read: text, variables: ['JAEGER_SAMPLER_HOST'] },
    port: { read: whole(1, 65_535, 5778), variables: ['JAEGER_SAMPLER_PORT'] },
    samplingPath: { read: text, variables: ['JAEGER_SAMPLER_SAMPLING_PATH'] },
    refreshIntervalMs: { read: intervalMs(0), variables: ['JAEGER_SAMPLER_REFRESH_INTERVAL'] },
  },
  reporter: {
    logSpans: { read: flag, variables: ['JAEGER_REPORTER_LOG_SPANS'] },
    agentHost: { read: text, variables: ['JAEGER_AGENT_HOST', 'JAEGER_REPORTER_AGENT_HOST'] },
    agentPort: {
      read: whole(1, 65_535, 6832),
      variables: ['JAEGER_AGENT_PORT', 'JAEGER_REPORTER_AGENT_PORT'],
    },
    agentSocketType: { read: oneOf('udp4', 'udp6'), variables: ['JAEGER_AGENT_SOCKET_TYPE'] },
    collectorEndpoint: { read: url, variables: ['JAEGER_ENDPOINT', 'JAEGER_REPORTER_ENDPOINT'] },
    username: { read: text, variables: ['JAEGER_USER', 'JAEGER_REPORTER_USER'] },
    password: { read: text, variables: ['JAEGER_PASSWORD', 'JAEGER_REPORTER_PASSWORD'] },
    flushIntervalMs: { read: intervalMs(0), variables: ['JAEGER_REPORTER_FLUSH_INTERVAL'] },
    timeoutMs: { read: intervalMs(0), variables: ['JAEGER_REPORTER_TIMEOUT'] },
  },
  throttler: {
    host: { read: text },
    port: { read: whole(1, 65_535, 5778) },
    refreshIntervalMs: { read: intervalMs(1) },
    initialDelayMs: { read: intervalMs(0) },
  },
};

/** Variables that were given up, with the one that is meant. */
export const deprecatedVariables: Readonly<Record<string, string>> = {
  JAEGER_SAMPLER_HOST: 'JAEGER_SAMPLER_MANAGER_HOST_PORT',
  JAEGER_SAMPLER_PORT: 'JAEGER_SAMPLER_MANAGER_HOST_PORT',
  JAEGER_REPORTER_ENDPOINT: 'JAEGER_ENDPOINT',
  JAEGER_REPORTER_USER: 'JAEGER_USER',
  JAEGER_REPORTER_PASSWORD: 'JAEGER_PASSWORD',
  JAEGER_REPORTER_AGENT_HOST: 'JAEGER_AGENT_HOST',
  JAEGER_REPORTER_AGENT_PORT: 'JAEGER_AGENT_PORT',
  JAEGER_DISABLE: 'JAEGER_DISABLED',
};

/**
 * The configuration with what the environment says where it says nothing itself.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown key of a section, or a value that cannot be meant
 */
export function readConfig(config: unknown, environment: NodeJS.ProcessEnv): TracingConfig {
  if (typeof config !== 'object' || config === null) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      `initTracer: expected a configuration object, got ${show(config)}. Write initTracer({ serviceName: 'orders' }).`,
    );
  }
  const given = config as Record<string, unknown>;
  const disabled = ['JAEGER_DISABLED', 'JAEGER_DISABLE'].find((name) => environment[name]);
  return {
    serviceName: given.serviceName
      ? String(given.serviceName)
      : environment.JAEGER_SERVICE_NAME || undefined,
    disable:
      Boolean(given.disable) ||
      (disabled !== undefined && (fit(disabled, flag, environment[disabled]) as boolean)),
    sampler: readSection('sampler', given.sampler, environment),
    reporter: readSection('reporter', given.reporter, environment),
    throttler: readSection('throttler', given.throttler, environment),
  };
}

/** By which a reporter, a sampler and a throttler are known; all of them belong into the second argument. */
const methods = ['report', 'isSampled', 'onCreateSpan', 'isAllowed'];

/** Undefined when neither code nor environment has anything of it. */
function readSection(
  name: keyof typeof sections,
  given: unknown,
  environment: NodeJS.ProcessEnv,
): Record<string, never> | undefined {
  const section = sections[name];
  const own = (given || {}) as Record<string, unknown>;
  if (methods.some((method) => typeof own[method] === 'function')) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      `${name}: expected settings, got ${show(own)}. Write initTracer(config, { ${name} }).`,
    );
  }
  refuseUnknownOptions(name, own, Object.keys(section));
  const values: Record<string, unknown> = {};
  let isGiven = Boolean(given);
  for (const [key, { read, variables = [] }] of Object.entries(section)) {
    const value = own[key];
    const variable = variables.find((candidate) => environment[candidate]);
    if (value !== undefined && value !== null) values[key] = fit(`${name}.${key}`, read, value);
    else if (variable !== undefined) {
      values[key] = fit(variable, read, environment[variable]);
      isGiven = true;
    }
  }
  // Each reader makes what the type of its key says.
  return isGiven ? (values as Record<string, never>) : undefined;
}

/**
 * `JAEGER_TAGS`: `key=value,key=${VARIABLE:default}`. A variable that is not set and has no default leaves its tag out.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an entry without `=`
 */
export function readTags(environment: NodeJS.ProcessEnv): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const entry of (environment.JAEGER_TAGS ?? '').split(',')) {
    if (entry.trim() === '') continue;
    const equals = entry.indexOf('=');
    if (equals <= 0) {
      throw new SpoorError(
        'SPOOR_CONFIG',
        `JAEGER_TAGS: the entry ${show(entry.trim())} has no "=". Write key=value,key=value.`,
      );
    }
    const value = entry.slice(equals + 1).trim();
    const [, variable, fallback] = /^\$\{([^:}]+)(?::(.*))?\}$/.exec(value) ?? [];
    const found = variable === undefined ? value : environment[variable] || fallback;
    if (found !== undefined) tags[entry.slice(0, equals).trim()] = found;
  }
  return tags;
}

function fit(where: string, read: Read, value: unknown): unknown {
  try {
    return read(value);
  } catch (error) {
    if (error instanceof Misfit) throw new SpoorError('SPOOR_CONFIG', `${where}: ${error.message}`);
    throw error;
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
