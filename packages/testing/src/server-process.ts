import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cleanup } from './listen.js';
import { runServerScript } from './server-script.js';

/** How a server is started. */
interface Program {
  readonly command: string;
  readonly libraries: string;
  readonly origin: string;
}

/** How one of its processes is started, and known to be ready. */
interface ServerStart {
  /** @param folder of this process alone, removed after the test */
  argsFor(folder: string): readonly string[];
  answers(): Promise<boolean>;
}

const host = '127.0.0.1';
const timeoutMs = 20_000;

/**
 * Keeps the server as long as its own standard input is open, and says its process id: a test that is killed takes the server
 * with it. Its output ends when the server does.
 */
const guard = '"$@" & pid=$!; echo "pid $pid"; exec >&- 2>&-; read _; kill -9 $pid';

/** By name; looked up once per process. */
const programs = new Map<string, Promise<Program>>();

function findProgram(name: string): Promise<Program> {
  const known = programs.get(name);
  if (known !== undefined) return known;
  const found = runServerScript<Program>(`${name}.mjs`);
  programs.set(name, found);
  return found;
}

/**
 * Starts a server until the test ends. Resolves once it answers, with where its program is from, or with what it said before
 * it gave up.
 *
 * @param name of the script in `scripts/servers`
 */
export async function launchServer(
  t: Cleanup,
  name: string,
  { argsFor, answers }: ServerStart,
): Promise<{ readonly origin: string } | string> {
  const { command, libraries, origin } = await findProgram(name);
  const folder = mkdtempSync(path.join(tmpdir(), `spoor-${name}-`));
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
  await until(async () => isOver || (await answers()), `${name} does not answer`);
  return isOver ? output : { origin };
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
