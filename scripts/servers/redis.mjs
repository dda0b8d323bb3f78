// Finds a redis-server for tests and the demo, and prints how to start it as JSON: { command, libraries, origin }.
// node scripts/servers/redis.mjs
// The one on PATH, else Debian's packages, unpacked into .cache/redis without being installed.
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { run, unpackFromDebian } from './debian.mjs';

try {
  process.stdout.write(`${JSON.stringify(onPath() ?? unpacked())}\n`);
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

function unpacked() {
  const packages = ['redis-server', 'redis-tools'];
  return describe(unpackFromDebian('redis', packages, { withLibraries: true, check }));
}

function check(root) {
  const { command, libraries } = describe(root);
  run(command, ['--version'], { env: { ...process.env, LD_LIBRARY_PATH: libraries } });
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
