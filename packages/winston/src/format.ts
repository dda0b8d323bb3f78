import { SpoorError } from '@spoor/core';
import { refuseUnknownOptions } from '@spoor/core/internal';
import {
  type LogFieldOptions,
  logFieldsOf,
  readLogFields,
  spanOfRecord,
} from '@spoor/instrumentation';
import { isWritten, withFields } from './record.js';

/** Options of {@link jaegerFormat}. */
export interface JaegerFormatOptions extends LogFieldOptions {}

/** What winston takes as `format`, and `format.combine` as one of several. */
export interface JaegerFormat {
  readonly options: object;
  transform<Info extends object>(info: Info): Info;
}

/**
 * Makes a format that adds the ids of the active span to every record of one logger or transport. Put it first:
 * `format.combine(jaegerFormat(), format.json())`. What the application writes under the same names goes before.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function jaegerFormat(options: JaegerFormatOptions = {}): JaegerFormat {
  if (Object.hasOwn(Object(options), 'logErrors')) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      'jaegerFormat.logErrors: winston tells a format nothing of the order of levels. Write install({ logErrors: true }) beside it.',
    );
  }
  refuseUnknownOptions('jaegerFormat', options, ['fields']);
  const settings = readLogFields('jaegerFormat', options.fields);
  return {
    options: {},
    transform(info) {
      const span = spanOfRecord();
      if (span === undefined || isWritten(info, settings)) return info;
      const fields = logFieldsOf(span, settings);
      return fields === undefined ? info : withFields(info, fields);
    },
  };
}
