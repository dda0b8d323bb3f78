// Unpacks Debian's packages without installing them; root is not needed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the scripts keep what they have downloaded or built. */
export const cache = fileURLToPath(new URL('../../.cache', import.meta.url));

/**
 * Unpacks packages into `.cache/NAME`, and returns that folder. Several may call it at once: each unpacks into a folder of its
 * own, the first to finish gives it its name.
 *
 * @param options `withLibraries`: the libraries too that they need; `check` throws for a folder that is of no use
 */
export function unpackFromDebian(name, packages, { withLibraries = false, check }) {
  const unpacked = path.join(cache, name);
  if (existsSync(unpacked)) return unpacked;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, `${name}-`));
  try {
    const root = path.join(folder, 'root');
    for (const file of download(folder, packages, withLibraries)) {
      run('dpkg-deb', ['-x', path.join(folder, 'packages', file), root]);
    }
    check(root);
    takeName(root, unpacked);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return unpacked;
}

/** Whoever comes second finds it taken, and uses the other's. */
export function takeName(folder, name) {
  try {
    renameSync(folder, name);
  } catch (error) {
    if (!existsSync(name)) throw error;
  }
}

/** What the command has printed; what it complained of, when it fails, is thrown. */
export function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 120_000,
    ...options,
  });
  if (status === 0) return stdout;
  if (error?.code === 'ENOENT') throw new Error(`there is no ${command} here.`);
  throw new Error(`${command} ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
}

function download(folder, packages, withLibraries) {
  const systemsLists = aptOptions(folder);
  try {
    return fetchPackages(folder, packages, withLibraries, systemsLists);
  } catch {
    // A fresh image has no lists of packages, and only root may fetch the system's: these are our own.
    const ownLists = [...systemsLists, '-o', `Dir::State::lists=${folder}/lists`];
    run('apt-get', [...ownLists, 'update']);
    return fetchPackages(folder, packages, withLibraries, ownLists);
  }
}

function fetchPackages(folder, packages, withLibraries, options) {
  const libraries = withLibraries ? librariesOf(packages, options) : [];
  const wanted = [...packages, ...new Set(libraries)];
  run('apt-get', [...options, 'download', ...wanted], { cwd: path.join(folder, 'packages') });
  return readdirSync(path.join(folder, 'packages')).filter((name) => name.endsWith('.deb'));
}

function librariesOf(packages, options) {
  return (
    run('apt-cache', [...options, 'depends', '--important', ...packages])
      .split('\n')
      .map((line) => /^\s*Depends: (lib[\w.+-]+)$/.exec(line)?.[1])
      // A libc that is not the system's own would need its loader too.
      .filter((name) => name !== undefined && name !== 'libc6')
  );
}

/** Everything that apt writes goes into the folder, so that it needs no lock of the system's. */
function aptOptions(folder) {
  for (const name of ['packages', 'lists/partial', 'apt/archives/partial']) {
    mkdirSync(path.join(folder, name), { recursive: true });
  }
  const options = ['-q', '-o', `Dir::Cache=${folder}/apt`, '-o', 'Debug::NoLocking=1'];
  return process.getuid?.() === 0 ? [...options, '-o', 'APT::Sandbox::User=root'] : options;
}
