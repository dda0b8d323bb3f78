import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startRedis } from '@spoor/testing';

const redis = await startRedis({ after });

for (const [how, ...flags] of [
  ['in processes of their own'],
  ['in worker threads', '--pool=threads'],
  ['in one process and one world', '--no-isolate', '--maxWorkers=1'],
]) {
  test(`in Vitest, files of tests ${how} have each their own spans, and leave nothing open`, async () => {
    const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [vitest, 'run', '--dir', 'specs', '--reporter=json', ...flags],
      {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        env: { PATH: process.env.PATH, REDIS_URL: redis.url },
        timeout: 60_000,
      },
    ).catch(({ stdout, stderr }) => ({ stdout, stderr }));
    const { numPassedTests, success, testResults } = JSON.parse(stdout);
    const failures = testResults.flatMap(({ assertionResults, message }) => [
      message,
      ...assertionResults.flatMap(({ failureMessages }) => failureMessages),
    ]);
    assert.deepEqual(
      { failures: failures.filter((text) => text !== ''), numPassedTests, success, stderr },
      { failures: [], numPassedTests: 4, success: true, stderr: '' },
    );
  });
}
