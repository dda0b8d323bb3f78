import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, type TestContext, test } from 'node:test';
import { traceRedis } from '@spoor/ioredis';
import { startRedisCluster } from '@spoor/testing';
import type { Cluster } from 'ioredis';
import { majors, names, record, traced } from './support.js';

const { nodes } = await startRedisCluster({ after: (undo) => after(undo) });
const ports = nodes.map(({ port }) => port);

for (const { name, Redis } of majors) {
  const start = (t: TestContext, options: object = {}): Cluster => {
    const cluster = new Redis.Cluster([{ port: ports[0]!, host: '127.0.0.1' }], options as never);
    t.after(() => cluster.disconnect());
    return cluster;
  };

  test(`${name} cluster: a command before the slots are known is one span below its caller, with the node that answered`, async (t) => {
    const { reporter, within } = traced(t);

    const parent = await within(async (span) => {
      assert.equal(await start(t).set('foo', '1'), 'OK');
      return span;
    });

    assert.deepEqual(names(reporter), ['redis:SET']);
    assert.equal(reporter.spans[0]!.parentId, parent.context().toSpanId());
    // Slot 12182 of `foo` is the third node's.
    assert.equal(reporter.spans[0]!.tags['peer.port'], ports[2]);
  });

  test(`${name} cluster: a command that is redirected is one span, with the last node`, async (t) => {
    const { reporter, within } = traced(t);
    const cluster = start(t);
    await cluster.set('foo', '1');
    misdirect(cluster, 12182);
    const refreshed = once(cluster, 'refresh');

    assert.equal(await within(() => cluster.get('foo')), '1');
    // The cluster asks which slots are whose, which is none of the caller's commands.
    await refreshed;

    assert.deepEqual(
      reporter.spans.map(({ operationName, tags }) => [
        operationName,
        tags['peer.port'],
        tags['db.redis.redirects'],
        tags.error,
      ]),
      [['redis:GET', ports[2], 1, undefined]],
    );
  });

  for (const pipelineCommands of [false, true]) {
    test(`${name} cluster: a pipeline that is redirected has each span once (pipelineCommands ${pipelineCommands})`, async (t) => {
      const { reporter, within } = traced(t, { pipelineCommands });
      const cluster = start(t);
      await cluster.set('foo', '1');
      misdirect(cluster, 12182);
      const refreshed = once(cluster, 'refresh');

      const results = await within(() => cluster.pipeline().get('foo').get('foo').exec());
      await refreshed;

      assert.deepEqual(results, [
        [null, '1'],
        [null, '1'],
      ]);
      assert.deepEqual(
        names(reporter),
        pipelineCommands ? ['redis:GET', 'redis:GET', 'redis:PIPELINE'] : ['redis:PIPELINE'],
      );
      for (const { tags } of reporter.spans) {
        assert.deepEqual(
          [tags.error, tags['peer.port'], tags['db.redis.redirects']],
          [undefined, ports[2], 1],
        );
      }
    });
  }

  for (const isPipelined of [false, true]) {
    const what = isPipelined ? 'a pipeline' : 'a command';
    test(`${name} cluster: ${what} that is to ask the node to which its slot moves is one span, with that node`, async (t) => {
      const { reporter, within } = traced(t);
      const cluster = start(t);
      await cluster.del('{foo}moving');
      await beginMove(t);

      const got = await within(() =>
        isPipelined
          ? cluster.pipeline().get('{foo}moving').exec()
          : cluster.get('{foo}moving').then((value) => [[null, value]]),
      );

      assert.deepEqual(got, [[null, null]]);
      assert.deepEqual(
        reporter.spans.map(({ operationName, tags }) => [
          operationName,
          tags['peer.port'],
          tags['db.redis.redirects'],
          tags.error,
        ]),
        [[isPipelined ? 'redis:PIPELINE' : 'redis:GET', ports[0], 1, undefined]],
      );
    });
  }

  test(`${name} cluster: a command that is to be tried again is one span, until it has its answer`, async (t) => {
    const { reporter, within } = traced(t);
    const cluster = start(t, { retryDelayOnTryAgain: 10 });
    await cluster.set('{foo}here', '1');
    await cluster.del('{foo}not here');
    const endMove = await beginMove(t);
    const before = await refusals();

    const got = within(() => cluster.mget('{foo}here', '{foo}not here'));
    while ((await refusals()) < before + 2) {
      // The answer of the server paces the loop.
    }
    assert.deepEqual(names(reporter), []);
    await endMove();

    assert.deepEqual(await got, ['1', null]);
    assert.deepEqual(
      reporter.spans.map(({ operationName, tags }) => [
        operationName,
        tags['peer.port'],
        tags.error,
      ]),
      [['redis:MGET', ports[2], undefined]],
    );
  });

  test(`${name} cluster: pipelined automatically before the slots are known, each command is below its own caller`, async (t) => {
    const { within, finished } = traced(t);
    const cluster = start(t, { enableAutoPipelining: true, lazyConnect: true });
    const parents: string[] = [];

    await Promise.all(
      ['foo', 'bar', 'baz'].map((key) =>
        within((span) => {
          parents.push(`GET ${key} ${span.context().toSpanId()}`);
          return cluster.get(key);
        }),
      ),
    );

    const spans = await finished(3);
    assert.deepEqual(
      spans.map(({ tags, parentId }) => `${tags['db.statement']} ${parentId}`).sort(),
      parents.sort(),
    );
  });

  test(`${name} cluster: a choice of nodes that throws is an error, and thrown as ever`, async (t) => {
    const { reporter, within } = traced(t);
    const error = new Error('no node will do');
    const cluster = start(t, {
      scaleReads() {
        throw error;
      },
    });
    await cluster.set('foo', '1');

    await assert.rejects(
      within(async () => cluster.get('foo')),
      error,
    );

    assert.deepEqual(
      reporter.spans.map(({ operationName, tags }) => [operationName, tags.error]),
      [['redis:GET', true]],
    );
  });

  test(`${name} cluster: a transaction is one span below its caller`, async (t) => {
    const { reporter, within } = traced(t);
    const cluster = start(t);

    const parent = await within(async (span) => {
      await cluster.multi().set('foo', 2).get('foo').exec();
      return span;
    });

    assert.deepEqual(names(reporter), ['redis:MULTI']);
    assert.equal(reporter.spans[0]!.parentId, parent.context().toSpanId());
    assert.equal(reporter.spans[0]!.tags['peer.port'], ports[2]);
  });

  test(`${name} cluster: traceRedis traces one cluster and says which node it was`, async (t) => {
    const { reporter, within } = record();
    const cluster = traceRedis(start(t));

    await within(async () => {
      await cluster.get('foo');
      await cluster.pipeline().get('foo').exec();
    });

    assert.deepEqual(
      reporter.spans.map(({ operationName, tags }) => [operationName, tags['peer.port']]),
      [
        ['redis:GET', ports[2]],
        ['redis:PIPELINE', ports[2]],
      ],
    );
  });
}

