import type { Instrumentation } from './instrumentation.js';

/** An instrumentation, whatever its options are. */
export type Registered = Pick<
  Instrumentation<object>,
  'name' | 'libraries' | 'uninstall' | 'seen'
> & {
  install(): void;
  /** Installs it with its default options, but where `install` or `uninstall` has been called. */
  installUnlessTold(): void;
  /** True for one that waits for its package to be loaded, and gives way to it then. */
  readonly isPending?: boolean;
};

const key = Symbol.for('spoor.1.instrumentations');
const holder = globalThis as { [key]?: Map<string, Registered> };

holder[key] ??= new Map();

/** Every instrumentation of this process by its name, however many copies of this package it has. */
export const registry: Map<string, Registered> = holder[key];

/** Keeps the first of a name: a second copy of a package must not patch once more. */
export function register<T extends Registered>(instrumentation: T): T {
  const known = registry.get(instrumentation.name);
  if (known !== undefined && known.isPending !== true) return known as T;
  registry.set(instrumentation.name, instrumentation);
  return instrumentation;
}

/** Every instrumentation whose package is loaded. */
export function instrumentations(): readonly Registered[] {
  return [...registry.values()];
}
