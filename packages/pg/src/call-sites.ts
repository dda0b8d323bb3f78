import type { Span } from '@spoor/core';
import type { PgPool } from './pg-types.js';

interface Querying {
  readonly pool: PgPool;
  readonly caller: Span | undefined;
}

/** A query of a client that a pool makes for its own `query`. */
export interface PoolQuery {
  /** Undefined when a client was idle. */
  readonly waitTimeMs: number | undefined;
}

/**
 * What one method of pg that calls another has to tell it. Both run in one go, so a variable serves; each reader takes the
 * value away.
 */
let querying: Querying | undefined;
let poolQuery: PoolQuery | undefined;
/** A new connection that a pool makes has the span of whoever asked the pool. */
let connecting: Span | undefined;

/** Runs `Pool#query`, which calls `Pool#connect` at once. */
export function inPoolQuery<T>(pool: PgPool, caller: Span | undefined, call: () => T): T {
  querying = { pool, caller };
  try {
    return call();
  } finally {
    querying = undefined;
  }
}

/** Undefined unless it is `Pool#query` that calls. */
export function takeQuerying(pool: PgPool): Querying | undefined {
  const taken = querying?.pool === pool ? querying : undefined;
  querying = undefined;
  return taken;
}

/** Runs what `Pool#query` does with its client, which is to query it at once. */
export function withClientOfPool<T>(query: PoolQuery, call: () => T): T {
  poolQuery = query;
  try {
    return call();
  } finally {
    poolQuery = undefined;
  }
}

export function takePoolQuery(): PoolQuery | undefined {
  const query = poolQuery;
  poolQuery = undefined;
  return query;
}

/** Runs `Pool#connect`, which may call `Client#connect` at once. */
export function connectingFor<T>(caller: Span | undefined, call: () => T): T {
  const before = connecting;
  connecting = caller;
  try {
    return call();
  } finally {
    connecting = before;
  }
}

export function connectingCaller(): Span | undefined {
  return connecting;
}
