import { type Span, SpoorError } from '@spoor/core';
import { isUntraced, refuseUnknownOptions } from '@spoor/core/internal';
import { parentSpan } from './child-span.js';
import type { ModuleOption } from './instrumentation.js';
import { reportFault } from './report-fault.js';

/** What the fields of a log record are called; `false` leaves one out. */
export interface LogFieldNames {
  /** @default 'trace_id' */
  traceId?: string | false | undefined;
  /** @default 'span_id' */
  spanId?: string | false | undefined;
  /**
   * Whether the trace is sampled, which is whether Jaeger will have it.
   *
   * @default false
   */
  sampled?: string | false | undefined;
}

/** Options of what adds fields to log records. */
export interface LogFieldOptions {
  /** Names of the fields, or `false` for each that shall not be there. */
  fields?: LogFieldNames | undefined;
}

/** Options of an instrumentation of a logger. */
export interface LogOptions extends LogFieldOptions, ModuleOption {
  /**
   * Records of the level error and above are logged on the active span too: `event`, `message`, and of an `Error` that they
   * carry `error.kind` and `stack`.
   *
   * @default false
   */
  logErrors?: boolean | undefined;
}

/** {@link LogOptions} as they are used. */
export interface LogSettings {
  readonly fields: LogFieldSettings;
  readonly logErrors: boolean;
}

/** The names as they are used: undefined for a field that is left out. */
export interface LogFieldSettings {
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly sampled: string | undefined;
  /** Those that are there. */
  readonly names: readonly string[];
}

/** What is added to a log record. */
export type LogFields = Record<string, string | boolean>;

const defaults = { traceId: 'trace_id', spanId: 'span_id', sampled: false } as const;

type Field = keyof typeof defaults;

/** @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant */
export function readLogOptions(where: string, options: LogOptions): LogSettings {
  refuseUnknownOptions(where, options, ['fields', 'logErrors']);
  if (!['undefined', 'boolean'].includes(typeof options.logErrors)) {
    throw new SpoorError('SPOOR_CONFIG', `${where}.logErrors: expected true or false.`);
  }
  return {
    fields: readLogFields(where, options.fields),
    logErrors: options.logErrors ?? false,
  };
}

/** @throws SpoorError `SPOOR_CONFIG` for an unknown field, or what is no name */
export function readLogFields(
  where: string,
  fields: LogFieldNames | undefined = {},
): LogFieldSettings {
  refuseUnknownOptions(`${where}.fields`, fields, Object.keys(defaults));
  const traceId = readName(where, fields, 'traceId');
  const spanId = readName(where, fields, 'spanId');
  const sampled = readName(where, fields, 'sampled');
  const names = [traceId, spanId, sampled].filter((name) => name !== undefined);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      `${where}.fields: two fields are called "${twice}". Give each a name of its own, or false to leave it out.`,
    );
  }
  return { traceId, spanId, sampled, names };
}

function readName(where: string, fields: LogFieldNames, field: Field): string | undefined {
  const name = fields[field] ?? defaults[field];
  if (name === false) return undefined;
  if (typeof name === 'string' && name !== '') return name;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `${where}.fields.${field}: expected a name or false. Write { ${field}: '${defaults[field] || 'trace_sampled'}' }.`,
  );
}

/** The span that a log record belongs to: the active one, unless Spoor itself is at work. Never throws. */
export function spanOfRecord(): Span | undefined {
  try {
    const span = parentSpan();
    return span === undefined || isUntraced(span) ? undefined : span;
  } catch (error) {
    reportFault('log correlation', error);
    return undefined;
  }
}

/**
 * The fields of a record that is written in `span`, sampled or not: ids also join the records of several services. Undefined
 * where it has no ids, as some spans of other tracers, or where no field is wanted.
 */
export function logFieldsOf(span: Span, settings: LogFieldSettings): LogFields | undefined {
  if (settings.names.length === 0) return undefined;
  try {
    const context = span.context();
    const traceId = context.toTraceId();
    if (!traceId) return undefined;
    const fields: LogFields = {};
    if (settings.traceId !== undefined) fields[settings.traceId] = traceId;
    if (settings.spanId !== undefined) fields[settings.spanId] = context.toSpanId();
    // Spans of other tracers do not say.
    if (settings.sampled !== undefined && 'isSampled' in context) {
      fields[settings.sampled] = context.isSampled();
    }
    return fields;
  } catch (error) {
    // Whatever was made active is no span that we know.
    reportFault('log correlation', error);
    return undefined;
  }
}
