import { activeSpan, type Span, withoutSpan } from '@spoor/core';
import { type Live, startChildSpan, type Undo, withSpan, wrapMethod } from '@spoor/instrumentation';
import { connectingFor, inPoolQuery, takeQuerying, withClientOfPool } from './call-sites.js';
import { leaveCursors } from './open-cursors.js';
import type { PgSettings } from './options.js';
import { calledBackOnce, followConnect } from './patch-client.js';
import type { AnyFunction, PgClient, PgPool } from './pg-types.js';
import { connectionTags, poolTags } from './query-span.js';
import { recordPgError } from './record-pg-error.js';

/**
 * Wraps the methods of `target`: of a prototype, or of one pool.
 *
 * @param isOthers says of which pools somebody else takes care
 * @param onClient gets each client that the pool hands out
 */
export function patchPool(
  target: PgPool,
  live: Live<PgSettings>,
  isOthers: (pool: object) => boolean,
  onClient?: (client: PgClient) => void,
): readonly Undo[] {
  const undos = [
    wrapMethod(target, 'query', (query) => tracePoolQuery(query, live, isOthers)),
    wrapMethod(target, 'connect', (connect) => tracePoolConnect(connect, live, isOthers, onClient)),
  ];
  if (typeof target._release === 'function') {
    undos.push(wrapMethod(target as Required<PgPool>, '_release', leavingCursor));
  }
  return undos;
}

function leavingCursor(release: Required<PgPool>['_release']): typeof release {
  return function tracedRelease(this: PgPool, client, ...rest) {
    leaveCursors(client);
    return Reflect.apply(release, this, [client, ...rest]);
  };
}

/** The span is the client's, or of the wait for one that did not come; what is left to do is to call back in the caller's span. */
function tracePoolQuery(
  query: AnyFunction,
  live: Live<PgSettings>,
  isOthers: (pool: object) => boolean,
): AnyFunction {
  return function tracedPoolQuery(this: PgPool, ...args: unknown[]): unknown {
    const caller = activeSpan();
    const isOff = live.settings === undefined || isOthers(this);
    if (isOff || typeof args[0] === 'function') return Reflect.apply(query, this, args);
    const bound =
      caller === undefined
        ? args
        : args.map((arg) =>
            typeof arg === 'function' ? calledBackOnce(arg as AnyFunction, caller) : arg,
          );
    // A pool holds for good the promise of whoever had a connection made, and up to Node 22 a promise holds its span.
    return withoutSpan(() => inPoolQuery(this, caller, () => Reflect.apply(query, this, bound)));
  };
}

function tracePoolConnect(
  connect: AnyFunction,
  live: Live<PgSettings>,
  isOthers: (pool: object) => boolean,
  onClient: ((client: PgClient) => void) | undefined,
): AnyFunction {
  return function tracedPoolConnect(this: PgPool, ...args: unknown[]): unknown {
    const { settings } = live;
    const querying = takeQuerying(this);
    if (settings === undefined || isOthers(this)) return Reflect.apply(connect, this, args);
    const caller = querying === undefined ? activeSpan() : querying.caller;
    const isWaiting = this.idleCount <= this.waitingCount;
    const calledAtMs = Date.now();
    const startSpan = (startTimeMs?: number): Span | undefined =>
      startChildSpan('pg:pool.connect', settings, undefined, startTimeMs);
    const span = isWaiting && querying === undefined ? startSpan() : undefined;
    const onEnd = (error: unknown, client: unknown): void => {
      if (!error) onClient?.(client as PgClient);
      // A query that gets no client has no other span.
      const isLate = error && querying !== undefined;
      const ended = isLate ? withSpan(caller, () => startSpan(calledAtMs)) : span;
      if (ended === undefined) return;
      ended.addTags(error ? poolTags(this) : connectionTags(client as PgClient));
      if (error) recordPgError(ended, error);
      ended.finish();
    };
    const isFollowed = span !== undefined || querying !== undefined || onClient !== undefined;
    const passed = querying === undefined ? args : [measured(args[0] as AnyFunction, isWaiting)];
    // The pool's own timers and connections outlive the request; the callback does not.
    return withoutSpan(() =>
      connectingFor(span ?? caller, () =>
        followConnect(connect, this, passed, caller, isFollowed ? onEnd : undefined),
      ),
    );
  };
}

/** What `Pool#query` does with the client that it waited for. */
function measured(callback: AnyFunction, isWaiting: boolean): AnyFunction {
  const startedAt = performance.now();
  return function calledBack(this: unknown, ...answer: unknown[]): unknown {
    const waitTimeMs = isWaiting ? performance.now() - startedAt : undefined;
    return withClientOfPool({ waitTimeMs }, () => Reflect.apply(callback, this, answer));
  };
}
