import { SpoorError } from '@spoor/core';
import { refuseUnknownOptions } from '@spoor/core/internal';
import {
  type LogFieldOptions,
  logFieldsOf,
  readLogFields,
  spanOfRecord,
} from '@spoor/instrumentation';
import { isWritten, mark } from './record.js';

/** What pino takes as `mixin`. */
export type Mixin = (
  mergeObject: object,
  level: number,
  // biome-ignore lint/suspicious/noExplicitAny: a logger, in the types of the application's own pino
  logger?: any,
) => object;

/** Options of {@link jaegerMixin}. */
export interface JaegerMixinOptions extends LogFieldOptions {
  /** A mixin of your own, as pino has room for one: what it returns goes before the ids. */
  mixin?: Mixin | undefined;
}

/**
 * Makes a mixin that adds the ids of the active span to every record of one logger and its children:
 * `pino({ mixin: jaegerMixin() })`. What the application writes under the same names goes before.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function jaegerMixin(options: JaegerMixinOptions = {}): Mixin {
  if (Object.hasOwn(Object(options), 'logErrors')) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      'jaegerMixin.logErrors: pino tells a mixin nothing of the message. Write install({ logErrors: true }) beside it.',
    );
  }
  refuseUnknownOptions('jaegerMixin', options, ['fields', 'mixin']);
  const { mixin } = options;
  if (mixin !== undefined && typeof mixin !== 'function') {
    throw new SpoorError('SPOOR_CONFIG', 'jaegerMixin.mixin: expected a function.');
  }
  const settings = readLogFields('jaegerMixin', options.fields);
  return function jaegerMixin(mergeObject, level, logger) {
    // A new object each time, as pino writes into it.
    const own = { ...mixin?.(mergeObject, level, logger) };
    const span = spanOfRecord();
    if (span === undefined) return own;
    const isOwn =
      isWritten(own, undefined, settings) || isWritten(mergeObject, bindingsOf(logger), settings);
    return { ...(isOwn ? undefined : logFieldsOf(span, settings)), ...own, [mark]: true };
  };
}

let bindingsKey: symbol = Symbol();

/** Kept serialised, under a symbol of each copy of pino. Undefined in old versions of pino 8, which do not tell the logger. */
function bindingsOf(logger: Record<symbol, unknown> | undefined): unknown {
  if (logger === undefined) return undefined;
  if (!(bindingsKey in logger)) {
    const found = Object.getOwnPropertySymbols(logger).find(isBindingsKey);
    if (found === undefined) return undefined;
    bindingsKey = found;
  }
  return logger[bindingsKey];
}

function isBindingsKey({ description }: symbol): boolean {
  return description === 'pino.chindings';
}
