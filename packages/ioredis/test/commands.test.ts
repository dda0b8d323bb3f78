import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connected, majors, names, sharedRedis, traced } from './support.js';

const server = await sharedRedis();
const { port, host } = server;

for (const { name, Redis } of majors) {
  test(`${name}: a command is a client span below the active one, with where it went and what it was`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port, host, db: 2 });

    const parent = await within(async (span) => {
      assert.equal(await redis.set('user:7', 'secret', 'EX', 60), 'OK');
      return span;
    });

    assert.equal(reporter.spans.length, 1);
    const [{ operationName, parentId, tags, logs }] = reporter.spans as never as [never];
    assert.deepEqual(
      { operationName, parentId, tags, logs },
      {
        operationName: 'redis:SET',
        parentId: parent.context().toSpanId(),
        tags: {
          'span.kind': 'client',
          component: 'ioredis',
          'peer.service': 'redis',
          'peer.hostname': '127.0.0.1',
          'peer.port': port,
          'db.type': 'redis',
          'db.instance': '2',
          'db.statement': 'SET user:7 ? ? ?',
        },
        logs: [],
      },
    );
  });

  test(`${name}: an error reply marks the span, and is passed on as it is`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });
    await redis.set('text', 'no number');

    const error = await within(() => redis.incr('text').catch((thrown: unknown) => thrown));

    assert.ok(error instanceof Error);
    assert.equal(error.name, 'ReplyError');
    assert.deepEqual((error as { command?: unknown }).command, { name: 'incr', args: ['text'] });
    const [span] = reporter.spans;
    assert.equal(span!.tags.error, true);
    assert.equal(span!.logs[0]?.fields['error.kind'], 'ReplyError');
    assert.equal(span!.logs[0]?.fields.message, 'ERR value is not an integer or out of range');
  });

  test(`${name}: an error that repeats the arguments is logged without them`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    const error = await within(() =>
      redis.call('nonsense', 'hunter2').catch((thrown: Error) => thrown),
    );

    assert.match((error as Error).message, /hunter2/);
    const [span] = reporter.spans;
    assert.equal(span!.operationName, 'redis:NONSENSE');
    assert.equal(span!.tags['db.statement'], 'NONSENSE');
    assert.match(String(span!.logs[0]?.fields.message), /^ERR unknown command/);
    assert.doesNotMatch(JSON.stringify(span!.logs), /hunter2/);
  });

  test(`${name}: callbacks, call(), Buffers, transactions without a pipeline and key prefixes are traced like promises`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port, keyPrefix: 'app:' });

    await within(async () => {
      await new Promise<void>((resolve, reject) =>
        redis.set('k', 'v', (error, reply) => {
          if (error) reject(error);
          else resolve(assert.equal(reply, 'OK'));
        }),
      );
      assert.equal(await redis.call('GET', 'k'), 'v');
      assert.deepEqual(await redis.getBuffer(Buffer.from('k')), Buffer.from('v'));
      await redis.multi({ pipeline: false });
      assert.equal(await redis.get('k'), 'QUEUED');
      assert.deepEqual(await redis.exec(), [[null, 'v']]);
    });

    assert.deepEqual(
      reporter.spans.map(({ operationName, tags }) => [operationName, tags['db.statement']]),
      [
        ['redis:SET', 'SET app:k ?'],
        ['redis:GET', 'GET app:k'],
        ['redis:GET', 'GET app:k'],
        ['redis:MULTI', 'MULTI'],
        ['redis:GET', 'GET app:k'],
        ['redis:EXEC', 'EXEC'],
      ],
    );
  });

  test(`${name}: a command of defineCommand is EVALSHA; that the server did not know the script is no error`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });
    redis.defineCommand('echoKey', { numberOfKeys: 1, lua: `return {KEYS[1],ARGV[1]} --${name}` });
    const echoKey = (): Promise<unknown> =>
      (redis as never as { echoKey(...args: string[]): Promise<unknown> }).echoKey('k', 'secret');

    assert.deepEqual(await within(echoKey), ['k', 'secret']);
    await server.command('SCRIPT', 'FLUSH');
    const parent = await within(async (span) => {
      assert.deepEqual(await echoKey(), ['k', 'secret']);
      return span;
    });

    assert.deepEqual(names(reporter), ['redis:EVALSHA', 'redis:EVALSHA', 'redis:EVALSHA']);
    assert.deepEqual(
      reporter.spans.map(({ tags }) => [tags.error, tags['db.redis.noscript']]),
      [
        [undefined, undefined],
        [undefined, true],
        [undefined, undefined],
      ],
    );
    assert.equal(reporter.spans[2]!.parentId, parent.context().toSpanId());
    assert.match(String(reporter.spans[0]!.tags['db.statement']), /^EVALSHA [0-9a-f]{40} 1 k \?$/);
  });

  test(`${name}: EVALSHA of an unknown script by hand is an error`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    await assert.rejects(within(() => redis.evalsha('0'.repeat(40), 0)));

    assert.equal(reporter.spans[0]!.tags.error, true);
  });

  test(`${name}: a blocking command says so, and is left out on request`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });
    const all = (): Promise<unknown> =>
      within(async () => {
        await redis.blpop('nothing', 0.05);
        await redis.xread('BLOCK', 10, 'STREAMS', 'nothing', '$');
        await redis.xread('STREAMS', 'nothing', '0');
      });

    await all();
    assert.deepEqual(
      reporter.spans.map(({ tags }) => [tags['db.statement'], tags['redis.blocking']]),
      [
        ['BLPOP nothing ?', true],
        ['XREAD ? ? ? nothing ?', true],
        ['XREAD ? nothing ?', undefined],
      ],
    );

    const { reporter: next, within: again } = traced(t, { blocking: 'ignore' });
    await again(async () => {
      await redis.blpop('nothing', 0.05);
      await redis.get('k');
    });
    assert.deepEqual(names(next), ['redis:GET']);
  });

  test(`${name}: each page of a scan is a span below the one in which it was asked for`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port, db: 5 });
    await redis.mset(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`scan:${i}`, i])));

    const parent = await within(async (span) => {
      const found = new Set<string>();
      for await (const page of redis.scanStream({ match: 'scan:*', count: 10 })) {
        for (const key of page) found.add(key);
      }
      assert.equal(found.size, 50);
      return span;
    });

    assert.ok(reporter.spans.length > 1);
    for (const span of reporter.spans) {
      assert.equal(span.operationName, 'redis:SCAN');
      assert.equal(span.parentId, parent.context().toSpanId());
    }
  });

  test(`${name}: a duplicate is traced like the client`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });
    const copy = redis.duplicate();
    t.after(() => copy.disconnect());

    await within(() => copy.get('k'));

    assert.deepEqual(names(reporter), ['redis:GET']);
  });

  test(`${name}: an argument that has no text is an error, thrown as without the patch`, async (t) => {
    const redis = await connected(t, Redis, { port });
    // The library throws, and leaves the promise that nobody has got.
    const unhandled = listenForUnhandled(t);
    const broken = {
      toString() {
        throw new Error('no text');
      },
    };
    const send = () => {
      assert.throws(() => redis.set('k', broken as never), TypeError);
    };
    send();
    const { reporter, within } = traced(t);

    within(send);

    await redis.ping();
    assert.deepEqual(unhandled.map(String), ['Error: no text', 'Error: no text']);
    assert.deepEqual(
      reporter.spans.map(({ operationName, tags }) => [operationName, tags.error]),
      [['redis:SET', true]],
    );
  });

  test(`${name}: an error of a transformer is passed on, whatever its message is`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });
    const error = Object.defineProperty(new Error(), 'message', { value: { code: 1 } });
    const { Command } = Redis as unknown as typeof import('ioredis');
    Command.setReplyTransformer('getdel', () => {
      throw error;
    });
    t.after(() => Command.setReplyTransformer('getdel', (reply) => reply));

    await assert.rejects(
      within(() => redis.getdel('k')),
      (thrown) => thrown === error,
    );

    assert.equal(reporter.spans[0]!.tags.error, true);
  });

  test(`${name}: a key that is called like an option does not make a command a blocking one`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    await within(() => redis.xread('STREAMS', 'block', '0'));

    assert.equal(reporter.spans[0]!.tags['redis.blocking'], undefined);
  });

  test(`${name}: a rejection that nobody handles stays one, and one that is handled makes no other`, async (t) => {
    const { within } = traced(t);
    const redis = await connected(t, Redis, { port });
    await redis.set('text', 'no number');
    const unhandled = listenForUnhandled(t);

    await within(() => redis.incr('text').catch(() => {}));
    await within(() => new Promise((resolve) => redis.incr('text', resolve)));
    await within(() => redis.pipeline().incr('text').exec());
    await redis.ping();
    assert.equal(unhandled.length, 0);

    within(() => redis.incr('text'));
    await redis.ping();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(unhandled.length, 1);
  });
}

/** The rejections that nobody handles, which else would end the process. */
function listenForUnhandled(t: TestContext): readonly unknown[] {
  const unhandled: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  t.after(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });
  return unhandled;
}
