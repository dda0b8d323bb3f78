import type { Span } from '@spoor/core';
import { type Undo, withSpan, wrapMethod } from '@spoor/instrumentation';
import type { AnyFunction, Submittable } from './pg-types.js';
import type { QuerySpan } from './query-span.js';

type Handlers = Record<string, AnyFunction>;

/** What pg calls on a query that the application made. */
const handlers = [
  'handleRowDescription',
  'handleDataRow',
  'handlePortalSuspended',
  'handleEmptyQuery',
  'handleCommandComplete',
  'handleCopyInResponse',
  'handleCopyData',
  'handleReadyForQuery',
  'handleError',
];

/**
 * Ends the span when pg tells the query that it is over, and lets the query's listeners and callbacks run in the caller's
 * span instead of the connection's. Nothing is left on the query afterwards.
 */
export function followSubmittable(
  query: Submittable,
  caller: Span | undefined,
  span: QuerySpan | undefined,
): Undo {
  const target = query as unknown as Handlers;
  const undos: Undo[] = [];
  let rows = 0;
  const undo = (): void => {
    for (const one of undos.splice(0)) one();
  };
  const onEnd = (): void => {
    undo();
    // Of a cursor the server counts the last batch alone.
    span?.succeed(query._results ?? query._result ?? query, rows > 0 ? rows : undefined);
  };
  const onError = (error: unknown): void => {
    undo();
    span?.fail(error);
  };
  const isNative = typeof target.handleReadyForQuery !== 'function';
  for (const name of isNative ? ['emit', 'callback', 'handleError'] : handlers) {
    if (typeof target[name] !== 'function') continue;
    const wrap = (handler: AnyFunction): AnyFunction =>
      function handleInCaller(this: unknown, ...args: unknown[]): unknown {
        if (name === 'handleError') onError(args[0]);
        if (name === 'handleReadyForQuery') onEnd();
        if (name === 'emit' && args[0] === 'end') span?.succeed(args[1]);
        if (name === 'emit' && args[0] === '_done') undo();
        if (name === 'handleDataRow') rows++;
        // For each row of a large answer, and mostly nobody listens.
        const isIdle = name === 'handleDataRow' && query.listenerCount?.('row') === 0;
        if (isIdle) return Reflect.apply(handler, this, args);
        return withSpan(caller, () => Reflect.apply(handler, this, args));
      };
    undos.push(wrapMethod(target, name, wrap));
  }
  return undo;
}
