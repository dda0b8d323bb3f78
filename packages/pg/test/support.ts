import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { after, type TestContext } from 'node:test';
import { ConstSampler, InMemoryReporter, type RecordedSpan, Tracer } from '@spoor/core';
import { install, type PgOptions, uninstall } from '@spoor/pg';
import { awaitSpans, type FinishedSpans, type PostgresServer, startPostgres } from '@spoor/testing';
import type pg from 'pg';
import type { Submittable } from 'pg';

export type Pg = typeof pg;

export const require: NodeJS.Require = createRequire(import.meta.url);

/** The newest pg and the oldest that is supported. */
export const versions: readonly { name: string; pg: Pg }[] = [
  { name: 'pg 8', pg: require('pg') as Pg },
  { name: 'pg 8.7', pg: require('pg-8.7') as Pg },
];
export const newest: Pg = versions[0]!.pg;

export interface Cursor extends Submittable {
  read(rows: number): Promise<unknown[]>;
  read(rows: number, done: (error: unknown, rows: unknown[]) => void): void;
  close(): Promise<void>;
}

type QueryClass<Query> = new (text: string, values?: unknown[], config?: object) => Query;

export const Cursor: QueryClass<Cursor> = require('pg-cursor');
export const QueryStream: QueryClass<
  Submittable & Readable & { readonly cursor: { text: string } }
> = require('pg-query-stream');

/** One server for the whole file. */
export const server: PostgresServer = await startPostgres({ after });

export interface Traced {
  readonly tracer: Tracer;
  readonly reporter: InMemoryReporter;
  readonly finished: FinishedSpans<RecordedSpan>;
}

/** Records what is traced until the test ends. */
export function traced(t: TestContext, options: PgOptions = {}, isSampled = true): Traced {
  const { tracer, reporter, finished } = record(isSampled);
  install({ tracer, ...options });
  t.after(uninstall);
  return { tracer, reporter, finished };
}

/** A tracer that reports to a list; nothing is installed. */
export function record(isSampled = true): Traced {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(isSampled) });
  return { tracer, reporter, finished: awaitSpans(reporter) };
}

/** A connected client that ends with the test. */
export async function connected(
  t: TestContext,
  { Client }: Pg = newest,
  config: pg.ClientConfig = {},
): Promise<pg.Client> {
  const client = new Client({ ...serverConfig(), ...config });
  client.on('error', () => {});
  // An old client that is ended twice never answers.
  let hasEnded = false;
  client.on('end', () => {
    hasEnded = true;
  });
  await client.connect();
  t.after(() => (hasEnded ? undefined : client.end()));
  return client;
}

/** A pool that ends with the test. */
export function pooled(t: TestContext, { Pool }: Pg = newest, config: pg.PoolConfig = {}): pg.Pool {
  const pool = new Pool({ ...serverConfig(), ...config });
  pool.on('error', () => {});
  t.after(() => (pool.ended ? undefined : pool.end()));
  return pool;
}

export function serverConfig(): pg.ClientConfig {
  const { host, port, user, database } = server;
  return { host, port, user, database };
}

/** What every span of a query has. */
export function commonTags(): Record<string, unknown> {
  return {
    'span.kind': 'client',
    component: 'pg',
    'db.type': 'sql',
    'peer.service': 'postgresql',
    'db.instance': server.database,
    'db.user': server.user,
    'peer.hostname': server.host,
    'peer.port': server.port,
  };
}

/** Name and parent of each span, in order of their end. */
export function names(reporter: InMemoryReporter): string[] {
  return reporter.spans.map(({ operationName }) => operationName);
}
