import Module from 'node:module';
import path from 'node:path';
import { reportFault } from './report-fault.js';

/** A file of a library, whose exports are patched when it is loaded. */
export interface ModuleFile {
  /** Name on npm: `pg`. */
  readonly library: string;
  /** Path inside of the package: `lib/client.js`. */
  readonly file: string;
}

/** A copy of a library in this process; there may be several, in different versions. */
export interface LoadedLibrary {
  readonly library: string;
  /** Empty for one that was handed over. */
  readonly version: string;
  /** The folder of the package; `handed over` for one of a bundle. */
  readonly folder: string;
  /** Whether the application had loaded it when it was first looked for. */
  readonly wasLoadedBefore: boolean;
}

type OnLoad = (exports: unknown, from: LoadedLibrary) => void;

interface Hook extends ModuleFile {
  readonly onLoad: OnLoad;
}

/** By the name of the file, so that a file nobody asks for costs one look-up. */
const hooks = new Map<string, Hook[]>();

interface LoadableModule {
  readonly exports: unknown;
  _compile(content: string, filename: string, ...rest: unknown[]): unknown;
}

/**
 * Calls back with the exports of a CommonJS file, each copy of it once: at once where it is loaded already, else as soon as
 * it is. It does not matter whether it is required or imported.
 *
 * Every CommonJS file passes `Module.prototype._compile`, in all supported versions of Node, also one that ESM imports.
 * Hooks on `require` miss those, and hooks for ESM slow the start down.
 */
export function onModule({ library, file }: ModuleFile, onLoad: OnLoad): void {
  const hook = { library, file, onLoad };
  const name = path.basename(file);
  const ofName = hooks.get(name);
  if (ofName === undefined) hooks.set(name, [hook]);
  else ofName.push(hook);
  hookCompile();
  for (const [filename, loaded] of Object.entries(loadedModules())) {
    if (loaded?.loaded === true && filename.endsWith(name)) {
      offer(hook, filename, loaded.exports, true);
    }
  }
}

function loadedModules(): Record<string, { loaded: boolean; exports: unknown } | undefined> {
  return (Module as unknown as { _cache: ReturnType<typeof loadedModules> })._cache;
}

let isHooked = false;

function hookCompile(): void {
  if (isHooked) return;
  isHooked = true;
  const prototype = Module.prototype as unknown as LoadableModule;
  const { _compile } = prototype;
  prototype._compile = function compileAndOffer(content, filename, ...rest) {
    const result = Reflect.apply(_compile, this, [content, filename, ...rest]);
    const ofName = hooks.get(filename.slice(filename.lastIndexOf(path.sep) + 1));
    if (ofName !== undefined) for (const hook of ofName) offer(hook, filename, this.exports, false);
    return result;
  };
}

function offer(hook: Hook, filename: string, exports: unknown, wasLoadedBefore: boolean): void {
  try {
    const found = libraryOf(hook, filename);
    if (found !== undefined) hook.onLoad(exports, { ...found, wasLoadedBefore });
  } catch (error) {
    reportFault(hook.library, error);
  }
}

/** By the package's own name: it may lie in a store, an archive or a workspace instead of `node_modules`. */
function libraryOf(
  { library, file }: Hook,
  filename: string,
): Omit<LoadedLibrary, 'wasLoadedBefore'> | undefined {
  const end = path.sep + file.split('/').join(path.sep);
  if (!filename.endsWith(end)) return undefined;
  const folder = filename.slice(0, -end.length);
  // The file is read for few: an alias (`npm:pg@8` as `pg-8`) mostly has the name in it.
  const installed = folder.lastIndexOf(`${path.sep}node_modules${path.sep}`);
  if (installed !== -1 && !folder.includes(path.basename(library), installed)) return undefined;
  const description = readPackage(folder);
  if (description?.name !== library) return undefined;
  return { library, version: String(description.version), folder };
}

function readPackage(folder: string): { name?: unknown; version?: unknown } | undefined {
  try {
    const { readFileSync } = process.getBuiltinModule('node:fs');
    return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}
