import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { packAll } from '../pack.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'spoor-packed-'));
after(() => rmSync(folder, { recursive: true }));
const packages = packAll(folder);
assert.ok(packages.length >= 10, 'so many are published');

for (const { content, manifest } of packages) {
  const { name, version, exports } = manifest;

  test(`${name}: what is packed has its README, its licence, what it was built to, and nothing else`, () => {
    const files = readdirSync(content, { recursive: true }).filter((file) =>
      statSync(path.join(content, file)).isFile(),
    );
    const promised = filesOf(exports).map((file) => path.normalize(file));
    const foreign = files.filter(
      (file) => !promised.includes(file) && !/^dist\/[\w-]+\.(mjs|cjs|d\.mts|d\.cts)$/.test(file),
    );
    assert.deepEqual(foreign.sort(), ['LICENSE', 'README.md']);
  });

  test(`${name}: every file that its package.json promises is packed`, () => {
    const promised = [manifest.main, manifest.types, ...filesOf(exports)];
    const missing = promised.filter((file) => !existsSync(path.join(content, file)));
    assert.deepEqual(missing, []);
  });

  test(`${name}: its dependencies are versions, those of ours this one`, () => {
    const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = manifest;
    const all = { ...dependencies, ...peerDependencies, ...optionalDependencies };
    for (const [dependency, range] of Object.entries(all)) {
      if (dependency.startsWith('@spoor/')) assert.equal(range, `^${version}`, dependency);
      else assert.match(range, /^[\^~>=]*\d/, dependency);
    }
  });
}

function filesOf(exports) {
  return typeof exports === 'string' ? [exports] : Object.values(exports).flatMap(filesOf);
}
