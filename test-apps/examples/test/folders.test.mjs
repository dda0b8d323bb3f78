import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { examplesFolder } from '../example.mjs';

const index = read('README.md');
const examples = readdirSync(examplesFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

for (const name of examples) {
  const manifest = JSON.parse(read(name, 'package.json'));
  const dependencies = { ...manifest.dependencies, ...manifest.devDependencies };

  test(`${name}: it is in the list of examples, and its README names its command`, () => {
    assert.ok(index.includes(`](${name})`), 'examples/README.md has no row for it');
    assert.match(read(name, 'README.md'), /^npm install && npm start\b/m);
    assert.ok(manifest.scripts.start, 'package.json has no script "start"');
  });

  test(`${name}: it declares each package that it names, in versions that npm knows`, () => {
    const undeclared = packagesNamed(name, manifest).filter((used) => !(used in dependencies));
    assert.deepEqual(undeclared, []);
    for (const range of Object.values(dependencies)) assert.match(range, /^\^\d/);
  });
}

test('migrate-from-jaeger-client: between the first step and the service before it lies one import', () => {
  const before = read('migrate-from-jaeger-client', 'src/before.js');
  const between = read('migrate-from-jaeger-client', 'src/between.js');
  assert.equal(between, before.replace("require('jaeger-client')", "require('@spoor/core')"));
  assert.notEqual(between, before);
});

/** What its source imports or requires, and its scripts preload. */
function packagesNamed(name, { scripts }) {
  const code = readdirSync(path.join(examplesFolder, name, 'src'), { recursive: true })
    .filter((file) => /\.[cm]?[jt]s$/.test(file))
    .map((file) => read(name, 'src', file))
    .join('\n');
  const commands = Object.values(scripts).join('\n');
  const specifiers = [
    ...code.matchAll(/\b(?:from |import |import\(|require\()'([^.'][^']*)'/g),
    ...commands.matchAll(/--(?:import|require) (\S+)/g),
  ].map(([, specifier]) => specifier);
  return specifiers
    .filter((specifier) => !isBuiltin(specifier))
    .map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)[0]);
}

function read(...parts) {
  return readFileSync(path.join(examplesFolder, ...parts), 'utf8');
}
