import type { LogFieldSettings } from '@spoor/instrumentation';

/** On a record that a mixin of ours has seen: the patch leaves it alone. The same for every copy of this package. */
export const mark: unique symbol = Symbol.for('spoor.1.pino.record') as never;

/**
 * Whether the application has written one of the fields by itself, in the record or in the bindings of its logger. Then all of
 * them are its own: our span id beside a trace id of somebody else would lead nowhere.
 *
 * @param bindings as pino keeps them: `,"name":"orders","order":7`
 */
export function isWritten(record: object, bindings: unknown, { names }: LogFieldSettings): boolean {
  for (const name of names) {
    if (name in record || (typeof bindings === 'string' && isBound(bindings, name))) return true;
  }
  return false;
}

function isBound(bindings: string, name: string): boolean {
  if (!bindings.includes(`"${name}":`)) return false;
  // It may be further inside of a binding.
  try {
    return Object.hasOwn(JSON.parse(`{${bindings.slice(1)}}`), name);
  } catch {
    return true;
  }
}
