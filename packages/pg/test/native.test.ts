import assert from 'node:assert/strict';
import Module from 'node:module';
import { test } from 'node:test';
import { activeSpan } from '@spoor/core';
import { buildPgNative } from '@spoor/testing';
import type pg from 'pg';
import { names, newest, type Pg, serverConfig, traced } from './support.js';

type Done = (error: unknown, rows?: unknown[]) => void;

const built = await buildPgNative();
const skip = 'missing' in built && `pg-native cannot be built: ${built.missing}`;
const native = 'module' in built ? loadNative(built.module) : newest;

test('a native client is traced by the same patch', { skip }, async (t) => {
  const { tracer, reporter, finished } = traced(t);
  const client = new native.Client(serverConfig());
  await client.connect();
  t.after(() => client.end());
  const parent = tracer.startSpan('parent');

  const { rows } = await tracer.withSpan(parent, () => client.query('SELECT $1::int AS n', [7]));
  const seen = await new Promise((resolve) => {
    tracer.withSpan(parent, () => client.query('SELECT 1', () => resolve(activeSpan())));
  });
  await tracer.withSpan(parent, () => assert.rejects(client.query('SELECT 1/0')));

  assert.deepEqual(rows, [{ n: 7 }]);
  assert.equal(seen, parent);
  await finished(3);
  assert.deepEqual(
    reporter.spans.map(({ operationName, parentId, tags }) => [
      operationName,
      parentId,
      tags['db.rows'] ?? tags['error.type'],
    ]),
    [1, 1, '22012'].map((result) => ['pg:SELECT', parent.context().toSpanId(), result]),
  );
});

test('a Query object of a native client is a span, its events and callback run in the caller span', {
  skip,
}, async (t) => {
  const { tracer, finished } = traced(t);
  const client = new native.Client(serverConfig());
  await client.connect();
  t.after(() => client.end());
  const parent = tracer.startSpan('parent');
  const Query = native.Query as unknown as new (text: string, done?: Done) => pg.Query;
  const seen: unknown[] = [];

  const query = new Query('SELECT generate_series(1, 2)', () => seen.push(activeSpan()));
  query.on('row', () => seen.push(activeSpan()));
  tracer.withSpan(parent, () => client.query(query));
  const done = new Promise((resolve) => query.on('_done' as 'end', resolve));
  await done;

  assert.deepEqual(seen, [parent, parent, parent]);
  assert.equal(Object.hasOwn(query, 'emit'), false);
  await finished(1);
});

test('a Query object of a native client that fails has a span with the error', {
  skip,
}, async (t) => {
  const { tracer, finished } = traced(t);
  const client = new native.Client(serverConfig());
  await client.connect();
  t.after(() => client.end());

  const query = new native.Query('SELECT 1/0');
  tracer.withSpan(tracer.startSpan('parent'), () => client.query(query));
  await new Promise((resolve) => query.on('error', resolve));

  const [span] = await finished(1);
  assert.equal(span!.tags['error.type'], '22012');
  assert.deepEqual(names({ spans: [span!] } as never), ['pg:SELECT']);
});

/** pg asks for pg-native by its name. */
function loadNative(filename: string): Pg {
  const loader = Module as unknown as {
    _resolveFilename(request: string, ...rest: unknown[]): string;
  };
  const { _resolveFilename } = loader;
  loader._resolveFilename = (request, ...rest) =>
    request === 'pg-native'
      ? filename
      : Reflect.apply(_resolveFilename, loader, [request, ...rest]);
  try {
    return (newest as unknown as { native: Pg }).native;
  } finally {
    loader._resolveFilename = _resolveFilename;
  }
}
