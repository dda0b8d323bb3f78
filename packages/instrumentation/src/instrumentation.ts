import { channel } from 'node:diagnostics_channel';
import { SpoorError } from '@spoor/core';
import { type LoadedLibrary, type ModuleFile, onModule } from './module-hook.js';
import { register } from './registry.js';
import { reportUnpatched } from './report-fault.js';
import { allOrNothing } from './wrap-method.js';

/** Undoes one thing that was wrapped or begun. */
export type Undo = () => void;

/** The settings of the last `install`; undefined while there is none, when what is still wrapped stands aside. */
export interface Live<Settings> {
  readonly settings: Settings | undefined;
}

/** How the exports of one file of a library are patched. */
export interface LibraryPatch<Settings> extends ModuleFile {
  /** The major versions that the patch is made for; others are left alone, and reported. */
  readonly majors: readonly number[];
  /**
   * Wraps what is to be wrapped, with `wrapMethod`, and returns what undoes it. Should it throw, which is reported, what it has
   * wrapped by then is undone.
   *
   * @param exports what the file exports; of what shape is for the patch to know
   */
  // biome-ignore lint/suspicious/noExplicitAny: a library's inside, which no types describe
  patch(exports: any, live: Live<Settings>): readonly Undo[];
  /** What was made of the library before it is patched stays as it was: it is to be loaded after Spoor. */
  readonly missesEarlier?: boolean;
  /**
   * Finds what the file exports in what the library exports, for a library that a bundler has swallowed. Undefined in what is
   * not the library.
   */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  find?(library: any): unknown;
}

/** What makes an instrumentation, for {@link defineInstrumentation}. */
export interface InstrumentationDefinition<Options, Settings> {
  /** `ioredis`: for messages, `installPatches` and `SPOOR_DISABLED_INSTRUMENTATIONS`. */
  readonly name: string;
  /** Checks the options. @throws SpoorError `SPOOR_CONFIG` for what cannot be meant */
  readOptions(options: Options): Settings;
  readonly patches?: readonly LibraryPatch<Settings>[];
  /** For what is no patch of a module, such as channels and built-in modules. As a patch, it may throw. Returns what undoes it. */
  start?(live: Live<Settings>): readonly Undo[];
}

/** A copy of a library that an instrumentation has seen. */
export interface SeenLibrary extends LoadedLibrary {
  readonly state: 'patched' | 'loaded too early' | 'unsupported version' | 'failed';
}

/** A library that is traced without a change to the application. */
export interface Instrumentation<Options> {
  readonly name: string;
  /** The npm packages that it patches; none where it listens to channels, or patches Node itself. */
  readonly libraries: readonly string[];
  /**
   * Begins to trace the library, every copy of it, loaded before or after. Again, it only changes the options.
   *
   * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
   */
  install(options?: Options): void;
  /** Ends what `install` began. What is under way finishes its span. */
  uninstall(): void;
  /** The copies of the library that were loaded so far; where it patches Node itself, Node if that has failed. */
  seen(): readonly SeenLibrary[];
}

/** An option of every instrumentation that patches modules. */
export interface ModuleOption {
  /**
   * What the library exports, where no hook can see it load: in a bundle, in Jest.
   *
   * @default every copy that this process loads
   */
  module?: unknown;
}

interface Copy<Settings> {
  readonly exports: unknown;
  readonly patch: LibraryPatch<Settings>;
  readonly library: LoadedLibrary;
  state: Exclude<SeenLibrary['state'], 'loaded too early'>;
  undo: readonly Undo[];
}

/**
 * Makes an instrumentation of its parts; `CONTRIBUTING.md` has an example. Of one name there is one per process: a second
 * copy of the package gets the first one's.
 */
