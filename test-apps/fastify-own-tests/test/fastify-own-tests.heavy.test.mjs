import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { differences, withoutFlaky } from '../compare.mjs';
import { expectedDifferences } from '../expected-differences.mjs';
import { installFastify } from '../install.mjs';
import { runFiles } from '../run.mjs';

/** Compares generated code with what ESLint makes of it, and starts no server. */
const leftOut = 'test/build/error-serializer.test.js';

const expected = Object.keys(expectedDifferences).sort();

const versions = [
  { major: 5, nodeArguments: ['--test-reporter=tap'], leastTests: 2400, leastSpans: 1800 },
  { major: 4, nodeArguments: ['--allow-natives-syntax'], leastTests: 2000, leastSpans: 1500 },
];

for (const { major, nodeArguments, leastTests, leastSpans } of versions) {
  test(`Fastify ${major}: its own tests pass with the plugin in every instance as they pass without`, async () => {
    const project = { fastify: installFastify(major), nodeArguments };
    const files = testFiles(project.fastify);

    const bare = await runFiles(project, files, 'bare');
    const spoor = await runFiles(project, files, 'spoor');

    const differing = differences(bare.outcomes, spoor.outcomes);
    const unexpected = differing.filter((name) => !expected.includes(name));
    const real = await withoutFlaky(project, unexpected, bare.outcomes);
    console.log(`  Fastify ${major} without the plugin: ${describe(bare)}`);
    console.log(`  Fastify ${major} with the plugin: ${describe(spoor)}, ${spoor.spanCount} spans`);
    for (const name of unexpected) {
      if (!real.includes(name)) console.log(`  flaky: ${name}`);
    }
    assert.deepEqual(real, [], `see output-bare and output-spoor beside ${project.fastify}`);
    const outdated = expected.filter((name) => !differing.includes(name));
    assert.deepEqual(outdated, [], 'these are expected to differ, and do not');
    assert.ok(count(bare, 'passed') >= leastTests, describe(bare));
    assert.ok(spoor.spanCount >= leastSpans, `${spoor.spanCount} spans`);
  });

  test(`Fastify ${major}: its tests that fail with the plugin fail with an empty plugin too`, async () => {
    const project = { fastify: installFastify(major), nodeArguments };
    const files = [...new Set(expected.map((name) => name.split(' > ')[0]))];

    const { outcomes } = await runFiles(project, files, 'empty');

    const passing = expected.filter((name) => outcomes.get(name) !== 'failed');
    assert.deepEqual(passing, [], 'an empty plugin does not explain these');
  });
}

function testFiles(fastify) {
  return readdirSync(path.join(fastify, 'test'), { recursive: true })
    .map((file) => `test/${file.replaceAll(path.sep, '/')}`)
    .filter((file) => /\.test\.m?js$/.test(file) && file !== leftOut)
    .sort();
}

function describe(run) {
  return ['passed', 'failed', 'skipped']
    .map((outcome) => `${count(run, outcome)} ${outcome}`)
    .join(', ');
}

function count({ outcomes }, wanted) {
  const tests = [...outcomes].filter(([name]) => !name.endsWith(' > (process)'));
  return tests.filter(([, outcome]) => outcome === wanted).length;
}
