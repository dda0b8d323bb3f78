// Brings every supported version of Node and prints them as arguments of scripts/test.mjs.
// npm test -- $(node scripts/nodes.mjs)
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const majors = [20, 22, 24, 26];
const cache = fileURLToPath(new URL('../.cache/nodes', import.meta.url));
const platform = process.platform === 'win32' ? 'win' : process.platform;
// What the npm package `node` would fetch in an install script, which npm may be told not to run.
const packageName = `node-${platform}-${process.arch}`;

const thisMajor = Number(process.versions.node.split('.')[0]);
for (const major of majors) {
  process.stdout.write(`--node ${major === thisMajor ? process.execPath : bring(major)} `);
}

function bring(major) {
  const folder = path.join(cache, String(major));
  const binary = path.join(folder, 'node_modules', packageName, 'bin', 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', folder];
  const { status, stderr } = spawnSync('npm', [...args, `${packageName}@${major}`], {
    encoding: 'utf8',
  });
  if (status !== 0 || !existsSync(binary)) {
    process.stderr.write(`Node ${major} could not be installed.\n${stderr}\n`);
    process.exit(1);
  }
  return binary;
}
