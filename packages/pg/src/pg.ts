import { SpoorError } from '@spoor/core';
import { defineInstrumentation, type Instrumentation } from '@spoor/instrumentation';
import { type PgOptions, type PgSettings, readOptions } from './options.js';
import { patchClient } from './patch-client.js';
import { patchPool } from './patch-pool.js';
import type { PgClient, PgPool } from './pg-types.js';

interface Class<Instance> {
  readonly prototype: Instance;
}

/** What the application handed over: pg, one of its classes, or a namespace of either. */
interface Library {
  readonly Client?: Class<PgClient>;
  readonly Pool?: Class<PgPool>;
  readonly default?: Library;
}

/** Clients and pools that are traced one by one, with options of their own. */
const explicit = new WeakMap<object, { settings: PgSettings }>();
const isExplicit = (one: object): boolean => explicit.has(one);

const instrumentation: Instrumentation<PgOptions> = defineInstrumentation<PgOptions, PgSettings>({
  name: 'pg',
  readOptions,
  patches: [
    {
      library: 'pg',
      file: 'lib/client.js',
      majors: [8],
      find: (library: Library) => library.Client ?? library.default?.Client,
      patch: ({ prototype }: Class<PgClient>, live) => patchClient(prototype, live, isExplicit),
    },
    {
      library: 'pg',
      file: 'lib/native/client.js',
      majors: [8],
      patch: ({ prototype }: Class<PgClient>, live) => patchClient(prototype, live, isExplicit),
    },
    {
      library: 'pg-pool',
      file: 'index.js',
      majors: [3],
      find: (library: Library) => findPool(library.Pool ?? library.default?.Pool ?? library),
      patch: ({ prototype }: Class<PgPool>, live) => patchPool(prototype, live, isExplicit),
    },
  ],
});

/** `pg.Pool` inherits from the class of pg-pool, which is to be patched: once, however many inherit from it. */
function findPool(library: unknown): unknown {
  let found = library as (Partial<Class<PgPool>> & object) | null;
  while (found !== null && !Object.hasOwn(found.prototype ?? {}, 'connect')) {
    found = Object.getPrototypeOf(found);
  }
  return found ?? undefined;
}

/**
 * Starts a client span for every query of pg, through clients, pools, cursors and streams. Covers every copy of pg 8 in the
 * process, loaded before or after. Calling it again only changes the options.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function install(options?: PgOptions): void {
  instrumentation.install(options);
}

/** Ends what {@link install} began. Queries under way finish their span. */
export function uninstall(): void {
  instrumentation.uninstall();
}

/**
 * Traces one client, or one pool with its clients, and returns it; with or without {@link install}, whose options then do
 * not hold for it. Calling it again only changes the options.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function tracePg<ClientOrPool extends object>(
  clientOrPool: ClientOrPool,
  options: Omit<PgOptions, 'module'> = {},
): ClientOrPool {
  const settings = readOptions(options, 'tracePg');
  const { query, connect } = clientOrPool as Partial<PgClient>;
  if (typeof query !== 'function' || typeof connect !== 'function') {
    throw new SpoorError(
      'SPOOR_CONFIG',
      'tracePg: expected a client or a pool of pg. Write tracePg(new pg.Pool()).',
    );
  }
  traceOne(clientOrPool, settings);
  return clientOrPool;
}

function traceOne(one: object, settings: PgSettings): void {
  const known = explicit.get(one);
  if (known !== undefined) {
    known.settings = settings;
    return;
  }
  const live = { settings };
  const isPool = 'idleCount' in one;
  // What is below, of `install`, sees that it is not asked; ours always is.
  if (isPool) {
    patchPool(
      one as PgPool,
      live,
      () => false,
      (client) => traceOne(client, live.settings),
    );
  } else patchClient(one as PgClient, live, () => false);
  explicit.set(one, live);
}