export function defineInstrumentation<Options extends object, Settings>({
  name,
  readOptions,
  patches = [],
  start,
}: InstrumentationDefinition<Options, Settings>): Instrumentation<Options> {
  const live: { settings: Settings | undefined } = { settings: undefined };
  const copies: Copy<Settings>[] = [];
  let isWatching = false;
  let undoStart: readonly Undo[] = [];
  // Jest gives each file of tests a world of its own, and all of them the same Node: the last one has it.
  const takeOver = channel(`spoor.1.install.${name}`);
  let hasFailed = false;

  function install(given: Options & ModuleOption): void {
    const { module, ...options } = given;
    // What is no object at all is for the reader of the options to refuse.
    const settings = readOptions((typeof given === 'object' ? options : given) as Options);
    const handedOver = module === undefined ? [] : findIn(module);
    const isFirst = live.settings === undefined;
    live.settings = settings;
    if (isFirst) {
      if (start !== undefined) {
        takeOver.publish(undefined);
        takeOver.subscribe(uninstall);
        undoStart = begin(start);
      }
      for (const copy of copies) apply(copy);
    }
    if (!isWatching) {
      isWatching = true;
      for (const patch of patches)
        onModule(patch, (exports, library) => add(patch, exports, library));
    }
    for (const { patch, exports } of handedOver) {
      // Which version it is, nobody knows.
      const { library } = patch;
      add(patch, exports, { library, version: '', folder: 'handed over', wasLoadedBefore: false });
    }
  }

  function findIn(module: unknown): { patch: LibraryPatch<Settings>; exports: unknown }[] {
    const isLibrary = typeof module === 'function' || (typeof module === 'object' && module);
    const found = patches
      .map((patch) => ({ patch, exports: isLibrary ? patch.find?.(module) : undefined }))
      .filter(({ exports }) => exports !== undefined);
    const library = patches[0]?.library;
    if (found.length > 0 || library === undefined) return found;
    throw new SpoorError(
      'SPOOR_CONFIG',
      `install.module: expected what ${library} exports. Write install({ module: require('${library}') }), or leave it out where ${library} is not bundled.`,
    );
  }

  function begin(startOwn: (live: Live<Settings>) => readonly Undo[]): readonly Undo[] {
    try {
      hasFailed = false;
      return allOrNothing(() => startOwn(live));
    } catch (error) {
      hasFailed = true;
      reportUnpatched(name, error);
      return [];
    }
  }

  function add(patch: LibraryPatch<Settings>, exports: unknown, library: LoadedLibrary): void {
    if (copies.some((copy) => copy.exports === exports && copy.patch === patch)) return;
    const isSupported =
      library.version === '' || patch.majors.includes(Number.parseInt(library.version, 10));
    const state = isSupported ? 'patched' : 'unsupported version';
    const copy: Copy<Settings> = { exports, patch, library, state, undo: [] };
    copies.push(copy);
    if (live.settings !== undefined) apply(copy);
  }

  function apply(copy: Copy<Settings>): void {
    if (copy.state !== 'patched') return;
    try {
      copy.undo = allOrNothing(() => copy.patch.patch(copy.exports, live));
    } catch (error) {
      copy.state = 'failed';
      reportUnpatched(name, error);
    }
  }

  function uninstall(): void {
    takeOver.unsubscribe(uninstall);
    live.settings = undefined;
    for (const undo of [...undoStart, ...copies.flatMap((copy) => copy.undo)]) undo();
    undoStart = [];
    for (const copy of copies) copy.undo = [];
  }

  let isTold = false;
  return register({
    name,
    libraries: [...new Set(patches.map(({ library }) => library))],
    install(options?: Options) {
      isTold = true;
      install(options ?? ({} as Options));
    },
    installUnlessTold() {
      if (!isTold) install({} as Options);
    },
    uninstall() {
      isTold = true;
      uninstall();
    },
    seen: () => [
      ...(hasFailed ? [failedStart(name)] : []),
      ...copies.map((copy) => ({ ...copy.library, state: stateOf(copy) })),
    ],
  });
}

function failedStart(library: string): SeenLibrary {
  const version = process.version.slice(1);
  return { library, version, folder: 'part of Node', wasLoadedBefore: true, state: 'failed' };
}

function stateOf<Settings>({ state, patch, library }: Copy<Settings>): SeenLibrary['state'] {
  const isEarly = patch.missesEarlier === true && library.wasLoadedBefore;
  return state === 'patched' && isEarly ? 'loaded too early' : state;
}
