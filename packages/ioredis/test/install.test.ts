import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { uninstallAllPatches } from '@spoor/instrumentation';
import { install, traceRedis, uninstall } from '@spoor/ioredis';
import { connected, majors, names, record, sharedRedis, traced } from './support.js';

const { port } = await sharedRedis();

for (const { name, Redis } of majors) {
  const methods = ['sendCommand', 'connect', 'pipeline', 'multi'] as const;

  test(`${name}: a client that was made before the installation is traced`, async (t) => {
    const redis = await connected(t, Redis, { port });
    const { reporter, within } = traced(t);

    await within(() => redis.get('k'));

    assert.deepEqual(names(reporter), ['redis:GET']);
  });

  test(`${name}: installed twice a command has one span; uninstalled the library is what it was; it can be installed again`, async (t) => {
    const { reporter, within } = record();
    const redis = await connected(t, Redis, { port });
    const before = methods.map((method) => Redis.prototype[method]);

    install();
    install();
    install({ module: Redis });
    assert.deepEqual(
      methods.map((method) => [Redis.prototype[method].name, Redis.prototype[method].length]),
      before.map((method) => [method.name, method.length]),
    );
    await within(() => redis.get('k'));
    assert.equal(reporter.spans.length, 1);

    uninstall();
    assert.deepEqual(
      methods.map((method) => Redis.prototype[method]),
      before,
    );
    await within(() => redis.get('k'));
    await within(() => redis.pipeline().get('k').exec());
    assert.equal(reporter.spans.length, 1);

    install();
    t.after(uninstallAllPatches);
    await within(() => redis.get('k'));
    assert.equal(reporter.spans.length, 2);
  });

  test(`${name}: a command under way finishes its span when the patch is taken away`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    await within(() => {
      const reply = redis.get('k');
      uninstall();
      return reply;
    });

    assert.equal(reporter.spans.length, 1);
  });

  test(`${name}: required or imported it is the same library, traced once`, async (t) => {
    const { reporter, within } = traced(t);
    const required = createRequire(import.meta.url)(
      name === 'ioredis 6' ? 'ioredis' : 'ioredis-5',
    ) as typeof Redis;
    assert.equal(required, Redis);
    const redis = await connected(t, required, { port });

    await within(() => redis.get('k'));

    assert.equal(reporter.spans.length, 1);
  });

  test(`${name}: traceRedis traces one client alone, before what is installed, and once`, async (t) => {
    const { reporter, within } = record();
    const redis = await connected(t, Redis, { port });
    const other = await connected(t, Redis, { port });
    const ask = (): Promise<unknown> =>
      within(() => Promise.all([redis.get('k'), redis.pipeline().get('k').exec(), other.get('k')]));

    assert.equal(traceRedis(redis), redis);
    traceRedis(redis, { ignore: ['pipeline'] });
    await ask();
    assert.deepEqual(names(reporter), ['redis:GET']);

    install();
    t.after(uninstall);
    await ask();
    assert.deepEqual(names(reporter), ['redis:GET', 'redis:GET', 'redis:GET']);
  });

  test(`${name}: of two copies of the package only one traces a command`, async (t) => {
    const { reporter, within } = traced(t);
    const require = createRequire(import.meta.url);
    delete require.cache[require.resolve('@spoor/ioredis')];
    const copy = require('@spoor/ioredis') as typeof import('@spoor/ioredis');
    assert.notEqual(copy.install, install);
    copy.install();
    const redis = await connected(t, Redis, { port });
    copy.traceRedis(redis);

    await within(() => Promise.all([redis.get('k'), redis.pipeline().get('k').exec()]));

    assert.deepEqual(names(reporter), ['redis:GET', 'redis:PIPELINE']);
  });

  test(`${name}: ignored commands have no span, by name or by function; one that throws is logged`, async (t) => {
    const { reporter, within } = traced(t, { ignore: ['PING', 'multi'] });
    const redis = await connected(t, Redis, { port });
    const all = (): Promise<unknown> =>
      within(async () => {
        await redis.ping();
        await redis.multi().get('k').exec();
        await redis.get('k');
      });

    await all();
    assert.deepEqual(names(reporter), ['redis:GET']);

    install({ ignore: (command, args) => command === 'get' && args[0] === 'k' });
    await all();
    assert.deepEqual(names(reporter).slice(1), ['redis:PING', 'redis:MULTI']);

    install({
      ignore: () => {
        throw new Error('broken');
      },
    });
    await within(() => redis.get('k'));
    assert.deepEqual(names(reporter).slice(3), ['redis:GET']);
  });

  test(`${name}: the serializer writes the statement and hooks see command and reply; what they throw harms nothing`, async (t) => {
    const { reporter, within } = traced(t, {
      statement: (command, args) => `${command}/${args.length}`,
      onCommand: (span, command) => void span.setTag('command', command.name),
      onResponse: (span, _, reply) => void span.setTag('reply', JSON.stringify(reply)),
    });
    const redis = await connected(t, Redis, { port });
    await redis.hset('hash', 'field', 'value');

    assert.deepEqual(await within(() => redis.hgetall('hash')), { field: 'value' });
    const { tags } = reporter.spans[0]!;
    assert.deepEqual(
      [tags['db.statement'], tags.command, tags.reply],
      ['hgetall/1', 'hgetall', '{"field":"value"}'],
    );

    const fail = (): never => {
      throw new Error('broken');
    };
    install({ statement: fail, onCommand: fail, onResponse: fail });
    assert.equal(await within(() => redis.hget('hash', 'field')), 'value');
    assert.equal(reporter.spans[1]!.tags['db.statement'], undefined);
    assert.equal(reporter.spans[1]!.tags.error, undefined);
  });

  test(`${name}: a statement shows names of keys alone, in at most 256 bytes`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    await within(async () => {
      await redis.mset({ a: 'secret', b: 'secret' });
      await redis.eval('return ARGV[1]', 2, 'k1', 'k2', 'secret');
      await redis.echo('secret');
      await redis.mset(
        Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`ключ:${i}`, 's'])),
      );
      await redis.call('eval', 'return 1', 'secret').catch(() => {});
      await redis.call('no such\ncommand').catch(() => {});
    });

    const statements = reporter.spans.map(({ tags }) => String(tags['db.statement']));
    assert.deepEqual(statements.slice(0, 3), ['MSET a ? b ?', 'EVAL ? 2 k1 k2 ?', 'ECHO ?']);
    assert.match(statements[3]!, /^MSET ключ:0 \? .*…$/);
    assert.ok(Buffer.byteLength(statements[3]!) <= 256);
    assert.doesNotMatch(statements.join(), /secret/);
    assert.equal(reporter.spans[5]!.operationName, 'redis:_OTHER');
  });
}

