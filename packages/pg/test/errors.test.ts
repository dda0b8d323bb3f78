import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { activeSpan, type RecordedSpan } from '@spoor/core';
import type pg from 'pg';
import { connected, names, newest, pooled, serverConfig, traced, versions } from './support.js';

for (const { name, pg } of versions) {
  test(`${name}: an error of the server is on the span without its values, and is passed on as it is`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg);
    await client.query('CREATE TEMP TABLE users (email text PRIMARY KEY)');
    const insert = () => client.query("INSERT INTO users VALUES ('secret@example.com')");
    await insert();

    const error = await tracer.withSpan(tracer.startSpan('parent'), () =>
      insert().catch((e: unknown) => e),
    );

    assert.ok(error instanceof Error);
    assert.match(String((error as pg.DatabaseError).detail), /secret@example\.com/);
    const [span] = await finished(1);
    assert.equal(span!.tags.error, true);
    assert.equal(span!.tags['error.type'], '23505');
    const { stack, ...log } = span!.logs[0]!.fields;
    assert.deepEqual(log, {
      event: 'error',
      'error.kind': 'DatabaseError',
      message: 'duplicate key value violates unique constraint … (23505)',
    });
    assert.match(String(stack), /^ {4}at /);
    assert.doesNotMatch(JSON.stringify(span), /secret/);
  });

  test(`${name}: no value, however it gets into an error, gets into the span`, async (t) => {
    const { tracer, reporter, finished } = traced(t);
    const client = await connected(t, pg);
    const failing: readonly [string, unknown[]?][] = [
      ["SELECT 'secret'::int"],
      ["SELECT '{secret'::json"],
      ['SELECT $1::int', ['secret']],
      ["SELECT 'sec\"ret secret'::date"],
      ['SELECT 4242424242424242::int'],
      ["SELECT secret'"],
      ['SELECT "secret"'],
      ['secret'],
      ["DO $$ BEGIN RAISE EXCEPTION 'secret'; END $$"],
      ["DO $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '22000'; END $$"],
      ["SELECT 'secret' AS a, 1 / 0"],
    ];

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      for (const [text, values] of failing) {
        await assert.rejects(client.query(text, values as never), text);
      }
    });

    await finished(failing.length);
    for (const { operationName, tags, logs } of reporter.spans) {
      const { 'db.statement': statement, ...others } = tags;
      assert.doesNotMatch(
        JSON.stringify([operationName, others, logs]),
        /secret|4242/i,
        String(statement),
      );
      assert.doesNotMatch(String(statement), /4242|'/);
    }
    assert.deepEqual(names(reporter)[7], 'pg:query');
  });

  test(`${name}: an error by callback is on the span, and the callback runs in the caller's span`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg);
    const parent = tracer.startSpan('parent');

    const seen = await new Promise((resolve) => {
      tracer.withSpan(parent, () =>
        client.query('SELECT 1/0', (error: Error) => resolve([error.message, activeSpan()])),
      );
    });

    assert.deepEqual(seen, ['division by zero', parent]);
    const [span] = await finished(1);
    assert.equal(span!.tags['error.type'], '22012');
  });

  test(`${name}: a query that pg gives up after query_timeout is an error, once`, async (t) => {
    const { tracer, reporter, finished } = traced(t);
    const [client, holder] = [await connected(t, pg), await connected(t, pg)];
    await holder.query('SELECT pg_advisory_lock(1)');
    // The option of the client, for this query alone.
    const options = (client as unknown as { connectionParameters: pg.ClientConfig })
      .connectionParameters;
    options.query_timeout = 30;

    const locked = tracer.withSpan(tracer.startSpan('parent'), () =>
      client.query('SELECT pg_advisory_lock(1)'),
    );
    options.query_timeout = 0;
    await assert.rejects(locked, { message: 'Query read timeout' });
    await holder.query('SELECT pg_advisory_unlock(1)');
    // Behind the late answer to the first one.
    await client.query('SELECT 1');

    const [span] = await finished(1);
    assert.equal(span!.logs[0]!.fields.message, 'Query read timeout');
    assert.equal(reporter.spans.length, 1);
  });

  test(`${name}: a query that the server cancels after statement_timeout says so`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg, { statement_timeout: 30 });

    await tracer.withSpan(tracer.startSpan('parent'), () =>
      assert.rejects(client.query('SELECT pg_sleep(5)'), { code: '57014' }),
    );

    const [span] = await finished(1);
    assert.equal(span!.tags['error.type'], '57014');
    assert.equal(
      span!.logs[0]!.fields.message,
      'canceling statement due to statement timeout (57014)',
    );
  });

  test(`${name}: queries that are queued when the client ends fail, each span with it`, async (t) => {
    const { tracer, reporter, finished } = traced(t);
    const client = await connected(t, pg);

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      const queries = [client.query('SELECT pg_sleep(5)'), client.query('SELECT 2')];
      const settled = Promise.allSettled(queries);
      await client.end();
      assert.deepEqual(
        (await settled).map(({ status }) => status),
        ['rejected', 'rejected'],
      );
      await assert.rejects(client.query('SELECT 3'), {
        message: 'Client was closed and is not queryable',
      });
    });

    await finished(3);
    assert.deepEqual(reporter.spans.map(messageOf), [
      'Connection terminated',
      'Connection terminated',
      'Client was closed and is not queryable',
    ]);
  });

  test(`${name}: a connection that the server ends fails the query that is under way`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg);

    await tracer.withSpan(tracer.startSpan('parent'), () =>
      assert.rejects(client.query('SELECT pg_terminate_backend(pg_backend_pid())'), {
        code: '57P01',
      }),
    );

    const [span] = await finished(1);
    assert.equal(span!.tags['error.type'], '57P01');
  });

  test(`${name}: a refused connection fails the caller in the caller's span, and has a span on request`, async (t) => {
    const { tracer, finished } = traced(t, { connectSpans: true });
    const port = await closedPort();
    const config = { ...serverConfig(), port, password: 'secret' };
    const parent = tracer.startSpan('parent');

    await tracer.withSpan(parent, () =>
      assert.rejects(new pg.Client(config).connect(), { code: 'ECONNREFUSED' }),
    );
    const seen = await new Promise((resolve) => {
      tracer.withSpan(parent, () => new pg.Client(config).connect(() => resolve(activeSpan())));
    });

    assert.equal(seen, parent);
    const spans = await finished(2);
    for (const span of spans) {
      assert.equal(span.operationName, 'pg:connect');
      assert.equal(span.parentId, parent.context().toSpanId());
      assert.equal(span.tags['error.type'], 'ECONNREFUSED');
      assert.doesNotMatch(JSON.stringify(span), /secret/);
    }
  });
}

