import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { activeSpan, type Observer, type RecordedSpan, type Span, Tracer } from '@spoor/core';
import type pg from 'pg';
import { connected, names, newest, pooled, traced, versions } from './support.js';

for (const { name, pg } of versions) {
  test(`${name}: queries that wait for the only connection of a pool are each below their own caller`, async (t) => {
    const { tracer, reporter, finished } = traced(t);
    const pool = pooled(t, pg, { max: 1 });
    // The connection is made by somebody else's request.
    await tracer.withSpan(tracer.startSpan('first'), () => pool.query('SELECT 0'));
    const parents = ['a', 'b', 'c'].map((parent) => tracer.startSpan(parent));

    const seen = await Promise.all(
      parents.map((parent, i) =>
        tracer.withSpan(parent, async () => {
          await pool.query('SELECT $1::int', [i]);
          return activeSpan();
        }),
      ),
    );

    assert.deepEqual(seen, parents);
    await finished(4);
    assert.deepEqual(parentIds(reporter.spans.slice(1)), idsOf(parents));
  });

  test(`${name}: callbacks of queries that wait for a pool run in their callers' spans`, async (t) => {
    const { tracer, finished } = traced(t);
    const pool = pooled(t, pg, { max: 1 });
    await tracer.withSpan(tracer.startSpan('first'), () => pool.query('SELECT 0'));
    const parents = ['a', 'b', 'c'].map((parent) => tracer.startSpan(parent));

    const seen = await Promise.all(
      parents.map(
        (parent) =>
          new Promise((resolve) => {
            tracer.withSpan(parent, () => pool.query('SELECT 1', () => resolve(activeSpan())));
          }),
      ),
    );

    assert.deepEqual(seen, parents);
    await finished(4);
  });

  test(`${name}: a client that was waited for is handed to the callback in the caller's span`, async (t) => {
    const { tracer } = traced(t);
    const pool = pooled(t, pg, { max: 1 });
    const parents = ['a', 'b', 'c'].map((parent) => tracer.startSpan(parent));

    const seen = await Promise.all(
      parents.map(
        (parent) =>
          new Promise((resolve) => {
            tracer.withSpan(parent, () =>
              pool.connect((_error, _client, release) => {
                resolve(activeSpan());
                release();
              }),
            );
          }),
      ),
    );

    assert.deepEqual(seen, parents);
  });
}

test('1000 queries at once through a pool of 3 are each below their own caller', async (t) => {
  const { tracer, reporter, finished } = traced(t);
  const pool = pooled(t, newest, { max: 3 });
  const parents = Array.from({ length: 1000 }, (_, i) => tracer.startSpan(`parent ${i}`));

  await Promise.all(
    parents.map((parent, i) =>
      tracer.withSpan(parent, async () => {
        await immediate();
        if (i % 2 === 0) await pool.query('SELECT $1::int', [i]);
        else
          await new Promise<void>((resolve) => {
            pool.query('SELECT $1::int', [i], () => {
              assert.equal(activeSpan(), parent);
              resolve();
            });
          });
      }),
    ),
  );

  await finished(1000);
  assert.deepEqual(parentIds(reporter.spans).sort(), idsOf(parents).sort());
});

test("a client's callbacks run in the caller's span, also when another request made the connection", async (t) => {
  const { tracer } = traced(t);
  const client = await tracer.withSpan(tracer.startSpan('first'), () => connected(t));
  const parent = tracer.startSpan('second');

  const seen = await new Promise((resolve) => {
    tracer.withSpan(parent, () => client.query('SELECT 1', () => resolve(activeSpan())));
  });

  assert.equal(seen, parent);
});

test('a query that had to wait for a connection says how long, one that had not says nothing', async (t) => {
  const { tracer, reporter, finished } = traced(t);
  const pool = pooled(t, newest, { max: 1 });

  await tracer.withSpan(tracer.startSpan('parent'), async () => {
    await pool.query('SELECT 1');
    await pool.query('SELECT 2');
    await Promise.all([pool.query('SELECT pg_sleep(0.05)'), pool.query('SELECT 3')]);
  });

  await finished(4);
  const waits = reporter.spans.map(({ tags }) => tags['db.pool.wait_time_ms']);
  assert.equal(typeof waits[0], 'number');
  assert.deepEqual(waits.slice(1, 3), [undefined, undefined]);
  assert.ok(Number(waits[3]) >= 45, String(waits[3]));
});