/** Lets the client believe that a slot is another node's, as after a move. */
function misdirect(cluster: Cluster, slot: number): void {
  const inside = cluster as never as {
    slots: string[][];
    _groupsBySlot: number[];
    _groupsIds: Record<string, number>;
  };
  inside.slots[slot] = [`127.0.0.1:${ports[0]}`];
  inside._groupsBySlot[slot] = inside._groupsIds[`127.0.0.1:${ports[0]}`]!;
}

/** Begins to move the slot of `foo` from the third node to the first; it ends with the test, where it began. */
async function beginMove(t: TestContext): Promise<() => Promise<void>> {
  const [to, , from] = nodes;
  const [toId, fromId] = [
    await to!.command('CLUSTER', 'MYID'),
    await from!.command('CLUSTER', 'MYID'),
  ];
  await to!.command('CLUSTER', 'SETSLOT', 12182, 'IMPORTING', String(fromId));
  await from!.command('CLUSTER', 'SETSLOT', 12182, 'MIGRATING', String(toId));
  const end = async (): Promise<void> => {
    for (const node of [from, to]) await node!.command('CLUSTER', 'SETSLOT', 12182, 'STABLE');
  };
  t.after(end);
  return end;
}

/** How often the third node has said TRYAGAIN. */
async function refusals(): Promise<number> {
  const stats = String(await nodes[2]!.command('INFO', 'errorstats'));
  return Number(/TRYAGAIN:count=(\d+)/.exec(stats)?.[1] ?? 0);
}
