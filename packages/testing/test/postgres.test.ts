import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startPostgres } from '@spoor/testing';

if (process.argv[2] === 'serve') {
  const { port } = await startPostgres({ after() {} });
  process.send!(port);
} else {
  test('several PostgreSQL servers start beside each other and end with the test', async (t) => {
    const ends: (() => unknown)[] = [];
    const after = (end: () => unknown): void => void ends.push(end);

    const servers = await Promise.all([startPostgres({ after }), startPostgres({ after })]);

    assert.notEqual(servers[0].port, servers[1].port);
    for (const { port } of servers) assert.equal(await answers(port), true);
    for (const end of ends) await end();
    for (const { port } of servers) assert.equal(await answers(port), false);
    t.diagnostic(servers[0].url);
  });

  test('a PostgreSQL ends also when the process that started it is killed', async () => {
    const child = fork(process.argv[1]!, ['serve']);
    const [port] = (await once(child, 'message')) as [number];

    child.kill('SIGKILL');
    await once(child, 'exit');

    const deadline = Date.now() + 10_000;
    while (await answers(port)) assert.ok(Date.now() < deadline, 'it still runs');
  });
}

/** Whether a server accepts connections and closes none at once. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
