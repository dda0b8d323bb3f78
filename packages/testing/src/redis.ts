import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cleanup } from './listen.js';
import { localhostCertificate } from './localhost-certificate.js';
import { type RedisReply, sendRedisCommand } from './resp.js';
import { runServerScript } from './server-script.js';

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
const timeoutMs = 20_000;

/**
 * Keeps the server as long as its own standard input is open, and says its process id: a test that is killed takes the server
 * with it. Its output ends when the server does.
 */
const guard = '"$@" & pid=$!; echo "pid $pid"; exec >&- 2>&-; read _; kill -9 $pid';

/** Starts a Redis on a free port, with nothing on disk, and resolves once it answers. */
export async function startRedis(t: Cleanup, options: RedisOptions = {}): Promise<RedisServer> {
  const { args = [], tls = false } = options;
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const tlsPort = tls ? await freePort() : undefined;
    const outcome = await launch(t, port, (folder) => [
      ...['--port', String(port), '--bind', host, '--save', '', '--appendonly', 'no'],
      ...['--dir', folder, '--loglevel', 'warning'],
      ...(tlsPort === undefined ? [] : tlsArgs(folder, tlsPort)),
      ...args,
    ]);
    if (typeof outcome !== 'string') return { ...outcome, tlsPort };
    // Somebody else was faster.
    if (attempt < 5 && outcome.includes('Address already in use')) continue;
    throw new Error(`redis-server did not start:\n${outcome}`);
  }
}

/** Starts a master, a replica and a sentinel, and resolves once the sentinel knows both. */
export async function startRedisSentinel(t: Cleanup): Promise<RedisSentinel> {
  const name = 'main';
  // It would wait five seconds for further replicas.
  const master = await startRedis(t, { args: ['--repl-diskless-sync-delay', '0'] });
  const replica = await startRedis(t, { args: ['--replicaof', host, String(master.port)] });
  const port = await freePort();
  const sentinel = await launch(t, port, (folder) => {
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
  if (typeof sentinel === 'string') throw new Error(`The sentinel did not start:\n${sentinel}`);
  // It asks every ten seconds who is there.
  await sentinel.command('SENTINEL', 'DEBUG', 'info-period', 100);
  await until(async () => {
    const replicas = String(await sentinel.command('SENTINEL', 'REPLICAS', name));
    return (
      replicas.includes(`${host}:${replica.port}`) && replicas.includes('master-link-status,ok')
    );
  }, 'the sentinel does not know the replica');
  return { host, port, command: sentinel.command, name, master, replica };
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

/** How the server is started; looked up once per process. */
interface Server {
  readonly command: string;
  readonly libraries: string;
  readonly origin: string;
}

let found: Promise<Server> | undefined;

function findServer(): Promise<Server> {
  found ??= runServerScript<Server>('redis.mjs');
  return found;
}

/** Resolves with the server, or with what it said before it gave up. */
async function launch(
  t: Cleanup,
  port: number,
  argsFor: (folder: string) => readonly string[],
): Promise<RedisServer | string> {
  const { command, libraries, origin } = await findServer();
  const folder = mkdtempSync(path.join(tmpdir(), 'spoor-redis-'));
  const child = spawn('sh', ['-c', guard, 'sh', command, ...argsFor(folder)], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  let isOver = false;
  const over = once(child.stdout, 'end').then(() => {
    isOver = true;
  });
  t.after(async () => {
    const pid = Number(/^pid (\d+)$/m.exec(output)?.[1]);
    if (!isOver && pid > 0) process.kill(pid, 'SIGKILL');
    child.stdin.end();
    await over;
    rmSync(folder, { recursive: true, force: true });
  });
  const ping = (): Promise<boolean> => answers(port);
  await until(async () => isOver || (await ping()), 'redis-server does not answer');
  if (isOver) return output;
  return {
    host,
    port,
    url: `redis://${host}:${port}`,
    origin,
    tlsPort: undefined,
    command: (...words) => sendRedisCommand(host, port, words),
  };
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

async function until(isSo: () => Promise<boolean>, complaint: string): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`${complaint} after ${timeoutMs / 1000} s`);
    await wait(10);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, host, resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
