import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Observer, Tracer } from '@spoor/core';
import { install, uninstall } from '@spoor/ioredis';
import { connected, majors, record, sharedRedis, traced } from './support.js';

const { port } = await sharedRedis();

for (const { name, Redis } of majors) {
  test(`${name}: callbacks and continuations run in the span of their caller`, async (t) => {
    const { tracer, within } = traced(t);
    const redis = await connected(t, Redis, { port });
    const cold = new Redis({ port, lazyConnect: true });
    const colder = new Redis({ port, lazyConnect: true });
    t.after(() => cold.disconnect());
    t.after(() => colder.disconnect());
    type Ask = (done: () => void) => unknown;
    const ways: Record<string, Ask> = {
      command: (done) => redis.get('k', done),
      'failing command': (done) => redis.call('nonsense', done),
      'offline queue': (done) => cold.get('k', done),
      pipeline: (done) => redis.pipeline().get('k').exec(done),
      'command of a pipeline': (done) => redis.pipeline().get('k', done).exec(),
      transaction: (done) => redis.multi().get('k').exec(done),
      promise: (done) => redis.get('k').then(done),
      'connect()': (done) => colder.connect(done),
    };

    for (const [way, ask] of Object.entries(ways)) {
      const isRight = await within(
        (span) => new Promise((resolve) => ask(() => resolve(tracer.activeSpan() === span))),
      );
      assert.equal(isRight, true, way);
    }
  });

  test(`${name}: 1,000 commands at a time below different spans each keep their own`, async (t) => {
    const { within, finished } = traced(t);
    const clients = await Promise.all([
      connected(t, Redis, { port }),
      connected(t, Redis, { port, enableAutoPipelining: true }),
    ]);
    const expected = new Map<string, string>();

    await Promise.all(
      Array.from({ length: 1000 }, (_, i) =>
        within(async (span) => {
          expected.set(`GET many:${i}`, span.context().toSpanId());
          await wait(Math.random() * 20);
          await clients[i % 2]!.get(`many:${i}`);
        }),
      ),
    );

    const found = (await finished(1000)).map(
      ({ tags, parentId }) => [String(tags['db.statement']), parentId] as const,
    );
    assert.deepEqual(new Map(found), expected);
  });

  test(`${name}: without an active span there is no span, unless it is wanted`, async (t) => {
    const { reporter } = traced(t);
    const redis = await connected(t, Redis, { port });

    await redis.get('k');
    await redis.pipeline().get('k').exec();
    assert.deepEqual(reporter.spans, []);

    install({ requireActiveTrace: false });
    await redis.get('k');
    await redis.pipeline().get('k').exec();
    assert.deepEqual(
      reporter.spans.map(({ operationName, parentId }) => [operationName, parentId]),
      [
        ['redis:GET', ''],
        ['redis:PIPELINE', ''],
      ],
    );
  });

  test(`${name}: below a span that is not sampled nothing is described or called`, async (t) => {
    const { reporter, within } = record(false);
    const calls: string[] = [];
    install({
      statement: () => String(calls.push('statement')),
      onCommand: () => void calls.push('onCommand'),
      onResponse: () => void calls.push('onResponse'),
      pipelineCommands: true,
    });
    t.after(uninstall);
    const redis = await connected(t, Redis, { port });

    await within(async () => {
      await redis.get('k');
      await redis.pipeline().get('k').exec();
    });

    assert.deepEqual(calls, []);
    assert.deepEqual(reporter.spans, []);
  });

  test(`${name}: an observer is told of commands that are not sampled, to their end`, async (t) => {
    const told: unknown[] = [];
    const observer: Observer = {
      onStartSpan: (_span, operationName) => ({
        onSetTag(key, value) {
          if (key === 'db.statement') told.push([operationName, value]);
        },
        onFinish: () => void told.push(`${operationName} finished`),
      }),
    };
    const tracer = new Tracer('unsampled', { observers: [observer] });
    install({ tracer });
    t.after(uninstall);
    const redis = await connected(t, Redis, { port });

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      await redis.get('k');
      await redis.pipeline().get('k').exec();
    });

    assert.deepEqual(told, [
      ['redis:GET', 'GET k'],
      'redis:GET finished',
      ['redis:PIPELINE', 'GET'],
      'redis:PIPELINE finished',
    ]);
  });
}
