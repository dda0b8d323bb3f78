import type { Cleanup } from './listen.js';
import { type RedisReply, sendRedisCommand } from './resp.js';
import { freePort, startServer, until } from './server-process.js';

/** A real Redis on this machine, until the test ends. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  /** `redis://127.0.0.1:4711` */
  readonly url: string;
  /** Where its program is from, for people: `/usr/bin/redis-server`. */
  readonly origin: string;
  /** Sends a command on a connection of its own: `command('CLIENT', 'LIST')`. */
  command(...args: readonly (string | number)[]): Promise<RedisReply>;
}

/** Options of {@link startRedis}. */
export interface RedisOptions {
  /** Further arguments of redis-server: `['--requirepass', 'secret']`. */
  args?: readonly string[];
}

/** A Redis Cluster of three nodes without replicas. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
}

const host = '127.0.0.1';

/** Starts a Redis on a free port, with nothing on disk, and resolves once it answers. */
export async function startRedis(t: Cleanup, options: RedisOptions = {}): Promise<RedisServer> {
  const { args = [] } = options;
  const { port, origin } = await startServer(t, {
    name: 'redis',
    args: (port, folder) => {
      const own = ['--port', String(port), '--bind', host, '--save', '', '--appendonly', 'no'];
      return [...own, '--dir', folder, '--loglevel', 'warning', ...args];
    },
    answers,
  });
  return {
    host,
    port,
    url: `redis://${host}:${port}`,
    origin,
    command: (...words) => sendRedisCommand(host, port, words),
  };
}

/** Starts three masters that share the slots, and resolves once each of them knows all slots. */
export async function startRedisCluster(t: Cleanup): Promise<RedisCluster> {
  const starting = [0, 1, 2].map(async () => {
    const busPort = await freePort();
    const args = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
    return { busPort, node: await startRedis(t, { args }) };
  });
  const started = await Promise.all(starting);
  const nodes = started.map(({ node }) => node);
  for (const [i, node] of nodes.entries()) {
    await node.command('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
    const first = Math.ceil((i * 16384) / nodes.length);
    const next = Math.ceil(((i + 1) * 16384) / nodes.length);
    await node.command('CLUSTER', 'ADDSLOTSRANGE', first, next - 1);
  }
  for (const { node, busPort } of started.slice(1)) {
    await nodes[0]!.command('CLUSTER', 'MEET', node.host, node.port, busPort);
  }
  await until(async () => {
    const states = await Promise.all(nodes.map((node) => node.command('CLUSTER', 'INFO')));
    return states.every(
      (state) =>
        String(state).includes('cluster_state:ok') &&
        String(state).includes(`cluster_known_nodes:${nodes.length}`),
    );
  }, 'the cluster is not ready');
  return { nodes };
}

/** Also one that wants a password first answers. */
async function answers(port: number): Promise<boolean> {
  try {
    return (await sendRedisCommand(host, port, ['PING'])) === 'PONG';
  } catch (error) {
    return String(error).includes('NOAUTH');
  }
}
