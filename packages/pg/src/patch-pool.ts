import { activeSpan, withoutSpan } from '@spoor/core';
import { type Live, startChildSpan, type Undo, withSpan, wrapMethod } from '@spoor/instrumentation';
import { afterWaiting, connectingFor, inPoolQuery, takeIsPoolQuery } from './call-sites.js';
import type { PgSettings } from './options.js';
import { followConnect } from './patch-client.js';
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
  return [
    wrapMethod(target, 'query', (query) => tracePoolQuery(query, live, isOthers)),
    wrapMethod(target, 'connect', (connect) => tracePoolConnect(connect, live, isOthers, onClient)),
  ];
}

/** The span is the client's; what is left to do is to call back in the caller's span, also when there is no client. */
function tracePoolQuery(
  query: AnyFunction,
  live: Live<PgSettings>,
  isOthers: (pool: object) => boolean,
): AnyFunction {
  return function tracedPoolQuery(this: PgPool, ...args: unknown[]): unknown {
    const caller = activeSpan();
    const isOff = live.settings === undefined || isOthers(this);
    if (isOff || typeof args[0] === 'function') return Reflect.apply(query, this, args);
    const bound = args.map((arg) =>
      typeof arg === 'function' && caller !== undefined
        ? function calledBack(this: unknown, ...answer: unknown[]): unknown {
            return withSpan(caller, () => Reflect.apply(arg, this, answer));
          }
        : arg,
    );
    return inPoolQuery(this, () => Reflect.apply(query, this, bound));
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
    const isForQuery = takeIsPoolQuery(this);
    if (settings === undefined || isOthers(this)) return Reflect.apply(connect, this, args);
    const caller = activeSpan();
    const isWaiting = this.idleCount <= this.waitingCount;
    const startedAt = performance.now();
    const span = isWaiting && !isForQuery ? startChildSpan('pg:pool.connect', settings) : undefined;
    const onEnd = (error: unknown, client: unknown): void => {
      if (!error) onClient?.(client as PgClient);
      if (span === undefined) return;
      span.addTags(error ? poolTags(this) : connectionTags(client as PgClient));
      if (error) recordPgError(span, error);
      span.finish();
    };
    const isFollowed = span !== undefined || onClient !== undefined;
    const passed = isForQuery ? [measured(args[0] as AnyFunction)] : args;
    // The pool's own timers and connections outlive the request; the callback does not.
    return withoutSpan(() =>
      connectingFor(span ?? caller, () =>
        followConnect(connect, this, passed, caller, isFollowed ? onEnd : undefined),
      ),
    );

    /** What `Pool#query` does with the client that it waited for. */
    function measured(callback: AnyFunction): AnyFunction {
      return function calledBack(this: unknown, ...answer: unknown[]): unknown {
        const ms = isWaiting ? performance.now() - startedAt : undefined;
        return afterWaiting(ms, () => Reflect.apply(callback, this, answer));
      };
    }
  };
}
