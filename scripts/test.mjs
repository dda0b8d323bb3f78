// Runs every test against the built packages and ends with the failures, if any, and a line `N passed, N failed`.
// node scripts/test.mjs [--node PATH]… [--heavy] [part of a file name]…
// Files called `*.heavy.test.mjs` take minutes: they run with --heavy, and nothing else does then.
// With several --node, or one that is not this Node, the same built packages run under each: nothing is rebuilt.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { node: { type: 'string', multiple: true }, heavy: { type: 'boolean', default: false } },
});
const nodes = values.node ?? [process.execPath];
const found = testFiles().filter(
  (file) => filters.length === 0 || filters.some((filter) => file.includes(filter)),
);
const isHeavy = (file) => file.includes('.heavy.test.');
const files = found.filter((file) => isHeavy(file) === values.heavy);
const leftOut = found.filter(isHeavy).length;
if (files.length === 0) fail(`No test file matches ${filters.join(', ')}. Is it one for --heavy?`);

const summaries = nodes.map(runUnder);
if (nodes.length > 1) {
  process.stdout.write('\n');
  for (const { version, passed, failed, skipped, seconds } of summaries) {
    process.stdout.write(
      `Node ${version}: ${counts(passed, failed, skipped)} in ${seconds.toFixed(0)} s\n`,
    );
  }
}
for (const { version, failures } of summaries) {
  if (failures.length > 0)
    process.stdout.write(`\nFailed on Node ${version}:\n${failures.join('')}`);
}
const sum = (key) => summaries.reduce((total, summary) => total + summary[key], 0);
if (!values.heavy && leftOut > 0) {
  process.stdout.write(
    `Left out: what takes minutes, ${leftOut} files. Run "npm test -- --heavy".\n`,
  );
}
process.stdout.write(`${counts(sum('passed'), sum('failed'), sum('skipped'))}\n`);
process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;

function runUnder(node) {
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim().slice(1);
  if (!version) fail(`${node} is no Node.`);
  process.stdout.write(`\nTests on Node ${version}\n`);
  const folder = mkdtempSync(path.join(tmpdir(), 'spoor-test-'));
  const summaryFile = path.join(folder, 'summary.json');
  const reporter = pathToFileURL(path.join(root, 'scripts/test-reporter.mjs')).href;
  const startedAt = Date.now();
  const { status } = spawnSync(
    node,
    [
      '--enable-source-maps',
      '--disable-warning=ExperimentalWarning',
      '--test',
      `--test-concurrency=${availableParallelism()}`,
      `--test-reporter=${reporter}`,
      ...files,
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...environmentWithoutTracing(), SPOOR_TEST_SUMMARY: summaryFile },
    },
  );
  const seconds = (Date.now() - startedAt) / 1000;
  const summary = existsSync(summaryFile)
    ? JSON.parse(readFileSync(summaryFile, 'utf8'))
    : { passed: 0, failed: 0, skipped: 0, failures: [] };
  rmSync(folder, { recursive: true });
  // A runner that failed without a failed test (a crash, an uncaught exception) has failed all the same.
  if (status !== 0 && summary.failed === 0) {
    summary.failed = 1;
    summary.failures.push(`\n✗ the runner ended with ${status} although no test failed\n`);
  }
  return { version, seconds, ...summary };
}

/** The tests shall not depend on how the developer's own services are traced. */
function environmentWithoutTracing() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(JAEGER|OTEL|SPOOR)_/.test(name)),
  );
}

function testFiles() {
  const compiled = readdirSync(path.join(root, 'packages')).map(
    (name) => `packages/${name}/dist-test`,
  );
  const apps = readdirSync(path.join(root, 'test-apps')).map((name) => `test-apps/${name}/test`);
  return [...compiled, ...apps]
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => /\.test\.m?js$/.test(file))
    .sort();
}

function counts(passed, failed, skipped) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
