import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type RedisServer, startRedisSentinel } from '@spoor/testing';
import { closing, majors, names, traced } from './support.js';

const sentinel = await startRedisSentinel({ after: (undo) => after(undo) });
const { master, replica } = sentinel;
const options = { sentinels: [sentinel], name: sentinel.name, sentinelRetryStrategy: () => 50 };

for (const { name, Redis } of majors) {
  for (const requireActiveTrace of [true, false]) {
    test(`${name} sentinel: a command before the master is known is one span below its caller, with the master that answered (requireActiveTrace ${requireActiveTrace})`, async (t) => {
      const { reporter, within } = traced(t, { requireActiveTrace });

      const parent = await within(async (span) => {
        const redis = closing(t, new Redis({ ...options, failoverDetector: true }));
        assert.equal(await redis.set('k', '1'), 'OK');
        return span;
      });

      assert.deepEqual(
        reporter.spans.map(({ operationName, parentId, tags }) => [
          operationName,
          parentId,
          tags['peer.hostname'],
          tags['peer.port'],
        ]),
        [['redis:SET', parent.context().toSpanId(), master.host, master.port]],
      );
    });
  }

  test(`${name} sentinel: a replica that is asked for is the peer`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = closing(t, new Redis({ ...options, role: 'slave' }));

    await within(() => redis.get('k'));

    assert.equal(reporter.spans[0]!.tags['peer.port'], replica.port);
  });
}

// The last of the file: there is but one master to lose.
test('sentinel: a command that is under way when the master is lost is one span, with the new master', async (t) => {
  const { reporter, within, finished } = traced(t);
  const clients = majors.map(({ Redis }) =>
    closing(t, new Redis({ ...options, retryStrategy: () => 50, maxRetriesPerRequest: null })).on(
      'error',
      () => {},
    ),
  );
  await Promise.all(clients.map((client) => client.ping()));

  const popped = clients.map((client, i) => within(() => client.blpop(`list ${i}`, 0)));
  await blocked(master);
  await master.command('SHUTDOWN', 'NOSAVE', 'NOW').catch(() => {});
  await blocked(replica);
  for (const i of clients.keys()) await replica.command('RPUSH', `list ${i}`, 'value');

  assert.deepEqual(
    await Promise.all(popped),
    clients.map((_, i) => [`list ${i}`, 'value']),
  );
  await finished(2);
  assert.deepEqual(names(reporter), ['redis:BLPOP', 'redis:BLPOP']);
  assert.deepEqual(
    reporter.spans.map(({ tags }) => [tags['peer.port'], tags.error]),
    [
      [replica.port, undefined],
      [replica.port, undefined],
    ],
  );
});

/** Resolves once the server holds both clients. What becomes a master drops its connections first. */
async function blocked(server: RedisServer): Promise<void> {
  const clients = (): Promise<unknown> => server.command('INFO', 'clients').catch(() => '');
  while (!String(await clients()).includes('blocked_clients:2')) {
    // The answer of the server paces the loop.
  }
}
