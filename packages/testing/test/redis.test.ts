import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import {
  localhostCertificate,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
} from '@spoor/testing';

test('a Redis of a test answers, keeps nothing on disk, and takes further arguments', async (t) => {
  const redis = await startRedis(t, { args: ['--databases', '3'] });

  assert.equal(await redis.command('SET', 'key', 'välue'), 'OK');
  assert.equal(await redis.command('GET', 'key'), 'välue');
  assert.equal(await redis.command('GET', 'missing'), null);
  assert.deepEqual(await redis.command('CONFIG', 'GET', 'databases'), ['databases', '3']);
  assert.deepEqual(await redis.command('CONFIG', 'GET', 'save'), ['save', '']);
  await assert.rejects(redis.command('NONSENSE'), /unknown command/);
});

test('a cluster of a test has all its slots, and redirects', async (t) => {
  const { nodes } = await startRedisCluster(t);

  const answers = await Promise.allSettled(nodes.map((node) => node.command('SET', 'key', '1')));

  assert.deepEqual(answers.map(({ status }) => status).sort(), [
    'fulfilled',
    'rejected',
    'rejected',
  ]);
});

test('a Redis of a test listens with TLS on request', async (t) => {
  const { host, tlsPort } = await startRedis(t, { tls: true });

  const socket = connectTls({ host, port: tlsPort!, ca: localhostCertificate.cert });
  t.after(() => socket.destroy());
  socket.write('PING\r\n');

  assert.equal(String((await once(socket, 'data'))[0]), '+PONG\r\n');
});

test('a sentinel of a test knows its master, and makes the replica the master when that is gone', async (t) => {
  const { host, command, name, master, replica } = await startRedisSentinel(t);
  const known = () => command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name);
  assert.deepEqual(await known(), [host, String(master.port)]);

  await master.command('SHUTDOWN', 'NOSAVE', 'NOW').catch(() => {});

  const promoted = [host, String(replica.port)];
  let found: unknown;
  while (!isDeepStrictEqual(found, promoted)) {
    // The answer of the sentinel paces the loop.
    found = await known();
  }
});

test('a Redis does not outlive a test process that is killed', async () => {
  const code = `
    import { startRedis } from '@spoor/testing';
    const { port } = await startRedis({ after() {} });
    console.log(port);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  });
  const [output] = await once(child.stdout, 'data');
  const port = Number(output);
  child.kill('SIGKILL');

  while (await isListening(port)) await new Promise((resolve) => setTimeout(resolve, 20));
});

async function isListening(port: number): Promise<boolean> {
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
