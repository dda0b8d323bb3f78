import { SpoorError } from '../errors.js';
import { type Kind, Misfit, show } from './kinds.js';
import { nearest } from './nearest.js';
import { type Option, options, type Settings } from './options.js';

/** The effective settings, and for each path where its value was written: the path itself or a variable. */
export interface Resolved {
  readonly settings: Settings;
  origin(path: string): string;
}

const allOptions: readonly Option<unknown>[] = Object.values(options);
const allPaths = allOptions.map(({ path }) => path);

/**
 * Code wins over the environment, the environment over the default.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown key or a value that does not fit: where, what, what instead
 */
export function resolveSettings(config: unknown, environment: NodeJS.ProcessEnv): Resolved {
  refuseUnknownKeys(config, '');
  const origins = new Map<string, string>();
  const settings: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    settings[name] = resolveOption(option as Option<unknown>, config, environment, origins);
  }
  if (config !== undefined) mergeTags(settings, config, environment);
  return {
    settings: settings as unknown as Settings,
    origin: (path) => origins.get(path) ?? path,
  };
}

function resolveOption(
  option: Option<unknown>,
  config: unknown,
  environment: NodeJS.ProcessEnv,
  origins: Map<string, string>,
): unknown {
  const { path, kind, fallback } = option;
  const fromCode = valueAt(config, path);
  if (fromCode !== undefined) return fit(path, () => kind.fromCode(fromCode));
  const variable = option.variables.find((name) => Boolean(environment[name]));
  if (variable === undefined) return fallback;
  origins.set(path, variable);
  return fit(variable, () => kind.fromText(environment[variable]!, variable));
}

/** Tags add up, key by key; for a key in both the code wins. */
function mergeTags(
  settings: Record<string, unknown>,
  config: unknown,
  environment: NodeJS.ProcessEnv,
): void {
  const { path, kind, variables }: Option<Readonly<Record<string, unknown>>> = options.tags;
  const variable = variables[0]!;
  const text = environment[variable];
  if (!text || valueAt(config, path) === undefined) return;
  const fromEnvironment = fit(variable, () => (kind as Kind<object>).fromText(text));
  settings.tags = { ...fromEnvironment, ...(settings.tags as object) };
}

/** Adds where the value stands to what is wrong with it. */
export function fit<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Misfit) throw new SpoorError('SPOOR_CONFIG', `${where}: ${error.message}`);
    throw error;
  }
}

function valueAt(config: unknown, path: string): unknown {
  let value = config;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function refuseUnknownKeys(config: unknown, prefix: string): void {
  if (config === undefined) return;
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      prefix === ''
        ? `initTracer: expected a configuration object, got ${show(config)}. Write initTracer({ serviceName: 'orders' }).`
        : `${prefix.slice(0, -1)}: expected an object, got ${show(config)}. Write { ${childrenOf(prefix).join(', ')} }.`,
    );
  }
  refuseObject(config, prefix);
  for (const [key, value] of Object.entries(config)) {
    const path = prefix + key;
    if (allPaths.includes(path)) continue;
    if (childrenOf(`${path}.`).length > 0) refuseUnknownKeys(value, `${path}.`);
    else throw unknownOption(path, key, prefix);
  }
}

/** A reporter or a sampler has few properties to be refused for, but belongs into the second argument. */
function refuseObject(config: object, prefix: string): void {
  const method = prefix === 'reporter.' ? 'report' : 'isSampled';
  if (prefix === '' || typeof (config as Record<string, unknown>)[method] !== 'function') return;
  const name = prefix.slice(0, -1);
  throw new SpoorError(
    'SPOOR_CONFIG',
    `${name}: expected settings, got ${show(config)}. Write initTracer(config, { ${name} }).`,
  );
}

function unknownOption(path: string, key: string, prefix: string): SpoorError {
  const siblings = [...new Set(childrenOf(prefix))];
  // The right key in the wrong place is as common as a typing error.
  const elsewhere = allPaths.find((known) => known.endsWith(`.${key}`) || known === key);
  const sibling = nearest(key, siblings);
  const meant = elsewhere ?? (sibling === undefined ? undefined : prefix + sibling);
  const advice =
    meant === undefined ? `Write one of ${siblings.join(', ')}.` : `Did you mean ${meant}?`;
  return new SpoorError('SPOOR_CONFIG', `${path}: unknown option. ${advice}`);
}

function childrenOf(prefix: string): string[] {
  return allPaths
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length).split('.')[0]!);
}
