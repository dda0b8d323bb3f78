import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Cleanup } from './listen.js';

/** A server that a script of `scripts/servers` finds on this machine, or brings to it. */
export interface ServerProgram {
  /** Of the script, without `.mjs`. */
  readonly name: string;
  /** @param folder its own, removed after the test */
  args(port: number, folder: string): readonly string[];
  /** True once whoever listens on this port of 127.0.0.1 can be used. */
  answers(port: number): Promise<boolean>;
}

/** A server that answers. */
export interface RunningServer {
  readonly port: number;
  /** Where its program is from, in words. */
  readonly origin: string;
}

const host = '127.0.0.1';
const timeoutMs = 20_000;

/**
 * Keeps the server as long as its own standard input is open, and says its process id: a test that is killed takes the server
 * with it. Its output ends when the server does.
 */
const guard = '"$@" & pid=$!; echo "pid $pid"; exec >&- 2>&-; read _; kill -9 $pid';

/** Starts a server on a free port of 127.0.0.1 until the test ends, and resolves once it answers. */
export async function startServer(t: Cleanup, program: ServerProgram): Promise<RunningServer> {
  const found = await findServer(program.name);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const complaint = await launch(t, program, found, port);
    if (complaint === undefined) return { port, origin: found.origin };
    // Somebody else was faster.
    if (attempt < 5 && /address already in use/i.test(complaint)) continue;
    throw new Error(`${program.name} did not start:\n${complaint}`);
  }
}

/** How a server is started. */
interface Found {
  readonly command: string;
  readonly libraries: string;
  readonly origin: string;
}

/** By name; looked up once per process. */
const servers = new Map<string, Promise<Found>>();

function findServer(name: string): Promise<Found> {
  const known = servers.get(name);
  if (known !== undefined) return known;
  const script = new URL(`../../../scripts/servers/${name}.mjs`, import.meta.url);
  const found = promisify(execFile)(process.execPath, [fileURLToPath(script)]).then(
    ({ stdout }) => JSON.parse(stdout) as Found,
    (error: { stderr?: string }) => {
      throw new Error(error.stderr?.trim() || String(error));
    },
  );
  servers.set(name, found);
  return found;
}

/** Resolves with nothing, or with what the server said before it gave up. */
async function launch(
  t: Cleanup,
  { name, args, answers }: ServerProgram,
  { command, libraries }: Found,
  port: number,
): Promise<string | undefined> {
  const folder = mkdtempSync(path.join(tmpdir(), `spoor-${name}-`));
  const child = spawn('sh', ['-c', guard, 'sh', command, ...args(port, folder)], {
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
  await until(async () => isOver || (await answers(port)), `${name} does not answer`);
  return isOver ? output : undefined;
}

/** Asks until it is so; throws the complaint after twenty seconds. */
export async function until(isSo: () => Promise<boolean>, complaint: string): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`${complaint} after ${timeoutMs / 1000} s`);
    await wait(10);
  }
}

/** A port of 127.0.0.1 on which nobody listens. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, host, resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
