import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { activeSpan, ConstSampler, InMemoryReporter, Tracer } from '@spoor/core';
import { installPatches, uninstallAllPatches } from '@spoor/instrumentation';
import { install, tracePg, uninstall } from '@spoor/pg';
import type pg from 'pg';
import {
  connected,
  names,
  newest,
  pooled,
  record,
  server,
  serverConfig,
  traced,
  versions,
} from './support.js';

const run = promisify(execFile);

test('clients and pools that were made before the installation are traced', async (t) => {
  const client = await connected(t);
  const pool = pooled(t);
  await pool.query('SELECT 0');
  const { tracer, reporter, finished } = traced(t);

  await tracer.withSpan(tracer.startSpan('parent'), async () => {
    await client.query('SELECT 1');
    await pool.query('SELECT 2');
  });

  await finished(2);
  assert.deepEqual(names(reporter), ['pg:SELECT', 'pg:SELECT']);
});

test('installed twice there is one span, uninstalled none, installed again one', async (t) => {
  const { tracer, reporter, finished } = traced(t);
  install({ tracer });
  const pool = pooled(t);
  const query = () => tracer.withSpan(tracer.startSpan('parent'), () => pool.query('SELECT 1'));

  await query();
  await finished(1);
  uninstall();
  await query();
  install({ tracer });
  await query();

  await finished(2);
  assert.equal(reporter.spans.length, 2);
});

test('uninstalled, pg is as it was', (t) => {
  const methods = () =>
    versions.flatMap(({ pg }) => [
      pg.Client.prototype.query,
      pg.Client.prototype.connect,
      pg.Pool.prototype.query,
      pg.Pool.prototype.connect,
    ]);
  const before = methods();
  traced(t);
  assert.ok(methods().every((method, i) => method !== before[i]));
  uninstall();
  assert.deepEqual(methods(), before);
});

test('a query that is under way when everything is uninstalled finishes its span', async (t) => {
  const { tracer, finished } = traced(t);
  const client = await connected(t);

  const answer = tracer.withSpan(tracer.startSpan('parent'), () => client.query('SELECT 1 AS n'));
  uninstall();

  assert.deepEqual((await answer).rows, [{ n: 1 }]);
  await finished(1);
});

test('two copies of pg in one process are traced, each once', async (t) => {
  const { tracer, reporter, finished } = traced(t);

  await tracer.withSpan(tracer.startSpan('parent'), async () => {
    for (const { pg } of versions) await (await connected(t, pg)).query('SELECT 1');
  });

  await finished(2);
  assert.equal(reporter.spans.length, 2);
});

test('it can be installed by its name', async (t) => {
  t.after(uninstallAllPatches);
  assert.deepEqual(installPatches(['pg']), ['pg']);
});

for (const [how, load] of Object.entries({
  import: "const { default: pg } = await import('pg')",
  'import of names': "const pg = await import('pg')",
  require: "const pg = createRequire(import.meta.url)('pg')",
})) {
  for (const when of ['before', 'after']) {
    test(`pg is traced when it is loaded by ${how} ${when} the installation`, async () => {
      const installing = 'install({ tracer });';
      const script = `
        import { createRequire } from 'node:module';
        import { ConstSampler, InMemoryReporter, Tracer } from '@spoor/core';
        import { install } from '@spoor/pg';
        const reporter = new InMemoryReporter();
        const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
        ${when === 'after' ? installing : ''}
        ${load};
        ${when === 'before' ? installing : ''}
        const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
        await tracer.withSpan(tracer.startSpan('parent'), () => pool.query('SELECT 1'));
        await pool.end();
        console.log(reporter.spans.map(({ operationName }) => operationName).join());
      `;
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        env: { ...process.env, DATABASE_URL: server.url },
      });
      assert.equal(stdout.trim(), 'pg:SELECT');
    });
  }
}

test('pg can be handed over, where no hook sees it load', async (t) => {
  // What a bundler has made of pg: the same classes, from no file that has a name.
  class Client extends bundledClient() {}
  const { Pool } = bundledPool(Client);
  const { tracer, finished } = traced(t, { module: { Client, Pool } });
  const pool = new Pool(serverConfig());
  t.after(() => pool.end());

  await tracer.withSpan(tracer.startSpan('parent'), () => pool.query('SELECT 1'));

  const [span] = await finished(1);
  assert.equal(span!.operationName, 'pg:SELECT');
});

test('tracePg traces one client, and nothing else', async (t) => {
  const { tracer, reporter, finished } = record();
  const traced = await connected(t);
  const other = await connected(t);
  assert.equal(tracePg(traced, { tracer }), traced);

  await tracer.withSpan(tracer.startSpan('parent'), async () => {
    await traced.query('SELECT 1');
    await other.query('SELECT 2');
  });

  await finished(1);
  assert.equal(reporter.spans.length, 1);
});

test('tracePg traces a pool and its clients, with callbacks in their callers spans', async (t) => {
  const { tracer, reporter, finished } = record();
  const pool = tracePg(pooled(t, newest, { max: 1 }), { tracer });
  const parents = ['a', 'b', 'c'].map((name) => tracer.startSpan(name));

  const seen = await Promise.all(
    parents.map(
      (parent) =>
        new Promise((resolve) => {
          tracer.withSpan(parent, () => pool.query('SELECT 1', () => resolve(activeSpan())));
        }),
    ),
  );

  assert.deepEqual(seen, parents);
  await finished(3);
  assert.deepEqual(
    reporter.spans.map(({ parentId }) => parentId),
    parents.map((parent) => parent.context().toSpanId()),
  );
});

test('tracePg beside install, and again, still makes one span, with its own options', async (t) => {
  const all = traced(t);
  const own = record();
  const pool = pooled(t);
  tracePg(pool, { tracer: own.tracer });
  tracePg(pool, { tracer: own.tracer, statement: 'none' });

  await own.tracer.withSpan(own.tracer.startSpan('parent'), async () => {
    await pool.query('SELECT 1');
    const client: pg.PoolClient = await pool.connect();
    await client.query('SELECT 2');
    client.release();
  });

  const spans = await own.finished(2);
  assert.deepEqual(
    spans.map(({ tags }) => tags['db.statement']),
    [undefined, undefined],
  );
  assert.deepEqual(names(all.reporter), []);
});

test('without a tracer of its own it asks the parent span for one', async (t) => {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  install();
  t.after(uninstall);
  const client = await connected(t);

  await tracer.withSpan(tracer.startSpan('parent'), () => client.query('SELECT 1'));

  assert.deepEqual(names(reporter), ['pg:SELECT']);
});

type ClientClass = new (config: pg.ClientConfig) => pg.Client;

/** A class with methods of its own that pg's hook does not know. */
function bundledClient(): ClientClass {
  const { query, connect } = newest.Client.prototype;
  class Bundled extends newest.Client {}
  Object.assign(Bundled.prototype, { query, connect });
  return Bundled;
}

function bundledPool(Client: ClientClass): { Pool: new (config: pg.PoolConfig) => pg.Pool } {
  const { query, connect } = newest.Pool.prototype;
  class Bundled extends newest.Pool {}
  Object.assign(Bundled.prototype, { query, connect });
  class Pool extends Bundled {
    constructor(config: pg.PoolConfig) {
      super({ ...config, Client } as unknown as pg.PoolConfig);
    }
  }
  return { Pool };
}
