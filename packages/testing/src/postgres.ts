import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Cleanup } from './listen.js';
import { copyCluster } from './postgres-cluster.js';
import { findPostgres, type PostgresPrograms, unprivileged } from './postgres-programs.js';
import { freePort } from './server-process.js';

/** Where a PostgreSQL listens, and as whom to connect. There is no password. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly url: string;
  /** Where its programs are from, for people: `/usr/lib/postgresql/17/bin`. */
  readonly origin: string;
}

/** Options of {@link startPostgres}. */
export interface PostgresOptions {
  /**
   * `npm` for the same version everywhere; `installed` for the one of this machine. Each is taken where the other is not to be
   * had. @default 'npm'
   */
  prefer?: 'npm' | 'installed' | undefined;
}

/** Waits for its standard input to end, which it does however the test ends, also when it is killed; then cleans up. */
const supervise = `
data=$1; shift
"$@" &
exec 2>&-
read -r _
kill -QUIT $! 2>&-
wait $!
rm -rf "$data"
`;

/**
 * Starts a real PostgreSQL on a free port of this machine, with an empty database, until the test ends. For a whole file:
 * `await startPostgres({ after })` with the `after` of `node:test`.
 */
export async function startPostgres(
  t: Cleanup,
  options: PostgresOptions = {},
): Promise<PostgresServer> {
  const programs = await findPostgres(options.prefer ?? 'npm');
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(t, programs);
    } catch (error) {
      // Somebody else took the port in the moment between.
      const isTaken = String(error).includes('could not bind');
      if (!isTaken || attempt === 5) throw error;
    }
  }
}

async function startOnce(t: Cleanup, programs: PostgresPrograms): Promise<PostgresServer> {
  const data = await mkdtemp(path.join(tmpdir(), 'spoor-postgres-'));
  const owner = unprivileged();
  if (owner !== undefined) await chown(data, owner.uid, owner.gid);
  await chmod(data, 0o700);
  await copyCluster(programs, data);
  const port = await freePort();
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '16MB',
  };
  const supervisor = spawn(
    'sh',
    [
      ...['-c', supervise, 'sh', data, programs.postgres, '-D', data],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    // In a session of its own: who interrupts the tests shall not interrupt the cleaning up.
    { cwd: tmpdir(), detached: true, stdio: ['pipe', 'ignore', 'pipe'], ...owner },
  );
  const exited = once(supervisor, 'exit');
  t.after(async () => {
    supervisor.stdin.end();
    await exited;
  });
  await untilReady(supervisor.stderr);
  const [host, user, database] = ['127.0.0.1', 'postgres', 'postgres'];
  const url = `postgresql://${user}@${host}:${port}/${database}`;
  return { host, port, user, database, url, origin: programs.origin };
}

async function untilReady(stderr: NodeJS.ReadableStream): Promise<void> {
  const said: string[] = [];
  const lines = createInterface({ input: stderr });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      said.push(line);
      if (line.includes('ready to accept connections')) resolve();
      // Nobody reads on, but a full pipe would stop the server.
      if (said.length > 50) said.shift();
    });
    lines.on('close', () => reject(new Error(`PostgreSQL did not start:\n${said.join('\n')}`)));
  });
}
