import { SpoorError } from '../errors.js';
import type { Given, GivenValue } from './given.js';
import { type Kind, Misfit } from './kinds.js';
import { nearest } from './nearest.js';
import { type Option, options, type Settings } from './options.js';
import { readOtelVariables } from './otel-variables.js';

/** The effective settings, and where each was written. */
export interface Resolved {
  readonly settings: Settings;
  /** What was left out, and what should be written otherwise. */
  readonly warnings: readonly string[];
  /** Whether code or a variable of Jaeger has something at this path or below, be it an empty object. */
  isGiven(path: string): boolean;
  /** For messages: the key as its owner wrote it, or the variable. */
  where(path: string): string;
  /** `code`, the name of a variable, or `default`. */
  origin(path: string): string;
  tagOrigin(key: string): string;
}

const allOptions = Object.entries(options) as [string, Option<unknown>][];

/**
 * Code wins over the environment, `JAEGER_*` over `OTEL_*`, the environment over the default. Tags add up, key by key.
 *
 * @throws SpoorError `SPOOR_CONFIG` for a value that does not fit: where, what, what instead. What `OTEL_*` variables say is
 *   often meant for other programs: there it is left out with a warning
 */
export function resolveSettings(given: Given, environment: NodeJS.ProcessEnv): Resolved {
  const warnings: string[] = [];
  const fromJaeger = readVariables(environment, warnings);
  const isSaid = (path: string): boolean => given.has(path) || fromJaeger.has(path);
  const fromOtel = readOtelVariables(environment, isSaid, warnings);
  const find = (path: string): GivenValue | undefined =>
    given.get(path) ?? fromJaeger.get(path) ?? fromOtel.get(path);

  const settings: Record<string, unknown> = {};
  for (const [name, { path, kind, fallback }] of allOptions) {
    const value = path === 'tags' ? undefined : find(path);
    settings[name] = value === undefined ? fallback : fit(value, kind);
  }
  const tags = new Map<string, { tag: unknown; origin: string }>();
  for (const [layer, path] of [
    [fromOtel, 'tags'],
    [fromJaeger, 'tags'],
    [given, 'tags'],
    [given, 'options.tags'],
  ] as const) {
    const value = layer.get(path);
    if (value === undefined) continue;
    for (const [key, tag] of Object.entries(fit(value, options.tags.kind))) {
      tags.set(key, { tag, origin: layer === given ? 'code' : value.where });
    }
  }
  settings.tags = Object.fromEntries([...tags].map(([key, { tag }]) => [key, tag]));
  return {
    settings: settings as unknown as Settings,
    warnings,
    isGiven: (path) =>
      [...given.keys(), ...fromJaeger.keys()].some((key) => `${key}.`.startsWith(`${path}.`)),
    where: (path) => find(path)?.where ?? path,
    origin: (path) => (given.has(path) ? 'code' : (find(path)?.where ?? 'default')),
    tagOrigin: (key) => tags.get(key)?.origin ?? 'default',
  };
}

/** What the `JAEGER_*` variables say, unread; an empty one says nothing. */
function readVariables(environment: NodeJS.ProcessEnv, warnings: string[]): Given {
  const given: Given = new Map();
  for (const [, { path, kind, variable, oldVariables, replacement }] of allOptions) {
    for (const old of oldVariables) {
      if (environment[old]) warnings.push(`${old}: is deprecated. Write ${replacement}.`);
    }
    const where = [variable, ...oldVariables].find((name) => name && isMeant(environment, name));
    if (where === undefined) continue;
    const fromCode = (value: unknown): unknown =>
      kind.fromText(String(value), (problem) => warnings.push(`${where}: ${problem}`));
    given.set(path, { where, value: environment[where], kind: { ...kind, fromCode } });
  }
  warnings.push(...mistyped(environment));
  return given;
}

/** Two letters at most: Kubernetes sets `JAEGER_SERVICE_HOST` for a service called `jaeger`, and servers of Jaeger read others. */
function mistyped(environment: NodeJS.ProcessEnv): readonly string[] {
  const known = allOptions.flatMap(([, { variable, oldVariables }]) => [
    ...(variable === undefined ? [] : [variable]),
    ...oldVariables,
  ]);
  return Object.keys(environment)
    .filter((name) => name.startsWith('JAEGER_') && !known.includes(name))
    .flatMap((name) => {
      const meant = nearest(name, known, 2);
      return meant === undefined ? [] : [`${name}: unknown variable. Did you mean ${meant}?`];
    });
}

/** Of a service called `jaeger-agent` Kubernetes tells every container, by `JAEGER_AGENT_PORT=tcp://10.3.240.7:5775`. */
function isMeant(environment: NodeJS.ProcessEnv, name: string): boolean {
  const value = environment[name];
  return Boolean(value) && !(name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value!));
}

/** Adds where the value stands to what is wrong with it. */
function fit<T>({ where, value, kind }: GivenValue, optionKind: Kind<T>): T {
  try {
    // The kind of a key reads to what the option holds.
    return ((kind as Kind<T> | undefined) ?? optionKind).fromCode(value);
  } catch (error) {
    if (error instanceof Misfit) throw new SpoorError('SPOOR_CONFIG', `${where}: ${error.message}`);
    throw error;
  }
}
