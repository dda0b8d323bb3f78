import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { SpanContext } from '@spoor/core';
import { install, type PgOptions, tracePg, uninstall } from '@spoor/pg';
import {
  Cursor,
  connected,
  names,
  newest,
  pooled,
  QueryStream,
  traced,
  versions,
} from './support.js';

interface Row {
  readonly sent: string;
}

const whoAmI = 'SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()';

test('an unknown option is refused with the nearest, and so is a value that cannot be meant', (t) => {
  t.after(uninstall);
  const refused: readonly [object, RegExp][] = [
    [
      { requireActiveTraces: true },
      /install\.requireActiveTraces: unknown option.*requireActiveTrace\?/,
    ],
    [{ tracer: {} }, /install\.tracer: expected a tracer/],
    [{ sqlcommenter: 'yes' }, /install\.sqlcommenter: expected true or false/],
    [{ statement: 'raw' }, /install\.statement: expected 'sanitised', 'none' or a function/],
    [{ onQuery: 1 }, /install\.onQuery: expected a function/],
  ];
  for (const [options, message] of refused) {
    assert.throws(() => install(options as PgOptions), { code: 'SPOOR_CONFIG', message });
  }
  assert.throws(() => tracePg({}), /tracePg: expected a client or a pool of pg/);
  assert.throws(
    () => tracePg({}, { statment: 'none' } as PgOptions),
    /tracePg\.statment.*statement\?/,
  );
});

test('the statement is left out on request, or is what a function makes of it', async (t) => {
  const { tracer, reporter, finished } = traced(t);
  const pool = pooled(t);
  const texts: string[] = [];
  const all: PgOptions['statement'][] = [
    'none',
    (text) => {
      texts.push(text);
      return 'mine';
    },
    () => undefined,
    () => {
      throw new Error('of the function');
    },
  ];

  for (const statement of all) {
    install({ tracer, statement });
    const { rows } = await tracer.withSpan(tracer.startSpan('parent'), () =>
      pool.query('SELECT 1 AS n'),
    );
    assert.deepEqual(rows, [{ n: 1 }]);
  }

  await finished(4);
  assert.deepEqual(
    reporter.spans.map(({ tags }) => tags['db.statement']),
    [undefined, 'mine', undefined, undefined],
  );
  assert.deepEqual(texts, ['SELECT 1 AS n']);
});

test('hooks get the span, the query and the result; one that throws changes nothing', async (t) => {
  const seen: unknown[] = [];
  const { tracer, finished } = traced(t, {
    onQuery: (span, query) => {
      span.setTag('tenant', 'a');
      seen.push(query);
      throw new Error('of the hook');
    },
    onResult: (span, result) => {
      span.setTag('command', (result as { command: string }).command);
      throw new Error('of the hook');
    },
  });
  const client = await connected(t);

  const { rows } = await tracer.withSpan(tracer.startSpan('parent'), () =>
    client.query({ name: 'one', text: 'SELECT $1::int AS n', values: [1] }),
  );

  assert.deepEqual(rows, [{ n: 1 }]);
  assert.deepEqual(seen, [{ name: 'one', text: 'SELECT $1::int AS n', values: [1] }]);
  const [span] = await finished(1);
  assert.equal(span!.tags.tenant, 'a');
  assert.equal(span!.tags.command, 'SELECT');
});

for (const { name, pg } of versions) {
  test(`${name}: on request the server gets the span's context in a comment`, async (t) => {
    const { tracer, reporter, finished } = traced(t, { sqlcommenter: true });
    const client = await connected(t, pg);
    const config = { text: whoAmI };

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      for (const query of [whoAmI, config, config]) {
        const { rows } = await client.query(query as string);
        await finished(reporter.spans.length);
        const { context } = reporter.spans.at(-1)!;
        assert.equal(rows[0].query, whoAmI + commentOf(context));
      }
    });

    assert.deepEqual(config, { text: whoAmI });
    assert.ok(
      reporter.spans.every(({ tags }) => !String(tags['db.statement']).includes('traceparent')),
    );
  });

  test(`${name}: on request Query objects, cursors and streams send the comment too, and have their own text afterwards`, async (t) => {
    const { tracer, reporter, finished } = traced(t, { sqlcommenter: true });
    const client = await connected(t, pg);
    const own = 'SELECT current_query() AS sent';
    const query = new pg.Query<Row>(own);
    const cursor = new Cursor(own);
    const stream = new QueryStream(own);
    const sent: unknown[] = [];

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      query.on('row', (row) => sent.push(row.sent));
      client.query(query);
      await once(query, 'end');
      for (const row of await client.query(cursor).read(10)) sent.push((row as Row).sent);
      for await (const row of client.query(stream)) sent.push((row as Row).sent);
    });

    await finished(3);
    assert.deepEqual(
      sent,
      reporter.spans.map(({ context }) => own + commentOf(context)),
    );
    assert.deepEqual(
      [query, cursor, stream.cursor].map((one) => (one as { text?: string }).text),
      [own, own, own],
    );
  });

  test(`${name}: a prepared statement and a text with a comment get none`, async (t) => {
    const { tracer } = traced(t, { sqlcommenter: true });
    const client = await connected(t, pg);

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      for (let i = 0; i < 2; i++) {
        const { rows } = await client.query({ name: 'who', text: whoAmI });
        assert.equal(rows[0].query, whoAmI);
      }
      for (const text of [`${whoAmI} -- mine`, `/* mine */ ${whoAmI}`]) {
        const { rows } = await client.query(text);
        assert.equal(rows[0].query, text);
      }
    });
  });
}

test('a query whose getters read private fields works as without Spoor, and gets no comment', async (t) => {
  const { tracer, finished } = traced(t, { sqlcommenter: true });
  // Newer versions of pg copy it, which it does not survive.
  const client = await connected(t, versions[1]!.pg);
  class Question {
    readonly text = 'SELECT current_query() AS sent, $1::int AS n';
    readonly #values = [7];
    get values(): number[] {
      return this.#values;
    }
  }
  const question = new Question();

  const { rows } = await tracer.withSpan(tracer.startSpan('parent'), () => client.query(question));

  assert.deepEqual(rows, [{ sent: question.text, n: 7 }]);
  await finished(1);
});

test('a new connection is a span on request, below whoever asked for it', async (t) => {
  const { tracer, reporter, finished } = traced(t, { connectSpans: true });
  const parent = tracer.startSpan('parent');

  await tracer.withSpan(parent, async () => {
    await connected(t);
    await pooled(t).query('SELECT 1');
  });

  await finished(3);
  assert.deepEqual(names(reporter), ['pg:connect', 'pg:connect', 'pg:SELECT']);
  for (const { parentId } of reporter.spans) assert.equal(parentId, parent.context().toSpanId());
});

test('without the option a new connection is no span', async (t) => {
  const { tracer, reporter } = traced(t);
  await tracer.withSpan(tracer.startSpan('parent'), () => connected(t, newest));
  assert.deepEqual(names(reporter), []);
});

function commentOf(context: SpanContext): string {
  const traceId = context.toTraceId().padStart(32, '0');
  return ` /*traceparent='00-${traceId}-${context.toSpanId()}-01'*/`;
}
