import { type ModuleFile, onModule } from './module-hook.js';
import { type Registered, registry } from './registry.js';
import { reportUnpatched } from './report-fault.js';

/** An instrumentation whose package is loaded together with the library that it patches, for {@link installWhenLoaded}. */
export interface LazyInstrumentation {
  /** As in its definition. */
  readonly name: string;
  /** What it patches. */
  readonly files: readonly ModuleFile[];
  /** Loads its package. */
  load(): unknown;
}

/**
 * Installs an instrumentation with its default options, and loads its package no sooner than the first of its files: a library
 * that is not used costs nothing at start. What the application itself has told the instrumentation by then holds.
 */
export function installWhenLoaded({ name, files, load }: LazyInstrumentation): void {
  const known = registry.get(name);
  if (known !== undefined) {
    known.installUnlessTold();
    return;
  }
  let isWanted = true;
  let isLibraryLoaded = false;
  const pending: Registered = {
    name,
    libraries: [...new Set(files.map(({ library }) => library))],
    isPending: true,
    install() {
      isWanted = true;
      if (isLibraryLoaded) loadAndInstall();
    },
    installUnlessTold() {},
    uninstall() {
      isWanted = false;
    },
    seen: () => [],
  };
  registry.set(name, pending);
  const loadAndInstall = (): void => {
    try {
      // It takes the place of this one in the registry.
      if (registry.get(name) === pending) load();
      registry.get(name)?.installUnlessTold();
    } catch (error) {
      reportUnpatched(name, error);
    }
  };
  const onLoad = (): void => {
    isLibraryLoaded = true;
    if (isWanted) loadAndInstall();
  };
  for (const file of files) onModule(file, onLoad);
}