test('a pool that cannot connect has a span of its own with no part of the connection string', async (t) => {
  const { tracer, finished } = traced(t);
  const port = await closedPort();
  const pool = new newest.Pool({ connectionString: `postgresql://me:secret@127.0.0.1:${port}/db` });

  await tracer.withSpan(tracer.startSpan('parent'), async () => {
    await assert.rejects(pool.connect(), { code: 'ECONNREFUSED' });
    await assert.rejects(pool.query('SELECT 1'), { code: 'ECONNREFUSED' });
  });
  await pool.end();

  for (const span of await finished(2)) {
    assert.equal(span.operationName, 'pg:pool.connect');
    assert.equal(span.tags['error.type'], 'ECONNREFUSED');
    assert.doesNotMatch(JSON.stringify(span), /secret/);
  }
});

test('a rejection that nobody handles stays one, and a handled one stays handled', async (t) => {
  const { tracer, finished } = traced(t);
  const client = await connected(t);
  const pool = pooled(t);
  const unhandled: unknown[] = [];
  const note = (reason: Error): void => void unhandled.push(reason.message);
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  t.after(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });

  await tracer.withSpan(tracer.startSpan('parent'), async () => {
    void client.query('SELECT 1/0');
    void client.query('SELECT 2/0').catch(() => {});
    void pool.query('SELECT 3/0');
    await assert.rejects(pool.query('SELECT 4/0'));
    await client.query('SELECT 5');
  });
  await finished(5);
  await new Promise((resolve) => setImmediate(resolve));

  assert.deepEqual(unhandled, ['division by zero', 'division by zero']);
});

test('the stack of an error leads back to the caller, as without Spoor', async (t) => {
  const { tracer } = traced(t);
  const client = await connected(t);

  const error = await tracer.withSpan(tracer.startSpan('parent'), async function theCaller() {
    try {
      return await client.query('SELECT 1/0');
    } catch (caught) {
      return caught;
    }
  });

  assert.match(String((error as Error).stack), /theCaller/);
});

test('an error that a callback throws reaches the process as without Spoor', async (t) => {
  const { tracer, finished } = traced(t);
  const client = await connected(t);
  const caught = new Promise((resolve) => process.once('uncaughtException', resolve));
  const listeners = process.listeners('uncaughtException').slice(0, -1);
  for (const listener of listeners) process.off('uncaughtException', listener);
  t.after(() => {
    for (const listener of listeners) process.on('uncaughtException', listener);
  });
  const failure = new Error('of the application');

  tracer.withSpan(tracer.startSpan('parent'), () =>
    client.query('SELECT 1', () => {
      throw failure;
    }),
  );

  assert.equal(await caught, failure);
  const [span] = await finished(1);
  assert.equal(span!.tags.error, undefined);
});

test('a pool that ends after its queries leaves no listener of ours behind', async (t) => {
  const counts = async (): Promise<unknown> => {
    const pool = new newest.Pool(serverConfig());
    const client = await pool.connect();
    await client.query('SELECT 1');
    const seen = [pool, client, (client as unknown as { connection: pg.Client }).connection].map(
      (emitter) =>
        emitter.eventNames().map((event) => [String(event), emitter.listenerCount(event as 'end')]),
    );
    client.release();
    await pool.end();
    return seen;
  };
  const without = await counts();
  const { tracer, finished } = traced(t);

  const withSpoor = await tracer.withSpan(tracer.startSpan('parent'), counts);

  assert.deepEqual(withSpoor, without);
  await finished(2);
});

function messageOf({ logs }: RecordedSpan): unknown {
  return logs[0]?.fields.message;
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
