import path from 'node:path';
import { SpoorError } from '@spoor/core';
import { nearest } from '@spoor/core/internal';
import { type Registered, registry } from './registry.js';

/** The instrumentations that Spoor has, and the package of each. */
const packages: Readonly<Record<string, string>> = {
  http: '@spoor/http',
  express: '@spoor/express',
  fastify: '@spoor/fastify',
  koa: '@spoor/koa',
  undici: '@spoor/undici',
  ioredis: '@spoor/ioredis',
  pg: '@spoor/pg',
  pino: '@spoor/pino',
  winston: '@spoor/winston',
};

/**
 * Installs every instrumentation whose package is there, with its default options. A package that is not installed, or whose
 * library is never loaded, costs nothing.
 *
 * @returns the names of those that are installed now
 */
export function installAllPatches(): readonly string[] {
  return installPatches('all');
}

/**
 * Installs instrumentations by their names (`['pg', 'ioredis']`), or by functions of your own.
 *
 * @returns the names of those that are installed now
 * @throws SpoorError `SPOOR_CONFIG` for an unknown name, a package that is not installed, or what is no list
 */
export function installPatches(
  patches: 'all' | readonly (string | (() => void))[],
): readonly string[] {
  if (patches === 'all') return installKnown();
  if (!Array.isArray(patches)) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      "installPatches: expected 'all' or a list of names. Write installPatches(['pg', 'ioredis']).",
    );
  }
  const named = patches.filter((patch) => typeof patch === 'string').map(findByName);
  for (const patch of patches) if (typeof patch === 'function') patch();
  return installEach(named);
}

/** Takes away every patch that is installed. */
export function uninstallAllPatches(): void {
  for (const instrumentation of registry.values()) instrumentation.uninstall();
}

function installKnown(): readonly string[] {
  return installEach(
    knownNames()
      .map(load)
      .filter((found) => found !== undefined),
  );
}

function knownNames(): readonly string[] {
  return [...new Set([...registry.keys(), ...Object.keys(packages)])];
}

function installEach(instrumentations: readonly Registered[]): readonly string[] {
  return instrumentations.map((instrumentation) => {
    instrumentation.install();
    return instrumentation.name;
  });
}

function findByName(name: string): Registered {
  const found = load(name);
  if (found !== undefined) return found;
  const packageName = packages[name];
  if (packageName !== undefined) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      `installPatches: "${name}" needs its package. Run npm install ${packageName}.`,
    );
  }
  const known = knownNames();
  const meant = nearest(name, known);
  const advice =
    meant === undefined ? `There are ${known.join(', ')}.` : `Did you mean "${meant}"?`;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `installPatches: no instrumentation is called "${name}". ${advice}`,
  );
}

/** A package registers its instrumentation when it is loaded. */
function load(name: string): Registered | undefined {
  const packageName = packages[name];
  if (!registry.has(name) && packageName !== undefined) {
    try {
      requireFromApplication(packageName);
    } catch (error) {
      if (!isMissing(error, packageName)) throw error;
    }
  }
  return registry.get(name);
}

/** As the application itself would: with pnpm this package sees none of the others. */
function requireFromApplication(name: string): void {
  const main = process.argv[1] ?? path.join(process.cwd(), 'index.js');
  // Bundlers warn of a `createRequire` that they recognise and cannot follow.
  process.getBuiltinModule('node:module').createRequire(main)(name);
}

/** Not one that the package itself misses. */
function isMissing(error: unknown, packageName: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && message.includes(`'${packageName}'`);
}
