import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, majors, names, sharedRedis, traced } from './support.js';

const { port } = await sharedRedis();

for (const { name, Redis } of majors) {
  test(`${name}: a pipeline is one span with its size and the names of its commands`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    const parent = await within(async (span) => {
      const results = await redis.pipeline().set('a', 'secret').get('a').get('b').exec();
      assert.deepEqual(results, [
        [null, 'OK'],
        [null, 'secret'],
        [null, null],
      ]);
      return span;
    });

    assert.equal(reporter.spans.length, 1);
    const [span] = reporter.spans;
    assert.equal(span!.parentId, parent.context().toSpanId());
    assert.deepEqual(
      [span!.operationName, span!.tags],
      [
        'redis:PIPELINE',
        {
          'db.redis.batch_size': 3,
          'span.kind': 'client',
          component: 'ioredis',
          'peer.service': 'redis',
          'db.type': 'redis',
          'db.instance': '0',
          'db.statement': 'SET GET',
          'peer.hostname': 'localhost',
          'peer.port': port,
        },
      ],
    );
  });

  test(`${name}: a pipeline in which a command failed is an error, and resolves all the same`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    const results = await within(() => redis.pipeline().set('text', 'x').incr('text').exec());

    assert.equal(results?.[1]?.[0]?.name, 'ReplyError');
    assert.deepEqual(
      reporter.spans.map(({ tags, logs }) => [tags.error, logs.length]),
      [[true, 1]],
    );
  });

  test(`${name}: a transaction is one span; its MULTI and EXEC are not counted`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    await within(async () => {
      assert.deepEqual(await redis.multi().set('a', 1).get('a').exec(), [
        [null, 'OK'],
        [null, '1'],
      ]);
      await new Promise<void>((resolve) =>
        redis.multi([['get', 'a']]).exec((error, results) => {
          assert.deepEqual([error, results], [null, [[null, '1']]]);
          resolve();
        }),
      );
      // The second exec sends what the first has completed.
      const mixed = redis.pipeline([['multi'], ['get', 'a']]);
      await (mixed.exec() as never as typeof mixed).exec();
    });

    assert.deepEqual(
      reporter.spans.map(({ operationName, tags }) => [
        operationName,
        tags['db.redis.batch_size'],
        tags['db.statement'],
      ]),
      [
        ['redis:MULTI', 2, 'SET GET'],
        ['redis:MULTI', 1, 'GET'],
        ['redis:PIPELINE', 3, 'MULTI GET EXEC'],
      ],
    );
  });

  test(`${name}: a transaction that is refused is an error; the same rejection is passed on`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    const error = await within(() =>
      redis
        .multi()
        .call('set', 'a')
        .exec()
        .catch((thrown: Error) => thrown),
    );

    assert.match((error as Error).message, /^EXECABORT/);
    assert.equal((error as { previousErrors?: unknown[] }).previousErrors?.length, 1);
    assert.equal(reporter.spans[0]!.tags.error, true);
    assert.match(String(reporter.spans[0]!.logs[0]?.fields.message), /^EXECABORT/);
  });

  test(`${name}: a transaction whose watched key has changed is aborted, which is no error`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });
    const other = await connected(t, Redis, { port });

    const results = await within(async () => {
      await redis.watch('watched');
      await other.set('watched', 'changed');
      return redis.multi().get('watched').exec();
    });

    assert.equal(results, null);
    assert.deepEqual(names(reporter), ['redis:WATCH', 'redis:SET', 'redis:MULTI']);
    assert.equal(reporter.spans[2]!.tags['db.redis.aborted'], true);
    assert.equal(reporter.spans[2]!.tags.error, undefined);
  });

  test(`${name}: with pipelineCommands each command is a span below that of the batch`, async (t) => {
    const { reporter, within } = traced(t, { pipelineCommands: true, ignore: ['ping'] });
    const redis = await connected(t, Redis, { port });

    await within(async () => {
      await redis.pipeline().set('text', 'x').incr('text').ping().exec();
      await redis.multi().get('text').exec();
    });

    const idOf = (i: number): string => reporter.spans[i]!.context.toSpanId();
    assert.deepEqual(
      reporter.spans.map(({ operationName, parentId, tags }) => [
        operationName,
        parentId === idOf(2) || parentId === idOf(4),
        tags['db.statement'],
        tags.error,
      ]),
      [
        ['redis:SET', true, 'SET text ?', undefined],
        ['redis:INCR', true, 'INCR text', true],
        ['redis:PIPELINE', false, 'SET INCR PING', true],
        ['redis:GET', true, 'GET text', undefined],
        ['redis:MULTI', false, 'GET', undefined],
      ],
    );
  });

  test(`${name}: an empty pipeline sends nothing and has no span`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    assert.deepEqual(await within(() => redis.pipeline().exec()), []);

    assert.deepEqual(reporter.spans, []);
  });

  test(`${name}: pipelined automatically, each command is a span below its own caller`, async (t) => {
    const { within, finished } = traced(t);
    const redis = await connected(t, Redis, { port, enableAutoPipelining: true });
    redis.defineCommand('autoEcho', { numberOfKeys: 1, lua: 'return KEYS[1]' });
    const parents: string[] = [];

    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        within((span) => {
          parents.push(`AUTO${i} ${span.context().toSpanId()}`);
          return i % 2 === 0
            ? redis.echo(`AUTO${i}`)
            : (redis as never as { autoEcho(key: string): Promise<string> }).autoEcho(`AUTO${i}`);
        }),
      ),
    );

    const spans = await finished(20);
    assert.deepEqual(
      replies,
      parents.map((parent) => parent.split(' ')[0]),
    );
    assert.deepEqual(
      spans.map(({ parentId }) => parentId).sort(),
      parents.map((parent) => parent.split(' ')[1]).sort(),
    );
    for (const { tags, parentId } of spans) {
      const key = /AUTO\d+/.exec(String(tags['db.statement']))?.[0];
      if (key !== undefined) assert.ok(parents.includes(`${key} ${parentId}`));
    }
  });

  test(`${name}: pipelined automatically, callbacks and errors are each caller's own`, async (t) => {
    const { tracer, reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port, enableAutoPipelining: true });
    await redis.set('text', 'x');
    reporter.clear();

    const ask = (command: 'get' | 'incr'): Promise<boolean> =>
      within(
        (span) =>
          new Promise((resolve) =>
            redis[command]('text', () => resolve(tracer.activeSpan() === span)),
          ),
      );
    assert.deepEqual(await Promise.all([ask('get'), ask('incr'), ask('get')]), [true, true, true]);

    assert.deepEqual(
      reporter.spans.map(({ operationName, tags }) => [operationName, tags.error]),
      [
        ['redis:GET', undefined],
        ['redis:INCR', true],
        ['redis:GET', undefined],
      ],
    );
  });
}
