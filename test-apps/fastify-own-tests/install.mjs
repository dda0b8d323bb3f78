import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../.cache/fastify-own-tests/', import.meta.url));

/**
 * Brings the published package, its tests included, with what they need, into a folder outside of the workspace, where
 * it is found again the next time. Returns the folder of the package.
 *
 * @param major of Fastify: `fastify-MAJOR/` names the versions
 */
export function installFastify(major) {
  const wanted = fileURLToPath(new URL(`fastify-${major}/`, import.meta.url));
  const lock = readFileSync(path.join(wanted, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex').slice(0, 12);
  const folder = path.join(cache, `${major}-${hash}`);
  const fastify = path.join(folder, 'fastify');
  if (existsSync(fastify)) return fastify;

  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(path.join(wanted, file), path.join(folder, file));
  }
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  // Beside node_modules, where its tests are files of an application: Node treats what is inside differently.
  // In two steps: what is there under its name is complete.
  const part = path.join(folder, 'fastify.part');
  cpSync(path.join(folder, 'node_modules/fastify'), part, { recursive: true });
  renameSync(part, fastify);
  return fastify;
}