test('an explicit connect of a pool is a span if it had to wait, and none if a client was idle', async (t) => {
  const { tracer, reporter, finished } = traced(t);
  const pool = pooled(t, newest, { max: 1 });
  const parent = tracer.startSpan('parent');

  await tracer.withSpan(parent, async () => {
    const first = await pool.connect();
    await first.query('SELECT 1');
    first.release();
    const second = await pool.connect();
    await second.query('SELECT 2');
    second.release();
  });

  await finished(3);
  assert.deepEqual(names(reporter), ['pg:pool.connect', 'pg:SELECT', 'pg:SELECT']);
  assert.deepEqual(new Set(parentIds(reporter.spans)), new Set([parent.context().toSpanId()]));
});

test('a wait for a client never starts before its caller, wherever the wall clock was set', async (t) => {
  const { tracer, reporter } = traced(t);
  const pool = pooled(t, newest, { max: 1 });
  const parent = tracer.startSpan('parent');
  const { now } = Date;
  t.mock.method(Date, 'now', () => now() - 1000);
  const client = await tracer.withSpan(parent, () => pool.connect());
  client.release();
  parent.finish();

  const [wait, caller] = reporter.spans;
  assert.ok(wait!.startTimeMs >= caller!.startTimeMs, `${wait!.startTimeMs}`);
});

test('a pool that gives no client in time fails the span and the caller alike', async (t) => {
  const { tracer, finished } = traced(t);
  const pool = pooled(t, newest, { max: 1 });
  const held = await pool.connect();
  // From now on: the connection to the server may take its time.
  pool.options.connectionTimeoutMillis = 100;
  const parent = tracer.startSpan('parent');

  await assert.rejects(
    tracer.withSpan(parent, () => pool.connect()),
    { message: 'timeout exceeded when trying to connect' },
  );
  const seen = await new Promise((resolve) => {
    tracer.withSpan(parent, () =>
      pool.query('SELECT 1', (error: Error) => resolve([error.message, activeSpan()])),
    );
  });
  held.release();

  assert.deepEqual(seen, ['timeout exceeded when trying to connect', parent]);
  for (const span of await finished(2)) {
    assert.equal(span.operationName, 'pg:pool.connect');
    assert.equal(span.parentId, parent.context().toSpanId());
    assert.equal(span.tags.error, true);
    assert.ok(span.durationMs >= 90, `the wait of 100 ms took ${span.durationMs} ms`);
  }
});

test('queries that a client sends without waiting for answers are each below their own caller', async (t) => {
  const { tracer, finished } = traced(t);
  const client = await connected(t, newest, { pipeline: true } as pg.ClientConfig);
  const parents = ['a', 'b', 'c'].map((parent) => tracer.startSpan(parent));

  const answers = await Promise.allSettled(
    parents.map((parent, i) =>
      tracer.withSpan(parent, () => client.query('SELECT 2 / $1::int', [i])),
    ),
  );

  assert.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled'],
  );
  const spans = await finished(3);
  assert.deepEqual(parentIds(spans), idsOf(parents));
  assert.deepEqual(
    spans.map(({ tags }) => tags.error),
    [true, undefined, undefined],
  );
});

test('a pool keeps no span alive of the requests that it served', async (t) => {
  const { tracer, finished } = traced(t);
  const pool = pooled(t);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  async function request(): Promise<WeakRef<Span>> {
    const span = tracer.startSpan('request');
    await tracer.withSpan(span, () => pool.query('SELECT 1'));
    span.finish();
    return new WeakRef(span);
  }
  const refs = [await request(), await request()];
  await finished(4);

  const deadline = Date.now() + 5000;
  while (refs.some((ref) => ref.deref() !== undefined)) {
    assert.ok(Date.now() < deadline, 'a span is still there');
    await immediate();
    collect();
  }
});

