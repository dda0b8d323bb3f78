import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cleanup } from './listen.js';
import { type RedisReply, sendRedisCommand } from './resp.js';
import { runServerScript } from './server-script.js';

/** A real Redis on this machine, until the test ends. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  /** `redis://127.0.0.1:4711` */
  readonly url: string;
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
const timeoutMs = 20_000;

/**
 * Keeps the server as long as its own standard input is open, and says its process id: a test that is killed takes the server
 * with it. Its output ends when the server does.
 */
const guard = '"$@" & pid=$!; echo "pid $pid"; exec >&- 2>&-; read _; kill -9 $pid';

/** Starts a Redis on a free port, with nothing on disk, and resolves once it answers. */
export async function startRedis(t: Cleanup, options: RedisOptions = {}): Promise<RedisServer> {
  const { args = [] } = options;
  const { command, libraries } = await findServer();
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const outcome = await launch(t, command, libraries, port, args);
    if (typeof outcome !== 'string') return outcome;
    // Somebody else was faster.
    if (attempt < 5 && outcome.includes('Address already in use')) continue;
    throw new Error(`redis-server did not start:\n${outcome}`);
  }
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
}

let server: Promise<Server> | undefined;

function findServer(): Promise<Server> {
  server ??= runServerScript<Server>('redis.mjs');
  return server;
}

/** Resolves with the server, or with what it said before it gave up. */
async function launch(
  t: Cleanup,
  command: string,
  libraries: string,
  port: number,
  args: readonly string[],
): Promise<RedisServer | string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'spoor-redis-'));
  const own = ['--port', String(port), '--bind', host, '--save', '', '--appendonly', 'no'];
  const child = spawn(
    'sh',
    ['-c', guard, 'sh', command, ...own, '--dir', folder, '--loglevel', 'warning', ...args],
    {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LD_LIBRARY_PATH: libraries },
    },
  );
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  let isOver = false;
  child.stdout.on('end', () => {
    isOver = true;
  });
  t.after(() => {
    const pid = Number(/^pid (\d+)$/m.exec(output)?.[1]);
    if (!isOver && pid > 0) process.kill(pid, 'SIGKILL');
    child.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  });
  const ping = (): Promise<boolean> => answers(port);
  await until(async () => isOver || (await ping()), 'redis-server does not answer');
  if (isOver) return output;
  return {
    host,
    port,
    url: `redis://${host}:${port}`,
    command: (...words) => sendRedisCommand(host, port, words),
  };
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
