import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { readTap } from './tap.mjs';

const maxFileMs = 120_000;
// Most of the files wait most of the time.
const filesAtOnce = Math.min(3 * availableParallelism(), 16);

/** What is loaded before a test file. */
const preloads = {
  bare: [],
  empty: [`--import=${new URL('with-empty.mjs', import.meta.url)}`],
  spoor: [`--import=${new URL('with-spoor.mjs', import.meta.url)}`],
};

/**
 * Runs test files of Fastify, each in a process of its own. What they print stays in `output-VARIANT/` beside Fastify.
 *
 * @param fastify folder of the package
 * @param nodeArguments what its test files want to be started with
 * @param variant `bare`, `empty` or `spoor`
 * @returns `outcomes`, a Map from `file > test > test` to `passed`, `failed` or `skipped`, and `spanCount`
 */
export async function runFiles({ fastify, nodeArguments }, files, variant) {
  const waiting = [...files];
  const outcomes = new Map();
  let spanCount = 0;
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runFile(
        fastify,
        [...nodeArguments, ...preloads[variant]],
        file,
        variant,
      );
      for (const [name, outcome] of result.outcomes) outcomes.set(`${file} > ${name}`, outcome);
      spanCount += result.spanCount;
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, work));
  return { outcomes, spanCount };
}

async function runFile(fastify, nodeArguments, file, variant) {
  const folder = path.join(fastify, '..', `output-${variant}`);
  mkdirSync(folder, { recursive: true });
  const output = path.join(folder, `${file.replaceAll('/', '-')}.tap`);
  const stdio = ['ignore', openSync(output, 'w'), openSync(`${output}.stderr`, 'w')];
  const code = await new Promise((resolve, reject) => {
    spawn(process.execPath, [...nodeArguments, file], {
      cwd: fastify,
      stdio,
      env: environment(),
      timeout: maxFileMs,
    })
      .on('error', reject)
      .on('exit', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  for (const fd of stdio.slice(1)) closeSync(fd);

  const { outcomes, spanCount } = readTap(readFileSync(output, 'utf8'));
  // A process that fails though all of its tests passed.
  const isExplained = code === 0 || [...outcomes.values()].includes('failed');
  outcomes.set('(process)', isExplained ? 'passed' : 'failed');
  return { outcomes, spanCount };
}

/** Node's runner in a child of itself reports to its parent instead of to us. */
function environment() {
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...rest } = process.env;
  return rest;
}
