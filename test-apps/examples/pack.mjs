import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/**
 * Packs every package that is published, as it is published: by pnpm, which puts versions in the place of `workspace:`.
 * Returns, for each, the tarball, its content unpacked into a folder, and its package.json.
 */
export function packAll(folder) {
  const tarballs = path.join(folder, 'tarballs');
  const command = `pnpm --recursive --filter "./packages/*" pack --pack-destination "${tarballs}"`;
  const args = ['exec', '--yes', `--package=${packageManager}`, '-c', command];
  execFileSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return readdirSync(tarballs)
    .map((name) => unpack(path.join(tarballs, name), path.join(folder, path.parse(name).name)))
    .filter(({ manifest }) => !manifest.private);
}

function unpack(tarball, folder) {
  mkdirSync(folder);
  execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  const content = path.join(folder, 'package');
  const manifest = JSON.parse(readFileSync(path.join(content, 'package.json'), 'utf8'));
  return { tarball, content, manifest };
}
