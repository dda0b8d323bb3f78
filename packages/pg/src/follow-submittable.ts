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
  if (span !== undefined && isCursor(query)) {
    const onRelease = (): void => {
      if (isClosing(query)) return;
      undo();
      span.leaveUnread(rows);
    };
    openCursors.set(client, onRelease);
    undos.push(() => {
      if (openCursors.get(client) === onRelease) openCursors.delete(client);
    });
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

/** What to do when a client goes back to its pool, with a cursor that nobody has closed. */
const openCursors = new WeakMap<object, Undo>();

/** Ends the span of a cursor that is left open: it holds its client, and nobody is to read it any more. */
export function leaveCursor(client: object): void {
  openCursors.get(client)?.();
}

function isCursor(query: Submittable): boolean {
  const { read, close } = cursorOf(query);
  return typeof read === 'function' && typeof close === 'function';
}

/** Its end is on the way from the server. */
function isClosing(query: Submittable): boolean {
  const { state } = cursorOf(query);
  return state === 'done' || state === 'error';
}

function cursorOf(query: Submittable): Record<string, unknown> {
  return (query.cursor ?? query) as unknown as Record<string, unknown>;
}
