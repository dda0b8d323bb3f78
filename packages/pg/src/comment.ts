import type { Span } from '@spoor/core';
import type { Undo } from '@spoor/instrumentation';
import type { Submittable } from './pg-types.js';
import { withComment } from './statement.js';

/** The same query with a comment. The user's object is left alone: it may be used for the next query as well. */
export function commented(given: unknown, span: Span): unknown {
  if (typeof given === 'string') return withComment(given, span) ?? given;
  const changed = changedText(given as Query, span);
  if (changed === undefined) return given;
  const copy = Object.create(Object.getPrototypeOf(given), {
    ...Object.getOwnPropertyDescriptors(given),
    text: { value: changed, writable: true, enumerable: true, configurable: true },
  });
  return isWhole(copy) ? copy : given;
}

/** Getters that read private fields throw in a copy; newer versions of pg make one too. */
function isWhole(copy: Query): boolean {
  try {
    void copy.values;
    return true;
  } catch {
    return false;
  }
}

/** Writes the comment into a query that can be sent but once, until it is over. */
export function comment(query: Submittable, span: Span): Undo | undefined {
  const target = (query.cursor ?? query) as { text?: unknown; name?: unknown };
  const { text } = target;
  const changed = isPrepared(query) ? undefined : changedText(target, span);
  const isPlain = Object.getOwnPropertyDescriptor(target, 'text')?.writable === true;
  if (changed === undefined || !isPlain) return undefined;
  target.text = changed;
  return () => {
    target.text = text;
  };
}

interface Query {
  readonly text?: unknown;
  readonly name?: unknown;
  readonly values?: unknown;
}

function changedText(query: Query, span: Span): string | undefined {
  const { text } = query;
  return typeof text === 'string' && !isPrepared(query) ? withComment(text, span) : undefined;
}

/** Its text has to stay the same. */
function isPrepared({ name }: Query): boolean {
  return name !== undefined && name !== null;
}
