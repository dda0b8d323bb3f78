import type { Span } from '@spoor/core';
import type { PgPool } from './pg-types.js';

/**
 * What one method of pg that calls another has to tell it. Both run in one go, so a variable serves; each reader takes the
 * value away.
 */
let queryingPool: PgPool | undefined;
let waitTimeMs: number | undefined;
/** A new connection that a pool makes has the span of whoever asked the pool. */
let connecting: Span | undefined;

/** Runs `Pool#query`, which calls `Pool#connect` at once. */
export function inPoolQuery<T>(pool: PgPool, call: () => T): T {
  queryingPool = pool;
  try {
    return call();
  } finally {
    queryingPool = undefined;
  }
}

export function takeIsPoolQuery(pool: PgPool): boolean {
  const isIt = queryingPool === pool;
  queryingPool = undefined;
  return isIt;
}

/** Runs what a pool does with a client, which is to query it at once. */
export function afterWaiting<T>(ms: number | undefined, call: () => T): T {
  waitTimeMs = ms;
  try {
    return call();
  } finally {
    waitTimeMs = undefined;
  }
}

export function takeWaitTime(): number | undefined {
  const ms = waitTimeMs;
  waitTimeMs = undefined;
  return ms;
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
