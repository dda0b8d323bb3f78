// Finds a redis-server for tests and the demo, and prints how to start it as JSON: { command, libraries, origin }.
// node scripts/servers/redis.mjs
// The one on PATH, else Debian's packages, unpacked into .cache/redis without being installed; root is not needed. Several
// may call it at once: each unpacks into a folder of its own, the first to finish gives it its name.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../.cache', import.meta.url));
const unpacked = path.join(cache, 'redis');

try {
  const found = onPath() ?? inCache() ?? download();
  process.stdout.write(`${JSON.stringify(found)}\n`);
} catch (error) {
  process.stderr.write(
    `There is no redis-server on PATH, and Debian's could not be downloaded: ${error.message}\n` +
      'Install Redis 7 or newer (apt-get install redis-server, brew install redis), and try again.\n',
  );
  process.exitCode = 1;
}

function onPath() {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const command = path.join(folder, 'redis-server');
    if (folder !== '' && isExecutable(command)) return { command, libraries: '', origin: command };
  }
  return undefined;
}

function inCache() {
  return existsSync(unpacked) ? describe(unpacked) : undefined;
}

function download() {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'redis-'));
  try {
    unpack(folder, downloadPackages(folder));
    const { command, libraries } = describe(path.join(folder, 'root'));
    run(command, ['--version'], { env: { ...process.env, LD_LIBRARY_PATH: libraries } });
    takeName(path.join(folder, 'root'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return describe(unpacked);
}

function downloadPackages(folder) {
  const packages = ['redis-server', 'redis-tools'];
  const systemsLists = aptOptions(folder);
  try {
    return fetchPackages(folder, packages, systemsLists);
  } catch {
    // A fresh image has no lists of packages, and only root may fetch the system's: these are our own.
    const ownLists = [...systemsLists, '-o', `Dir::State::lists=${folder}/lists`];
    run('apt-get', [...ownLists, 'update']);
    return fetchPackages(folder, packages, ownLists);
  }
}

function fetchPackages(folder, packages, options) {
  const libraries = run('apt-cache', [...options, 'depends', '--important', ...packages])
    .split('\n')
    .map((line) => /^\s*Depends: (lib[\w.+-]+)$/.exec(line)?.[1])
    // A libc that is not the system's own would need its loader too.
    .filter((name) => name !== undefined && name !== 'libc6');
  const wanted = [...packages, ...new Set(libraries)];
  run('apt-get', [...options, 'download', ...wanted], { cwd: path.join(folder, 'packages') });
  return readdirSync(path.join(folder, 'packages')).filter((name) => name.endsWith('.deb'));
}

/** Everything that apt writes goes into the folder, so that it needs no lock of the system's. */
function aptOptions(folder) {
  for (const name of ['packages', 'lists/partial', 'apt/archives/partial']) {
    mkdirSync(path.join(folder, name), { recursive: true });
  }
  const options = ['-q', '-o', `Dir::Cache=${folder}/apt`, '-o', 'Debug::NoLocking=1'];
  return process.getuid?.() === 0 ? [...options, '-o', 'APT::Sandbox::User=root'] : options;
}

function unpack(folder, packages) {
  for (const name of packages) {
    run('dpkg-deb', ['-x', path.join(folder, 'packages', name), path.join(folder, 'root')]);
  }
}

/** Whoever comes second finds it taken, and uses the other's. */
function takeName(root) {
  try {
    renameSync(root, unpacked);
  } catch (error) {
    if (!existsSync(path.join(unpacked, 'usr/bin/redis-server'))) throw error;
  }
}

function describe(root) {
  const libraries = ['usr/lib', 'lib']
    .map((folder) => path.join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)))
    .filter((folder) => folder.includes('-linux-'));
  return {
    command: path.join(root, 'usr/bin/redis-server'),
    libraries: libraries.join(path.delimiter),
    origin: "Debian's package, in .cache/redis",
  };
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 120_000,
    ...options,
  });
  if (status === 0) return stdout;
  if (error?.code === 'ENOENT') throw new Error(`there is no ${command} here.`);
  throw new Error(`${command} ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
}
