import { SpoorError } from '../errors.js';
import { type Kind, show } from './kinds.js';
import { nearest } from './nearest.js';
import { options } from './options.js';
import { clientKeys } from './other-names.js';

/** What somebody has written for one option. */
export interface GivenValue {
  /** How its owner would find it: `reporter.agentPort`, `config.local_agent.reporting_port`. */
  readonly where: string;
  readonly value: unknown;
  /** Where other clients have another unit or meaning than the option. */
  readonly kind?: Kind<unknown> | undefined;
}

/** What is written, by the path of the option. */
export type Given = Map<string, GivenValue>;

/** What a key of some client means here: one option, for an address two, or none where there is nothing to decide. */
export type Key = readonly { readonly path: string; readonly kind?: Kind<unknown> | undefined }[];

/** The keys that an object may have, and how faults in it are told. */
export interface Shape {
  /** All keys, nested ones with dots. */
  readonly keys: ReadonlyMap<string, Key>;
  /** Those of {@link keys} that a message offers. */
  readonly offered: readonly string[];
  /** In front of every key in a message. */
  readonly prefix: string;
  /** What is called with the whole, and how, for a whole that is no object. */
  readonly call: string;
  readonly example: string;
  /** Whether a value counts as not written. */
  isLeftOut(value: unknown): boolean;
  refuse(message: string): void;
}

function shapeOfConfig(): Shape {
  const paths = Object.values(options).map(({ path }) => path);
  return {
    keys: new Map([...paths.map((path): [string, Key] => [path, [{ path }]]), ...clientKeys()]),
    offered: paths,
    prefix: '',
    call: 'initTracer',
    example: "initTracer({ serviceName: 'orders' })",
    isLeftOut: (value) => value === undefined,
    refuse(message) {
      throw new SpoorError('SPOOR_CONFIG', message);
    },
  };
}

/**
 * The first argument of `initTracer`.
 *
 * @throws SpoorError `SPOOR_CONFIG` for a key that there is not, with the nearest one that there is
 */
export function readConfig(config: unknown): Given {
  const given: Given = new Map();
  if (config !== undefined) readObject(config, '', shapeOfConfig(), given);
  return given;
}

/** Adds what `object` says to `given`. */
export function readObject(object: unknown, parent: string, shape: Shape, given: Given): void {
  const { keys, prefix } = shape;
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw new SpoorError('SPOOR_CONFIG', noObject(object, parent, shape));
  }
  refusePart(object, prefix + parent);
  for (const [name, value] of Object.entries(object)) {
    if (shape.isLeftOut(value)) continue;
    const key = parent === '' ? name : `${parent}.${name}`;
    const known = keys.get(key);
    if (known !== undefined) {
      for (const { path, kind } of known) give(given, path, { where: prefix + key, value, kind });
    } else if (!hasChildren(keys, key)) {
      shape.refuse(unknownKey(key, name, parent, shape));
    } else {
      readObject(value, key, shape, given);
      // Of some objects it means something that they are there.
      given.set(key, { where: prefix + key, value });
    }
  }
}

/** @throws SpoorError `SPOOR_CONFIG` where two keys mean the same option */
export function give(given: Given, path: string, value: GivenValue): void {
  const before = given.get(path);
  if (before !== undefined) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      `${value.where}: says the same as ${before.where}. Write one of them.`,
    );
  }
  given.set(path, value);
}

function noObject(value: unknown, parent: string, shape: Shape): string {
  return parent === ''
    ? `${shape.call}: expected a configuration object, got ${show(value)}. Write ${shape.example}.`
    : `${shape.prefix}${parent}: expected an object, got ${show(value)}. Write { ${childrenOf(parent, shape).join(', ')} }.`;
}

/** By which method each is known. */
const methodsOf: ReadonlyMap<string, readonly string[]> = new Map([
  ['reporter', ['report']],
  ['sampler', ['isSampled', 'onCreateSpan']],
  ['baggageRestrictions', ['getRestriction']],
  ['throttler', ['isAllowed']],
]);

/** A reporter or a sampler has few properties to be refused for, but belongs into the second argument. */
function refusePart(object: object, path: string): void {
  const isMethod = (name: string): boolean =>
    typeof (object as Record<string, unknown>)[name] === 'function';
  if (!methodsOf.get(path)?.some(isMethod)) return;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `${path}: expected settings, got ${show(object)}. Write initTracer(config, { ${path} }).`,
  );
}

function unknownKey(key: string, name: string, parent: string, shape: Shape): string {
  const siblings = childrenOf(parent, shape);
  // The right key in the wrong place is as common as a typing error.
  const elsewhere = shape.offered.find((known) => known.endsWith(`.${name}`) || known === name);
  const sibling = nearest(name, siblings);
  const near = parent === '' ? sibling : `${parent}.${sibling}`;
  const meant = elsewhere ?? (sibling === undefined ? undefined : near);
  const advice =
    meant === undefined
      ? `Write one of ${siblings.join(', ')}.`
      : `Did you mean ${shape.prefix}${meant}?`;
  return `${shape.prefix}${key}: unknown option. ${advice}`;
}

function hasChildren(keys: ReadonlyMap<string, Key>, parent: string): boolean {
  for (const key of keys.keys()) if (key.startsWith(`${parent}.`)) return true;
  return false;
}

function childrenOf(parent: string, { offered }: Shape): string[] {
  const start = parent === '' ? '' : `${parent}.`;
  const children = offered
    .filter((key) => key.startsWith(start))
    .map((key) => key.slice(start.length).split('.')[0]!);
  return [...new Set(children)];
}
