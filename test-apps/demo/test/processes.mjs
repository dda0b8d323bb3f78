import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs a script without a terminal and resolves with its exit code and all that it printed. */
export function run(file, env = {}, onOutput = () => {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], { env: { ...process.env, ...env } });
    let output = '';
    const read = (chunk) => {
      output += chunk;
      onOutput(child, output);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/**
 * Who has ended has left the port. It may have been given to somebody else since, but not for long; who was left behind
 * stays.
 */
export async function assertPortLeft(port) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await assertPortFree(port);
    } catch (error) {
      if (attempt === 100) throw error;
    }
    await sleep(50);
  }
}

/** Nobody listens there now. */
export async function assertPortFree(port) {
  const server = createServer();
  await assert.doesNotReject(
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    }),
  );
  await new Promise((resolve) => server.close(resolve));
}

/** The first of some ports beside each other that nobody listens on, and nobody is given who asks for any. */
export async function freePorts(count) {
  for (;;) {
    const first = 12_000 + Math.floor(Math.random() * 15_000);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const checks = await Promise.allSettled(ports.map(assertPortFree));
    if (checks.every(({ status }) => status === 'fulfilled')) return first;
  }
}
