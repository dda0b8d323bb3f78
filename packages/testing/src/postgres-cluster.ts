import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, cp, lchown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type PostgresPrograms, renameUnlessThere, unprivileged } from './postgres-programs.js';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('../../../.cache/postgres/', import.meta.url));

/** Fills `data` with a fresh cluster. One is made per version and kept, because that takes more than a second. */
export async function copyCluster(programs: PostgresPrograms, data: string): Promise<void> {
  const template = path.join(cache, programs.version);
  if (!existsSync(template)) await makeTemplate(programs, template);
  await cp(template, data, { recursive: true });
  await giveAway(data);
}

async function makeTemplate({ initdb }: PostgresPrograms, template: string): Promise<void> {
  const owner = unprivileged();
  const made = await mkdtemp(path.join(tmpdir(), 'spoor-initdb-'));
  if (owner !== undefined) await chown(made, owner.uid, owner.gid);
  await run(
    initdb,
    [
      ...['--pgdata', made, '--username=postgres', '--auth=trust', '--encoding=UTF8'],
      ...['--no-locale', '--no-sync', '--wal-segsize=1'],
    ],
    { cwd: tmpdir(), ...owner },
  );
  // It may lie on another disk, from where no rename leads here.
  await mkdir(cache, { recursive: true });
  const copy = await mkdtemp(`${template}-`);
  await cp(made, copy, { recursive: true });
  await rm(made, { recursive: true });
  await renameUnlessThere(copy, template);
}

async function giveAway(folder: string): Promise<void> {
  const owner = unprivileged();
  if (owner === undefined) return;
  const entries = await readdir(folder, { recursive: true });
  for (const entry of ['', ...entries]) {
    await lchown(path.join(folder, entry), owner.uid, owner.gid);
  }
}
