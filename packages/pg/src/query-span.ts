import type { Span } from '@spoor/core';
import { reportFault, startChildSpan } from '@spoor/instrumentation';
import type { PgQuery, PgSettings } from './options.js';
import { isSubmittable, type PgClient, type PgPool } from './pg-types.js';
import { recordPgError } from './record-pg-error.js';
import { spanName } from './statement.js';

type Tags = Record<string, string | number>;

/** They do not change while a client lives. */
const tagsOfClients = new WeakMap<object, Tags>();

/** Where a client connects to, as tags. Never the password. */
export function connectionTags(client: PgClient): Tags {
  let tags = tagsOfClients.get(client);
  if (tags === undefined) {
    tags = describe(client);
    tagsOfClients.set(client, tags);
  }
  return tags;
}

/** What is known before there is a client; a connection string stays unread, it has the password in it. */
export function poolTags({ options = {} }: PgPool): Tags {
  return describe(options);
}

function describe({ host, port, user, database }: NonNullable<PgPool['options']>): Tags {
  const tags: Tags = {
    'span.kind': 'client',
    component: 'pg',
    'db.type': 'sql',
    'peer.service': 'postgresql',
  };
  if (typeof database === 'string') tags['db.instance'] = database;
  if (typeof user === 'string') tags['db.user'] = user;
  const isSocket = typeof host === 'string' && host.startsWith('/');
  if (isSocket) tags['peer.address'] = host;
  else if (typeof host === 'string') tags['peer.hostname'] = host;
  // Of pg it may be NaN, and text in options.
  const portNumber = Number.parseInt(String(port), 10);
  if (!isSocket && portNumber > 0) tags['peer.port'] = portNumber;
  return tags;
}

/** What is asked for, however it was given. Getters of the user's may throw, as they then do in pg. */
export function readQuery(given: unknown, values: unknown): PgQuery {
  if (typeof given === 'string') return { text: given, name: undefined, values };
  const config = given as Record<'text' | 'name' | 'values', unknown>;
  const inner = isSubmittable(given) && given.cursor !== undefined ? given.cursor : config;
  return {
    text: typeof inner.text === 'string' ? inner.text : undefined,
    name: typeof config.name === 'string' ? config.name : undefined,
    values: Array.isArray(values) ? values : inner.values,
  };
}

/** The span of one query; it ends once. */
export class QuerySpan {
  readonly span: Span;
  readonly #settings: PgSettings;
  #isDone = false;

  private constructor(span: Span, settings: PgSettings) {
    this.span = span;
    this.#settings = settings;
  }

  /** Undefined where the query is to have no span, or one that nobody will see. */
  static start(
    client: PgClient,
    query: PgQuery,
    settings: PgSettings,
    waitTimeMs: number | undefined,
  ): QuerySpan | undefined {
    const span = startChildSpan(spanName(query.text), settings, connectionTags(client));
    if (span?.isWritable() !== true) return undefined;
    if (query.name !== undefined) span.setTag('db.postgresql.plan', query.name);
    if (waitTimeMs !== undefined) span.setTag('db.pool.wait_time_ms', waitTimeMs);
    const started = new QuerySpan(span, settings);
    started.#tagStatement(query.text);
    started.#callHook(() => settings.onQuery?.(span, query));
    return started;
  }

  /** @param rows how many came, where they were counted */
  succeed(result: unknown, rows: number | undefined = rowsOf(result)): void {
    if (this.#isDone) return;
    this.#isDone = true;
    if (rows !== undefined) this.span.setTag('db.rows', rows);
    this.#callHook(() => this.#settings.onResult?.(this.span, result));
    this.span.finish();
  }

  /** The client is given back with the cursor open. */
  leaveUnread(rows: number): void {
    if (this.#isDone) return;
    this.span.setTag('db.cursor', 'unread');
    this.succeed(undefined, rows);
  }

  fail(error: unknown): void {
    if (this.#isDone) return;
    this.#isDone = true;
    recordPgError(this.span, error);
    this.span.finish();
  }

  #tagStatement(text: string | undefined): void {
    this.#callHook(() => {
      const statement = text === undefined ? undefined : this.#settings.statement?.(text);
      if (statement !== undefined) this.span.setTag('db.statement', statement);
    });
  }

  #callHook(call: () => void): void {
    try {
      call();
    } catch (error) {
      reportFault('pg', error);
    }
  }
}

/** Several statements in one text have several results. */
function rowsOf(result: unknown): number | undefined {
  if (!Array.isArray(result)) {
    const rows = (result as { rowCount?: unknown } | null | undefined)?.rowCount;
    return typeof rows === 'number' ? rows : undefined;
  }
  return result.reduce((sum: number, one: unknown) => sum + (rowsOf(one) ?? 0), 0);
}
