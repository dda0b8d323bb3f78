import type { Span } from '@spoor/core';
import { type Undo, withSpan, wrapMethod } from '@spoor/instrumentation';
import { watchCursor } from './open-cursors.js';
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

/** Whose query it is. */
export interface Following {
  readonly caller: Span | undefined;
  readonly span: QuerySpan | undefined;
  /** Puts back what was changed on the query before. */
  readonly restore: Undo | undefined;
}

/**
 * Ends the span when pg tells the query that it is over, and lets the query's listeners and callbacks run in the caller's
 * span instead of the connection's. Nothing is left on the query afterwards.
 */
export function followSubmittable(
  client: object,
  query: Submittable,
  { caller, span, restore }: Following,
): Undo {
  const target = query as unknown as Handlers;
  const undos: Undo[] = restore === undefined ? [] : [restore];
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
  if (span !== undefined) {
    const onLeft = (): void => {
      undo();
      span.leaveUnread(rows);
    };
    undos.push(watchCursor(client, query, onLeft));
  }
  const isNative = typeof target.handleReadyForQuery !== 'function';
  for (const name of isNative ? ['emit', 'callback', 'handleError'] : handlers) {
    if (typeof target[name] !== 'function') continue;
    const wrap = (handler: AnyFunction): AnyFunction =>
      function handleInCaller(this: unknown, ...args: unknown[]): unknown {
        // The native client has yet to complete its error, and throws it where nobody listens.
        if (name === 'handleError' && !isNative) onError(args[0]);
        if (name === 'handleReadyForQuery') onEnd();
        if (name === 'emit' && args[0] === 'end') span?.succeed(args[1]);
        if (name === 'emit' && args[0] === '_done') undo();
        if (name === 'handleDataRow') rows++;
        // For each row of a large answer, and mostly nobody listens.
        const isIdle = name === 'handleDataRow' && query.listenerCount?.('row') === 0;
        if (isIdle) return Reflect.apply(handler, this, args);
        try {
          return withSpan(caller, () => Reflect.apply(handler, this, args));
        } finally {
          if (name === 'handleError' && isNative) onError(args[0]);
        }
      };
    undos.push(wrapMethod(target, name, wrap));
  }
  return undo;
}