test('a pipeline that lacks what is to be wrapped is made as ever', async (t) => {
  t.mock.method(console, 'error', () => {});
  const { Redis } = majors[0]!;
  const { pipeline } = Redis.prototype;
  t.after(() => {
    Redis.prototype.pipeline = pipeline;
  });
  Redis.prototype.pipeline = function withoutExec(this: typeof Redis.prototype) {
    return Object.assign(pipeline.call(this), { exec: undefined });
  } as never;
  traced(t);
  const redis = await connected(t, Redis, { port });

  assert.equal(redis.pipeline().get('k').length, 1);
});

test('options that cannot be meant are refused, with the one that was meant', () => {
  assert.throws(() => install({ requireActiveTraces: true } as object), {
    name: 'SpoorError',
    message:
      'install.requireActiveTraces: unknown option. Did you mean install.requireActiveTrace?',
  });
  assert.throws(() => install({ ignore: 'get' as never }), /install.ignore: expected a list/);
  assert.throws(() => install({ blocking: false as never }), /install.blocking: expected true or/);
  assert.throws(() => install({ statement: 1 as never }), /install.statement: expected a function/);
  assert.throws(() => install({ tracer: {} as never }), /install.tracer: expected a tracer/);
  assert.throws(() => install({ pipelineCommands: 1 as never }), /expected true or false/);
  assert.throws(() => traceRedis({}), /traceRedis: expected a client of ioredis/);
});
