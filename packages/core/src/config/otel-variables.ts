import type { Given } from './given.js';
import { Misfit, show, splitAtFirst } from './kinds.js';
import { nearest } from './nearest.js';
import { otelPropagation } from './propagation-formats.js';

/** Variables of OpenTelemetry that are read where nothing of Jaeger is said; for documentation. */
export const otelVariables = [
  { name: 'OTEL_SERVICE_NAME', description: 'The name of the service.' },
  {
    name: 'OTEL_RESOURCE_ATTRIBUTES',
    description:
      'Process tags, `key=value,key=value`, percent-encoded; `service.name` in it is the name of the service.',
  },
  {
    name: 'OTEL_PROPAGATORS',
    description:
      'Header formats: `tracecontext`, `baggage`, `b3` (one header), `b3multi`, `jaeger`, `none`.',
  },
  { name: 'OTEL_SDK_DISABLED', description: '`true` gives a tracer that does nothing.' },
  {
    name: 'OTEL_TRACES_SAMPLER',
    description:
      '`always_on`, `always_off`, `traceidratio`, `jaeger_remote`, each also as `parentbased_…`, which changes nothing here: a parent always decides.',
  },
  {
    name: 'OTEL_TRACES_SAMPLER_ARG',
    description:
      'For `traceidratio` the share, from 0 to 1; for `jaeger_remote` `endpoint=…,pollingIntervalMs=…,initialSamplingRate=…`, where the endpoint is asked over HTTP.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    description:
      'Is not obeyed: spans go to Jaeger, and a line at start says where. So is `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`.',
  },
] as const;

/**
 * What the `OTEL_*` variables say, by the path of the option. A value that cannot be meant is left out with a warning, never
 * refused: these variables are often set for a whole machine, and meant for others.
 *
 * @param isSaid whether code or a variable of Jaeger says something of the option
 */
export function readOtelVariables(
  environment: NodeJS.ProcessEnv,
  isSaid: (path: string) => boolean,
  warnings: string[],
): Given {
  const given: Given = new Map();
  const say = (path: string, where: string, value: unknown): void => {
    if (!isSaid(path) || path === 'tags') given.set(path, { where, value });
  };

  if (environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') {
    say('disable', 'OTEL_SDK_DISABLED', true);
  }
  const attributes = readResourceAttributes(environment.OTEL_RESOURCE_ATTRIBUTES, warnings);
  const { 'service.name': serviceName, ...tags } = attributes;
  if (serviceName?.trim()) say('serviceName', 'OTEL_RESOURCE_ATTRIBUTES', serviceName);
  if (Object.keys(tags).length > 0) say('tags', 'OTEL_RESOURCE_ATTRIBUTES', tags);
  if (environment.OTEL_SERVICE_NAME?.trim()) {
    say('serviceName', 'OTEL_SERVICE_NAME', environment.OTEL_SERVICE_NAME);
  }
  if (environment.OTEL_PROPAGATORS) {
    readPropagators(environment.OTEL_PROPAGATORS, say, warnings);
  }
  // Half a sampler of Jaeger and half of one of OpenTelemetry would be neither.
  if (!isSaid('sampler.type') && !isSaid('sampler.param')) readSampler(environment, say, warnings);
  return given;
}

type Say = (path: string, where: string, value: unknown) => void;

function readResourceAttributes(
  value: string | undefined,
  warnings: string[],
): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const entry of (value ?? '').split(',')) {
    if (entry.trim() === '') continue;
    const [key, encoded] = splitAtFirst(entry, '=');
    const text = encoded === undefined || key === '' ? undefined : decode(encoded);
    if (text === undefined) {
      warnings.push(
        `OTEL_RESOURCE_ATTRIBUTES: the entry ${show(entry.trim())} is left out. Write key=value, with %2C for a comma.`,
      );
    } else {
      attributes[decode(key) ?? key] = text;
    }
  }
  return attributes;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Malformed: the caller says so.
    return undefined;
  }
}

function readPropagators(list: string, say: Say, warnings: string[]): void {
  const variable = 'OTEL_PROPAGATORS';
  try {
    say('propagation', variable, otelPropagation.fromCode(list));
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    warnings.push(`${variable}: ${error.message} It is ignored.`);
  }
}

const samplerNames = ['always_on', 'always_off', 'traceidratio', 'jaeger_remote'];

function readSampler(environment: NodeJS.ProcessEnv, say: Say, warnings: string[]): void {
  const variable = 'OTEL_TRACES_SAMPLER';
  const text = environment[variable];
  if (!text) return;
  const name = text
    .trim()
    .toLowerCase()
    .replace(/^parentbased_/, '');
  const choose = (type: string, param: unknown, where = variable): void => {
    say('sampler.type', variable, type);
    say('sampler.param', where, param);
  };
  if (name === 'always_on') choose('const', 1);
  else if (name === 'always_off') choose('const', 0);
  else if (name === 'traceidratio') {
    const share = readShare(environment.OTEL_TRACES_SAMPLER_ARG, warnings);
    choose('probabilistic', share ?? 1, share === undefined ? variable : `${variable}_ARG`);
  } else if (name === 'jaeger_remote') {
    say('sampler.type', variable, 'remote');
    readRemoteSampler(environment.OTEL_TRACES_SAMPLER_ARG ?? '', say, warnings);
  } else {
    const meant = nearest(name, samplerNames);
    const advice =
      meant === undefined ? `Write ${samplerNames.join(' or ')}.` : `Did you mean ${meant}?`;
    warnings.push(`${variable}: unknown sampler ${show(text)}, ignored. ${advice}`);
  }
}

/** `endpoint=http://host:5778,pollingIntervalMs=5000,initialSamplingRate=0.25`. */
function readRemoteSampler(list: string, say: Say, warnings: string[]): void {
  const variable = 'OTEL_TRACES_SAMPLER_ARG';
  for (const entry of list.split(',')) {
    if (entry.trim() === '') continue;
    const [key, value = ''] = splitAtFirst(entry, '=');
    if (key === 'endpoint' && /^https?:/.test(value) && URL.canParse(value)) {
      const url = new URL(value);
      if (url.pathname === '/') url.pathname = '/sampling';
      say('sampler.samplingServerURL', variable, url.href);
    } else if (key === 'pollingIntervalMs' && /^\d{1,7}$/.test(value)) {
      say('sampler.refreshIntervalMs', variable, Number(value));
    } else if (key === 'initialSamplingRate' && Number(value) >= 0 && Number(value) <= 1) {
      say('sampler.param', variable, Number(value));
    } else {
      warnings.push(
        `${variable}: the entry ${show(entry.trim())} is left out. Write endpoint=http://localhost:5778/sampling,pollingIntervalMs=60000,initialSamplingRate=0.1.`,
      );
    }
  }
}

function readShare(text: string | undefined, warnings: string[]): number | undefined {
  if (!text?.trim()) return undefined;
  const share = Number(text);
  if (share >= 0 && share <= 1) return share;
  warnings.push(
    `OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1, got ${show(text)}; every trace is kept. Write 0.1 to keep one in ten.`,
  );
  return undefined;
}
