import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startRedis } from '@spoor/testing';

const redis = await startRedis({ after });

test('in Jest, CommonJS and ES modules, files of tests in one process have each their own spans, and leave nothing open', async () => {
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url)),
    '--runInBand',
    '--detectOpenHandles',
  ];
  const { stderr } = await promisify(execFile)(process.execPath, args, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { PATH: process.env.PATH, REDIS_URL: redis.url },
    timeout: 60_000,
  });
  assert.match(stderr, /\nTests: +5 passed, 5 total\n/);
  assert.doesNotMatch(stderr, /open handle|did not exit|Warning/);
});
