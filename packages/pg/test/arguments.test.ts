import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeSpan } from '@spoor/core';
import type pg from 'pg';
import { SQL } from 'sql-template-strings';
import { commonTags, connected, names, pooled, type Traced, traced, versions } from './support.js';

type Callback = (error: unknown, result: pg.QueryResult) => void;
// biome-ignore lint/suspicious/noExplicitAny: every form of arguments, also those that the types do not know
type Query = (...args: any[]) => any;

for (const { name, pg } of versions) {
  /** Every form, as a call that resolves with the result. */
  const forms: Record<string, (query: Query) => Promise<pg.QueryResult>> = {
    'a text': (query) => query('SELECT 7 AS n'),
    'a text and a callback': (query) => byCallback((done) => query('SELECT 7 AS n', done)),
    'a text and values': (query) => query('SELECT $1::int AS n', [7]),
    'a text, values and a callback': (query) =>
      byCallback((done) => query('SELECT $1::int AS n', [7], done)),
    'a config': (query) => query({ text: 'SELECT $1::int AS n', values: [7] }),
    'a config with a name': (query) => query({ name: 'seven', text: 'SELECT 7 AS n' }),
    'a config and values': (query) => query({ text: 'SELECT $1::int AS n' }, [7]),
    'a config and a callback': (query) =>
      byCallback((done) => query({ text: 'SELECT 7 AS n' }, done)),
    'a config with a callback': (query) =>
      byCallback((callback) => query({ text: 'SELECT 7 AS n', callback })),
    'a template with a getter': (query) => query(SQL`SELECT ${7}::int AS n`),
    'the same callback twice': (query) => byCallback((done) => query('SELECT 7 AS n', done, done)),
  };

  for (const [form, call] of Object.entries(forms)) {
    test(`${name}: a query by ${form} is a span, and the answer is the same`, async (t) => {
      const { tracer, finished } = traced(t);
      const client = await connected(t, pg);
      const parent = tracer.startSpan('parent');

      const result = await tracer.withSpan(parent, () => call(client.query.bind(client)));

      assert.deepEqual(result.rows, [{ n: 7 }]);
      const [span] = await finished(1);
      const statement = String(span!.tags['db.statement']);
      assert.match(statement, /^SELECT (\?|\$1::int) AS n$/);
      assert.equal(span!.operationName, 'pg:SELECT');
      assert.equal(span!.parentId, parent.context().toSpanId());
      const prepared = form === 'a config with a name' ? { 'db.postgresql.plan': 'seven' } : {};
      assert.deepEqual(span!.tags, {
        ...commonTags(),
        ...prepared,
        'db.statement': statement,
        'db.rows': 1,
      });
    });

    if (form === 'a config with a callback') continue;
    test(`${name}: a pool's query by ${form} is one span`, async (t) => {
      const { tracer, finished } = traced(t);
      const pool = pooled(t, pg);

      const result = await tracer.withSpan(tracer.startSpan('parent'), () =>
        call(pool.query.bind(pool)),
      );

      assert.deepEqual(result.rows, [{ n: 7 }]);
      assert.deepEqual(
        (await finished(1)).map(({ operationName }) => operationName),
        ['pg:SELECT'],
      );
    });
  }

  test(`${name}: a Query object is a span, its callback and events run in the caller's span`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg);
    const parent = tracer.startSpan('parent');
    const heard: unknown[] = [];
    const listen = (event: string) => () => heard.push([event, activeSpan() === parent]);

    const query = new pg.Query('SELECT generate_series(1, 2)');
    for (const event of ['row', 'end']) query.on(event as 'end', listen(event));
    const returned = tracer.withSpan(parent, () => client.query(query));
    await new Promise((resolve) => query.on('end', resolve));

    assert.equal(returned, query);
    assert.deepEqual(heard, [
      ['row', true],
      ['row', true],
      ['end', true],
    ]);
    assert.deepEqual(
      Object.getOwnPropertyNames(query).filter((key) => key.startsWith('handle')),
      [],
    );
    const [span] = await finished(1);
    assert.equal(span!.tags['db.rows'], 2);
  });

  test(`${name}: a Query object with a callback calls it back in the caller's span`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg);
    const parent = tracer.startSpan('parent');
    const Query = pg.Query as unknown as new (text: string, callback?: Callback) => pg.Query;

    const own = await new Promise((resolve) =>
      tracer.withSpan(parent, () =>
        client.query(new Query('SELECT 1', () => resolve(activeSpan()))),
      ),
    );
    const given = await new Promise((resolve) =>
      tracer.withSpan(parent, () =>
        (client.query as Query)(new Query('SELECT 1'), () => resolve(activeSpan())),
      ),
    );

    assert.equal(own, parent);
    assert.equal(given, parent);
    assert.equal((await finished(2)).length, 2);
  });

  test(`${name}: what is no query throws the same errors as without Spoor`, async (t) => {
    const without = await refusals(await connected(t, pg));
    const seen = traced(t);
    const client = await connected(t, pg);
    const withSpoor = await seen.tracer.withSpan(seen.tracer.startSpan('parent'), () =>
      refusals(client),
    );

    assert.deepEqual(withSpoor, without);
    assert.equal(without[0], 'thrown TypeError: Client was passed a null or undefined query');
  });

  test(`${name}: a config object that is used again is as before, also its callback`, async (t) => {
    const { tracer, finished } = traced(t, { sqlcommenter: true });
    const client = await connected(t, pg);
    const config = { text: 'SELECT $1::int AS n', values: [1] };
    const before = structuredClone(config);
    const contexts: unknown[] = [];
    const parents = [tracer.startSpan('a'), tracer.startSpan('b')];

    for (const parent of parents) {
      await tracer.withSpan(parent, () => client.query(config));
      const done = () => contexts.push(activeSpan());
      await byCallback((resolve) =>
        tracer.withSpan(parent, () =>
          client.query(config, (...answer: Parameters<Callback>) => {
            done();
            resolve(...answer);
          }),
        ),
      );
      delete (config as { callback?: unknown }).callback;
    }

    assert.deepEqual(config, before);
    assert.deepEqual(contexts, parents);
    assert.equal((await finished(4)).length, 4);
  });

  test(`${name}: several statements in one text are one span with all their rows`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg);

    await tracer.withSpan(tracer.startSpan('parent'), () => client.query('SELECT 1; SELECT 2'));

    const [span] = await finished(1);
    assert.equal(span!.tags['db.rows'], 2);
  });

  test(`${name}: query and connect keep their name, length, this and result`, async (t) => {
    const shape = () =>
      [pg.Client.prototype, Object.getPrototypeOf(pg.Pool.prototype)].map(({ query, connect }) => [
        [query.name, query.length],
        [connect.name, connect.length],
      ]);
    const before = shape();
    const seen: Traced = traced(t);
    assert.deepEqual(shape(), before);

    const client = await connected(t, pg);
    await seen.tracer.withSpan(seen.tracer.startSpan('parent'), async () => {
      assert.ok(client.query('SELECT 1') instanceof Promise);
      let receiver: unknown;
      const returned: unknown = await byCallback((done) => {
        const result: unknown = client.query('SELECT 1', function (this: unknown, ...answer) {
          receiver = this;
          done(...(answer as unknown as Parameters<Callback>));
        });
        assert.equal(result, undefined);
      });
      assert.ok(returned);
      assert.ok(receiver instanceof pg.Query);
    });
    assert.deepEqual(names(seen.reporter), ['pg:SELECT', 'pg:SELECT']);
  });
}

function byCallback(call: (done: Callback) => unknown): Promise<pg.QueryResult> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** What pg says to arguments that are none. */
async function refusals(client: pg.Client): Promise<string[]> {
  const query: Query = client.query.bind(client);
  const calls: readonly unknown[][] = [
    [null],
    [undefined],
    [null, () => {}],
    [{}],
    [{ text: 5 }],
    ['SELECT $1', 'no list'],
    [''],
  ];
  const said: string[] = [];
  for (const args of calls) {
    try {
      const result = query(...args);
      said.push(await result.then(String, (error: unknown) => `rejected ${error}`));
    } catch (error) {
      said.push(`thrown ${error}`);
    }
  }
  return said;
}
