import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Cleanup } from './listen.js';
import { localhostCertificate } from './localhost-certificate.js';
import { type RedisReply, sendRedisCommand } from './resp.js';
import { freePort, launchServer, until } from './server-process.js';

/** A real Redis on this machine, until the test ends. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  /** `redis://127.0.0.1:4711` */
  readonly url: string;
  /** Where its program is from, for people: `/usr/bin/redis-server`. */
  readonly origin: string;
  /** With the option `tls`. */
  readonly tlsPort: number | undefined;
  /** Sends a command on a connection of its own: `command('CLIENT', 'LIST')`. */
  command(...args: readonly (string | number)[]): Promise<RedisReply>;
}

/** Options of {@link startRedis}. */
export interface RedisOptions {
  /** Further arguments of redis-server: `['--requirepass', 'secret']`. */
  args?: readonly string[];
  /** Listens on a second port too, with TLS and the certificate {@link localhostCertificate}. */
  tls?: boolean;
}

/** A master and its replica, watched by a sentinel that makes the replica the master when the master is gone. */
export interface RedisSentinel extends Pick<RedisServer, 'host' | 'port' | 'command'> {
  /** What the sentinel calls the master. */
  readonly name: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
}

/** A Redis Cluster of three nodes without replicas. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
}

const host = '127.0.0.1';

/** Starts a Redis on a free port, with nothing on disk, and resolves once it answers. */
export async function startRedis(t: Cleanup, options: RedisOptions = {}): Promise<RedisServer> {
  const { args = [], tls = false } = options;
  const { server, ports } = await launch(t, tls ? 2 : 1, (folder, port, tlsPort) => [
    ...serverArgs(folder, port),
    ...(tls ? tlsArgs(folder, tlsPort) : []),
    ...args,
  ]);
  return { ...server, tlsPort: ports[1] };
}

/** Starts a master, a replica and a sentinel, and resolves once the sentinel knows both. */
export async function startRedisSentinel(t: Cleanup): Promise<RedisSentinel> {
  const name = 'main';
  // It would wait five seconds for further replicas.
  const master = await startRedis(t, { args: ['--repl-diskless-sync-delay', '0'] });
  const replica = await startRedis(t, { args: ['--replicaof', host, String(master.port)] });
  const { server: sentinel } = await launch(t, 1, (folder, port) => {
    const file = path.join(folder, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      `bind ${host}`,
      `dir ${folder}`,
      `sentinel monitor ${name} ${host} ${master.port} 1`,
      `sentinel down-after-milliseconds ${name} 300`,
    ];
    writeFileSync(file, lines.join('\n'));
    return [file, '--sentinel'];
  });
  // It asks every ten seconds who is there.
  await sentinel.command('SENTINEL', 'DEBUG', 'info-period', 100);
  await until(async () => {
    const replicas = String(await sentinel.command('SENTINEL', 'REPLICAS', name));
    return (
      replicas.includes(`${host}:${replica.port}`) && replicas.includes('master-link-status,ok')
    );
  }, 'the sentinel does not know the replica');
  return { host, port: sentinel.port, command: sentinel.command, name, master, replica };
}

/** Starts three masters that share the slots, and resolves once each of them knows all slots. */
export async function startRedisCluster(t: Cleanup): Promise<RedisCluster> {
  const starting = [0, 1, 2].map(() =>
    launch(t, 2, (folder, port, busPort) => [
      ...serverArgs(folder, port),
      ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
    ]),
  );
  const started = await Promise.all(starting);
  const nodes = started.map(({ server }) => server);
  for (const [i, node] of nodes.entries()) {
    await node.command('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
    const first = Math.ceil((i * 16384) / nodes.length);
    const next = Math.ceil(((i + 1) * 16384) / nodes.length);
    await node.command('CLUSTER', 'ADDSLOTSRANGE', first, next - 1);
  }
  for (const { ports } of started.slice(1)) {
    await nodes[0]!.command('CLUSTER', 'MEET', host, ...ports);
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

/** Starts a server on so many free ports, and resolves once it answers on the first of them. */
async function launch(
  t: Cleanup,
  portCount: number,
  argsFor: (folder: string, ...ports: readonly number[]) => readonly string[],
): Promise<{ readonly server: RedisServer; readonly ports: readonly number[] }> {
  for (let attempt = 1; ; attempt++) {
    const ports = await Promise.all(Array.from({ length: portCount }, freePort));
    const port = ports[0]!;
    const outcome = await launchServer(t, 'redis', {
      argsFor: (folder) => argsFor(folder, ...ports),
      answers: () => answers(port),
    });
    if (typeof outcome !== 'string') {
      const server = {
        host,
        port,
        url: `redis://${host}:${port}`,
        origin: outcome.origin,
        tlsPort: undefined,
        command: (...words: readonly (string | number)[]) => sendRedisCommand(host, port, words),
      };
      return { server, ports };
    }
    // Somebody else was faster.
    if (attempt < 5 && outcome.includes('Address already in use')) continue;
    throw new Error(`redis-server did not start:\n${outcome}`);
  }
}

function serverArgs(folder: string, port: number): readonly string[] {
  return [
    ...['--port', String(port), '--bind', host, '--save', '', '--appendonly', 'no'],
    ...['--dir', folder, '--loglevel', 'warning'],
  ];
}

function tlsArgs(folder: string, port: number): readonly string[] {
  const { key, cert } = localhostCertificate;
  const [keyFile, certFile] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  writeFileSync(keyFile!, key);
  writeFileSync(certFile!, cert);
  return [
    ...['--tls-port', String(port), '--tls-key-file', keyFile!, '--tls-cert-file', certFile!],
    ...['--tls-auth-clients', 'no'],
  ];
}

/** Also one that wants a password first answers. */
async function answers(port: number): Promise<boolean> {
  try {
    return (await sendRedisCommand(host, port, ['PING'])) === 'PONG';
  } catch (error) {
    return String(error).includes('NOAUTH');
  }
}
