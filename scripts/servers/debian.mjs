// Finds a server for tests and the demo: the one on PATH, else Debian's packages, unpacked into .cache without being installed; root is not
// needed. Several may ask for it at once: each unpacks into a folder of its own, the first to finish gives it its name.
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

/** Prints how to start the server as JSON, `{ command, libraries, origin }`, or why there is none. */
export function printServer({ name, program, packages, advice }) {
  const unpacked = path.join(cache, name);
  try {
    const found =
      onPath(program) ?? inCache(program, unpacked) ?? download(program, packages, unpacked);
    process.stdout.write(`${JSON.stringify(found)}\n`);
  } catch (error) {
    process.stderr.write(
      `There is no ${program} on PATH, and Debian's could not be downloaded: ${error.message}\n` +
        `${advice}, and try again.\n`,
    );
    process.exitCode = 1;
  }
}

function onPath(program) {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const command = path.join(folder, program);
    if (folder !== '' && isExecutable(command)) return { command, libraries: '', origin: command };
  }
  return undefined;
}

function inCache(program, unpacked) {
  return existsSync(unpacked) ? describe(program, unpacked) : undefined;
}

function download(program, packages, unpacked) {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(`${unpacked}-`);
  try {
    unpack(folder, downloadPackages(folder, packages));
    const { command, libraries } = describe(program, path.join(folder, 'root'));
    run(command, ['--version'], { env: { ...process.env, LD_LIBRARY_PATH: libraries } });
    takeName(program, path.join(folder, 'root'), unpacked);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return describe(program, unpacked);
}

function downloadPackages(folder, packages) {
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
    // A libc that is not the system's own would need its loader too; what pages load is for browsers.
    .filter((name) => name !== undefined && name !== 'libc6' && !name.startsWith('libjs-'));
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
function takeName(program, root, unpacked) {
  try {
    renameSync(root, unpacked);
  } catch (error) {
    if (!existsSync(describe(program, unpacked).command)) throw error;
  }
}

function describe(program, root) {
  const libraries = ['usr/lib', 'lib']
    .map((folder) => path.join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)))
    .filter((folder) => folder.includes('-linux-'));
  return {
    command: path.join(root, 'usr/bin', program),
    libraries: libraries.join(path.delimiter),
    origin: `Debian's package, in .cache/${path.basename(root)}`,
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
