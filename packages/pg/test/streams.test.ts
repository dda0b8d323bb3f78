import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { activeSpan } from '@spoor/core';
import type { Submittable } from 'pg';
import {
  Cursor,
  connected,
  names,
  pooled,
  QueryStream,
  require,
  traced,
  versions,
} from './support.js';

const copy = require('pg-copy-streams') as {
  from(text: string): Submittable & Writable & { rowCount: number };
  to(text: string): Submittable & Readable;
};

const series = 'SELECT generate_series(1, $1::int) AS n';

for (const { name, pg } of versions) {
  test(`${name}: a cursor that is read to its end is one span, until then`, async (t) => {
    const { tracer, reporter, finished } = traced(t);
    const client = await connected(t, pg);
    const parent = tracer.startSpan('parent');

    await tracer.withSpan(parent, async () => {
      const cursor = client.query(new Cursor(series, [5]));
      assert.equal((await cursor.read(3)).length, 3);
      assert.deepEqual(names(reporter), []);
      assert.equal(activeSpan(), parent);
      assert.equal((await cursor.read(3)).length, 2);
      assert.equal((await cursor.read(3)).length, 0);
    });

    const [span] = await finished(1);
    assert.equal(span!.operationName, 'pg:SELECT');
    assert.equal(span!.tags['db.rows'], 5);
  });

  test(`${name}: a cursor that is closed early ends its span, and reads call back in the caller's span`, async (t) => {
    const { tracer, reporter, finished } = traced(t);
    const client = await connected(t, pg);
    const parent = tracer.startSpan('parent');
    const cursor = tracer.withSpan(parent, () => client.query(new Cursor(series, [5])));

    const seen = await new Promise((resolve) => {
      cursor.read(2, () => resolve(activeSpan()));
    });
    assert.equal(seen, parent);
    assert.deepEqual(names(reporter), []);
    await cursor.close();

    await finished(1);
  });

  test(`${name}: a cursor that is left open ends its span when its client goes back to the pool, and says so`, async (t) => {
    const { tracer, reporter, finished } = traced(t);
    const pool = pooled(t, pg);

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      const client = await pool.connect();
      const cursor = client.query(new Cursor(series, [5]));
      await cursor.read(2);
      // Another one waits behind it.
      client.query(new Cursor(series, [5]));
      assert.deepEqual(names(reporter), ['pg:pool.connect']);
      client.release(true);
    });

    const [, ...spans] = await finished(3);
    assert.deepEqual(
      spans.map(({ tags }) => [tags['db.cursor'], tags['db.rows'], tags.error]),
      [
        ['unread', 2, undefined],
        ['unread', 0, undefined],
      ],
    );
  });

  test(`${name}: a stream that is given up before its client goes back is not one left open`, async (t) => {
    const { tracer, finished } = traced(t);
    const pool = pooled(t, pg);

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      const client = await pool.connect();
      const stream = client.query(new QueryStream(series, [1000]));
      await once(stream, 'data');
      stream.destroy();
      client.release();
    });

    const [, span] = await finished(2);
    assert.equal(span!.operationName, 'pg:SELECT');
    assert.equal(span!.tags['db.cursor'], undefined);
  });

  test(`${name}: a cursor that is open when its client ends is an error`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg);

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      const cursor = client.query(new Cursor(series, [5]));
      await cursor.read(2);
      await client.end();
    });

    assert.equal((await finished(1))[0]!.tags.error, true);
  });

  test(`${name}: a cursor that fails has a span with the error, once`, async (t) => {
    const { tracer, reporter, finished } = traced(t);
    const client = await connected(t, pg);

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      const cursor = client.query(new Cursor('SELECT 1 / $1::int', [0]));
      await assert.rejects(cursor.read(1), { code: '22012' });
      await client.query('SELECT 1');
    });

    await finished(2);
    assert.deepEqual(names(reporter), ['pg:SELECT', 'pg:SELECT']);
    assert.deepEqual(
      reporter.spans.map(({ tags }) => tags.error),
      [true, undefined],
    );
  });

  test(`${name}: a query stream is one span from start to end`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg);
    const parent = tracer.startSpan('parent');

    const seen = await tracer.withSpan(parent, async () => {
      const stream = client.query(new QueryStream(series, [250]));
      let rows = 0;
      for await (const _ of stream) rows++;
      return [rows, activeSpan()];
    });

    assert.deepEqual(seen, [250, parent]);
    const [span] = await finished(1);
    assert.equal(span!.tags['db.statement'], 'SELECT generate_series(?, $1::int) AS n');
    assert.equal(span!.tags['db.rows'], 250);
  });

  test(`${name}: events of a query stream run in the caller's span`, async (t) => {
    const { tracer } = traced(t);
    const client = await tracer.withSpan(tracer.startSpan('first'), () => connected(t, pg));
    const parent = tracer.startSpan('parent');

    const seen = new Set<unknown>();
    const stream = tracer.withSpan(parent, () => client.query(new QueryStream(series, [250])));
    stream.on('data', () => seen.add(activeSpan()));
    await once(stream, 'end');

    assert.deepEqual([...seen], [parent]);
  });

  test(`${name}: a query stream that is destroyed ends its span`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg);

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      for await (const _ of client.query(new QueryStream(series, [1000]))) break;
    });

    const [span] = await finished(1);
    assert.equal(span!.tags.error, undefined);
  });

  test(`${name}: copying in and out are spans with their rows`, async (t) => {
    const { tracer, reporter, finished } = traced(t);
    const client = await connected(t, pg);
    await client.query('CREATE TEMP TABLE numbers (n int)');

    const out = await tracer.withSpan(tracer.startSpan('parent'), async () => {
      await pipeline(['1\n', '2\n'], client.query(copy.from('COPY numbers FROM STDIN')));
      return text(client.query(copy.to('COPY numbers TO STDOUT')));
    });

    assert.equal(out, '1\n2\n');
    await finished(2);
    assert.deepEqual(
      reporter.spans.map(({ operationName, tags }) => [operationName, tags['db.rows']]),
      [
        ['pg:COPY', 2],
        ['pg:COPY', 2],
      ],
    );
  });

  test(`${name}: copying that fails has a span with the error, and the stream the same error`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg);
    await client.query('CREATE TEMP TABLE numbers (n int)');

    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      const stream = client.query(copy.from('COPY numbers FROM STDIN'));
      await assert.rejects(pipeline(['secret\n'], stream), { code: '22P02' });
    });

    const [span] = await finished(1);
    assert.equal(span!.tags.error, true);
    assert.doesNotMatch(JSON.stringify(span), /secret/);
  });

  test(`${name}: nothing of ours is left on a cursor or a stream`, async (t) => {
    const { tracer, finished } = traced(t);
    const client = await connected(t, pg);
    const own = (query: object) =>
      Object.entries(Object.getOwnPropertyDescriptors(query))
        .map(([key, { value }]) => [key, typeof value === 'function' ? value : ''])
        .filter(([, value]) => value !== '');

    const stream = new QueryStream(series, [3]);
    const before = own(stream);
    await tracer.withSpan(tracer.startSpan('parent'), async () => {
      for await (const _ of client.query(stream));
    });
    await finished(1);

    assert.deepEqual(own(stream), before);
  });
}
