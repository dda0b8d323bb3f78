import { SpoorError } from '@spoor/core';
import { defineInstrumentation, type Instrumentation } from '@spoor/instrumentation';
import type { RedisClient, RedisCluster } from './library.js';
import { type IoredisOptions, type IoredisSettings, readOptions } from './options.js';
import { patchClient, patchCluster } from './patch.js';

/** What ioredis exports, in part. */
interface Ioredis {
  readonly Redis: { readonly prototype: RedisClient };
  readonly Cluster: { readonly prototype: RedisCluster };
}

const instrumentation: Instrumentation<IoredisOptions> = defineInstrumentation<
  IoredisOptions,
  IoredisSettings
>({
  name: 'ioredis',
  readOptions: (options) => readOptions('install', options),
  patches: [
    {
      library: 'ioredis',
      file: 'built/index.js',
      majors: [5, 6],
      // As a namespace, or the class that CommonJS exports: the latter is what the file does.
      find(library) {
        const found = library.default ?? library;
        return found.Redis && found.Cluster ? found : undefined;
      },
      patch: ({ Redis, Cluster }: Ioredis, live) => [
        ...patchClient(Redis.prototype, live),
        ...patchCluster(Cluster.prototype, live),
      ],
    },
  ],
});

/**
 * Starts a client span for every command of ioredis 5 and 6, and one for every pipeline and transaction. Covers every copy of
 * ioredis in the process, and every client, made before or after. Calling it again only changes the options.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function install(options?: IoredisOptions): void {
  instrumentation.install(options);
}

/** Ends what {@link install} began. Commands under way finish their span. */
export function uninstall(): void {
  instrumentation.uninstall();
}

const traced = new WeakMap<object, { settings: IoredisSettings | undefined }>();

/**
 * Traces one client, a `Redis` or a `Cluster`, and nothing else of ioredis: neither other clients nor its duplicates. Calling it
 * again only changes the options, which go before those of {@link install}.
 *
 * @returns the client itself
 * @throws SpoorError `SPOOR_CONFIG` for what is no client of ioredis, an unknown option, or a value that cannot be meant
 */
export function traceRedis<Client extends object>(
  client: Client,
  options: Omit<IoredisOptions, 'module'> = {},
): Client {
  const settings = readOptions('traceRedis', options);
  const known = traced.get(client);
  if (known !== undefined) {
    known.settings = settings;
    return client;
  }
  if (!isClient(client)) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      'traceRedis: expected a client of ioredis. Write traceRedis(new Redis()).',
    );
  }
  const live = { settings };
  traced.set(client, live);
  if (!isCluster(client)) {
    patchClient(client, live);
    return client;
  }
  patchCluster(client, live);
  for (const node of client.connectionPool.getNodes()) patchClient(node, live);
  client.connectionPool.on('+node', (node) => patchClient(node, live));
  return client;
}

function isClient(client: object): client is RedisClient {
  const { sendCommand, pipeline } = (client ?? {}) as Partial<RedisClient>;
  return typeof sendCommand === 'function' && typeof pipeline === 'function';
}

function isCluster(client: RedisClient): client is RedisCluster {
  return client.isCluster;
}