test('a transaction is the spans of its statements, each named by its verb', async (t) => {
  const { tracer, reporter, finished } = traced(t);
  const client = await connected(t);

  await tracer.withSpan(tracer.startSpan('parent'), async () => {
    await client.query('BEGIN');
    await client.query('create temp table t (a int)');
    await client.query(' /* note */ -- more\n insert into t values (1), (2)');
    await client.query('WITH x AS (SELECT 1) SELECT * FROM x');
    await client.query('(SELECT 1) UNION (SELECT 2)');
    await client.query('commit;');
    await client.query('');
  });

  await finished(7);
  assert.deepEqual(names(reporter), [
    'pg:BEGIN',
    'pg:CREATE',
    'pg:INSERT',
    'pg:WITH',
    'pg:SELECT',
    'pg:COMMIT',
    'pg:query',
  ]);
});

test('notifications make no span and run in no span', async (t) => {
  const { tracer, reporter, finished } = traced(t);
  const listener = await tracer.withSpan(tracer.startSpan('first'), async () => {
    const client = await connected(t);
    await client.query('LISTEN news');
    return client;
  });
  const heard = new Promise((resolve) => {
    listener.on('notification', ({ payload }) => resolve([payload, activeSpan()]));
  });

  const client = await connected(t);
  await tracer.withSpan(tracer.startSpan('second'), () => client.query("NOTIFY news, 'hello'"));

  assert.deepEqual(await heard, ['hello', undefined]);
  await finished(2);
  assert.deepEqual(names(reporter), ['pg:LISTEN', 'pg:NOTIFY']);
});

test('without an active span there is no span, unless that is asked for', async (t) => {
  const first = traced(t);
  const pool = pooled(t);
  await pool.query('SELECT 1');
  assert.deepEqual(names(first.reporter), []);

  const second = traced(t, { requireActiveTrace: false });
  const seen = await new Promise((resolve) => {
    void pool.query('SELECT 1', () => resolve(activeSpan()));
  });

  assert.equal(seen, undefined);
  const [span] = await second.finished(1);
  assert.equal(span!.parentId, '');
});

test('for a trace that is not sampled nothing is built, and callbacks run in its span', async (t) => {
  const fail = (): never => {
    throw new Error('it was built');
  };
  const calls: string[] = [];
  const { tracer, reporter } = traced(
    t,
    {
      statement: () => `${calls.push('statement')}`,
      onQuery: () => void calls.push('onQuery'),
      onResult: fail,
      sqlcommenter: true,
    },
    false,
  );
  const pool = pooled(t);
  const parent: Span = tracer.startSpan('parent');

  const { rows } = await tracer.withSpan(parent, () =>
    pool.query({ text: 'SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()' }),
  );
  const seen = await new Promise((resolve) => {
    tracer.withSpan(parent, () => pool.query('SELECT 1', () => resolve(activeSpan())));
  });

  assert.doesNotMatch(rows[0].query, /traceparent/);
  assert.equal(seen, parent);
  assert.deepEqual(calls, []);
  assert.deepEqual(reporter.spans, []);
});

test('an observer is told of queries that are not sampled, to their end', async (t) => {
  const told: unknown[] = [];
  const observer: Observer = {
    onStartSpan: (_span, operationName, { tags }) => ({
      onSetTag(key, value) {
        if (key === 'db.rows' || key === 'error') told.push([operationName, key, value]);
      },
      onFinish: () => void told.push(`${operationName} ${tags?.['span.kind']} finished`),
    }),
  };
  const tracer = new Tracer('unsampled', { observers: [observer] });
  traced(t, { tracer });
  const client = await connected(t);

  await tracer.withSpan(tracer.startSpan('parent'), async () => {
    await client.query('SELECT 1');
    await assert.rejects(client.query('SELECT nonsense'));
  });

  assert.deepEqual(told, [
    ['pg:SELECT', 'db.rows', 1],
    'pg:SELECT client finished',
    ['pg:SELECT', 'error', true],
    'pg:SELECT client finished',
  ]);
});

function parentIds(spans: readonly RecordedSpan[]): string[] {
  return spans.map(({ parentId }) => parentId);
}

function idsOf(spans: readonly ReturnType<Tracer['startSpan']>[]): string[] {
  return spans.map((span) => span.context().toSpanId());
}
