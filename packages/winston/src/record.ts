import type { LogFieldSettings, LogFields } from '@spoor/instrumentation';

/** What winston writes: an object with a level and a message, or an error of the application's. */
export type LogRecord = Record<PropertyKey, unknown>;

/**
 * Whether the application, or a format or patch before this one, has written one of the fields. Then all of them stay as they
 * are: our span id beside a trace id of somebody else would lead nowhere.
 */
export function isWritten(record: object, { names }: LogFieldSettings): boolean {
  return names.some((name) => name in record);
}

/** A copy, as the object is the application's, which may write it again. */
export function withFields<T extends object>(record: T, fields: LogFields): T {
  const prototype = Object.getPrototypeOf(record);
  if (prototype === Object.prototype || prototype === null) return { ...record, ...fields };
  // Of an error neither what it says nor what it is can be enumerated.
  const copy = Object.create(prototype, Object.getOwnPropertyDescriptors(record));
  if (record instanceof Error) {
    // In newer versions of Node its getter knows the error itself alone.
    Object.defineProperty(copy, 'stack', {
      value: record.stack,
      writable: true,
      configurable: true,
    });
  }
  return Object.assign(copy, fields);
}
