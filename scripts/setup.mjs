// Installs and builds what a fresh clone lacks: pnpm, the dependencies, and what the named tasks of turbo.json build.
// node scripts/setup.mjs build [build:test]   (both commands of the README run it first)
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { packageManager, engines } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

refuseOldNode();
const lockHash = createHash('sha256')
  .update(readFileSync(`${root}/pnpm-lock.yaml`))
  .digest('hex');
const stamp = `${root}/node_modules/.spoor-setup`;
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockHash) {
  run('Installing the dependencies', 'pnpm install --frozen-lockfile');
  writeFileSync(stamp, lockHash);
}
run('Building', `pnpm turbo run ${process.argv.slice(2).join(' ')} --output-logs=errors-only`);

/** Runs a pnpm command quietly; what it printed is shown only when it fails. */
function run(title, command) {
  const startedAt = Date.now();
  process.stderr.write(`${title} … `);
  // npm brings pnpm in the version that package.json names, so that nothing has to be installed globally.
  const args = ['exec', '--yes', `--package=${packageManager}`, '-c', command];
  const { status, stdout, stderr, error } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', CI: process.env.CI ?? 'true' },
  });
  if (status === 0) {
    process.stderr.write(`done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
    return;
  }
  process.stderr.write(`failed\n\n${stdout ?? ''}\n${stderr ?? ''}\n${error?.message ?? ''}\n`);
  process.stderr.write(`"${command}" failed; see above.\n`);
  process.exit(status ?? 1);
}

function refuseOldNode() {
  const wanted = /\d+\.\d+/.exec(engines.node)[0];
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  process.stderr.write(`Spoor needs Node ${wanted} or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}
