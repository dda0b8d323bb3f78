import type { Given } from './given.js';
import { collectorUrl, headers, Misfit, show, splitAtFirst } from './kinds.js';
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
      'An OTLP collector, such as `http://localhost:4318`, to which `/v1/traces` is added; where neither agent nor collector is said for Jaeger. Takes `@spoor/otlp`, which is part of `@spoor/auto-instrument`.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_HEADERS',
    description: 'With that: headers of each request, `key=value,key=value`, percent-encoded.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    description: 'With that: how long one request may take, in milliseconds; without it 5000.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    description:
      'With that: `http/protobuf`, which is spoken without it too; with another a line at start says what to write instead.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    description:
      'As the four above, which it wins over, but nothing is added to it; so do `OTEL_EXPORTER_OTLP_TRACES_HEADERS`, `…_TIMEOUT` and `…_PROTOCOL`.',
  },
  {
    name: 'OTEL_TRACES_EXPORTER',
    description:
      'Where it is there without `otlp` in it, these endpoints are not meant for traces.',
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
  if (!waysOut.some(isSaid)) readOtlp(environment, say, warnings);
  // Half a sampler of Jaeger and half of one of OpenTelemetry would be neither.
  if (!isSaid('sampler.type') && !isSaid('sampler.param')) readSampler(environment, say, warnings);
  return given;
}

/** Who says one of them has said where spans go. */
const waysOut = ['reporter.agentHost', 'reporter.agentPort', 'reporter.collectorEndpoint'];

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

/** What is said for traces alone wins. */
function otlpVariable(environment: NodeJS.ProcessEnv, name: string): [string, string] | undefined {
  const variable = [`OTEL_EXPORTER_OTLP_TRACES_${name}`, `OTEL_EXPORTER_OTLP_${name}`].find((one) =>
    environment[one]?.trim(),
  );
  return variable === undefined ? undefined : [variable, environment[variable]!.trim()];
}

function readOtlp(environment: NodeJS.ProcessEnv, say: Say, warnings: string[]): void {
  const exporters = environment.OTEL_TRACES_EXPORTER?.trim();
  if (exporters && !/\botlp\b/i.test(exporters)) return;
  const [variable, text] = otlpVariable(environment, 'ENDPOINT') ?? [];
  if (variable === undefined || text === undefined) return;
  const url = otlpUrl(variable, text, warnings);
  if (url === undefined || !isProtocolSpoken(environment, url, variable, warnings)) return;
  say('reporter.collectorEndpoint', variable, url);
  say('reporter.protocol', variable, 'otlp');
  warnOfUnread(environment, url, warnings);
  readOtlpHeaders(environment, say, warnings);
  const [timeoutVariable = '', timeout] = otlpVariable(environment, 'TIMEOUT') ?? [];
  if (timeout === undefined) return;
  if (/^\d+$/.test(timeout) && Number(timeout) >= 1 && Number(timeout) <= 600_000) {
    say('reporter.timeoutMs', timeoutVariable, Number(timeout));
  } else {
    warnings.push(
      `${timeoutVariable}: expected milliseconds from 1 to 600000, got ${show(timeout)}, ignored. Write 10000 for ten seconds.`,
    );
  }
}

function otlpUrl(variable: string, text: string, warnings: string[]): string | undefined {
  try {
    collectorUrl('http://localhost:4318').fromCode(text);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    warnings.push(`${variable}: ${error.message} It is ignored.`);
    return undefined;
  }
  const url = new URL(text);
  const isWhole = variable.includes('_TRACES_');
  if (isWhole && url.pathname === '/') {
    warnings.push(
      `${variable}: has no path, and none is added to it. Write ${url.origin}/v1/traces, or OTEL_EXPORTER_OTLP_ENDPOINT.`,
    );
  } else if (!isWhole && /\/v1\/traces\/?$/.test(url.pathname)) {
    warnings.push(
      `${variable}: has /v1/traces already, which is added to it. Leave that out, or write OTEL_EXPORTER_OTLP_TRACES_ENDPOINT.`,
    );
  }
  if (isWhole) return text;
  url.pathname = url.pathname.replace(/\/?$/, '/v1/traces');
  return url.href;
}

function warnOfUnread(environment: NodeJS.ProcessEnv, url: string, warnings: string[]): void {
  if (url.startsWith('https:')) {
    const [certificate] = otlpVariable(environment, 'CERTIFICATE') ?? [];
    if (certificate !== undefined) {
      warnings.push(
        `${certificate}: is not read here. Write NODE_EXTRA_CA_CERTS, which Node itself reads, for the same file.`,
      );
    }
    const [ownCertificate] = otlpVariable(environment, 'CLIENT_CERTIFICATE') ?? [];
    if (ownCertificate !== undefined) {
      warnings.push(
        `${ownCertificate}: is not read here, and no certificate is shown to the collector. Write the URL of one that asks for none, such as one on this machine.`,
      );
    }
  }
  const [variable, compression = 'none'] = otlpVariable(environment, 'COMPRESSION') ?? [];
  if (compression.toLowerCase() !== 'none') {
    warnings.push(
      `${variable}: ${show(compression)} is not spoken here; spans go uncompressed, which OTLP collectors take too. Write none.`,
    );
  }
}

function isProtocolSpoken(
  environment: NodeJS.ProcessEnv,
  url: string,
  endpointVariable: string,
  warnings: string[],
): boolean {
  const [variable, protocol = ''] = otlpVariable(environment, 'PROTOCOL') ?? [];
  const instead = `Write http/protobuf there, and into ${endpointVariable} the port for that, mostly 4318.`;
  if (variable === undefined) {
    if (new URL(url).port === '4317') {
      warnings.push(
        `${endpointVariable}: 4317 is the port for gRPC, and spans go there over HTTP. Write the port for that, mostly 4318.`,
      );
    }
    return true;
  }
  if (/^http\/protobuf$/i.test(protocol)) return true;
  if (/^http\/json$/i.test(protocol)) {
    warnings.push(
      `${variable}: http/json is not spoken here; spans go as http/protobuf, which OTLP collectors take at the same place. Write http/protobuf.`,
    );
    return true;
  }
  warnings.push(
    `${variable}: ${show(protocol)} is not spoken here, so ${endpointVariable} is ignored. ${instead}`,
  );
  return false;
}

/** Those for traces alone win, name by name. */
function readOtlpHeaders(environment: NodeJS.ProcessEnv, say: Say, warnings: string[]): void {
  const read: Record<string, string> = {};
  let where: string | undefined;
  for (const variable of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']) {
    const text = environment[variable]?.trim();
    if (!text) continue;
    try {
      Object.assign(
        read,
        headers.fromText(text, () => {}),
      );
      where = variable;
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      warnings.push(`${variable}: ${error.message} It is ignored.`);
    }
  }
  if (where !== undefined) say('reporter.headers', where, read);
}
