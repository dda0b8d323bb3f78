import type { Undo } from '@spoor/instrumentation';
import type { Submittable } from './pg-types.js';

/** What to do when a client goes back to its pool with cursors that nobody has closed. */
const openCursors = new WeakMap<object, Set<() => void>>();

/** Calls back if `query` is a cursor that is left open. */
export function watchCursor(client: object, query: Submittable, onLeft: () => void): Undo {
  const cursor = (query.cursor ?? query) as { read?: unknown; close?: unknown; state?: unknown };
  if (typeof cursor.read !== 'function' || typeof cursor.close !== 'function') return () => {};
  const open = openCursors.get(client) ?? new Set();
  openCursors.set(client, open);
  const leave = (): void => {
    // Else its end is on the way from the server.
    if (cursor.state !== 'done' && cursor.state !== 'error') onLeft();
  };
  open.add(leave);
  return () => open.delete(leave);
}

/** The client is given back: what holds it open nobody is to read any more. */
export function leaveCursors(client: object): void {
  for (const leave of openCursors.get(client) ?? []) leave();
}
