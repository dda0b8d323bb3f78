import { type Span, SpoorError, Tracer } from '@spoor/core';
import { refuseUnknownOptions } from '@spoor/core/internal';
import { type ModuleOption, sanitiseSql } from '@spoor/instrumentation';

/** A query as it was given to pg. */
export interface PgQuery {
  readonly text: string | undefined;
  /** Of a prepared statement. */
  readonly name: string | undefined;
  /** May hold secrets. */
  readonly values: unknown;
}

/** Options of {@link install} and of {@link tracePg}. */
export interface PgOptions extends ModuleOption {
  /** @default the global tracer, looked up for every query */
  tracer?: Tracer | undefined;
  /**
   * No span where no span is active, so that background queries make no traces of their own.
   *
   * @default true
   */
  requireActiveTrace?: boolean | undefined;
  /**
   * What the tag `db.statement` says: the text with its literals replaced, nothing, or what a function makes of the text.
   *
   * @default 'sanitised'
   */
  statement?: 'sanitised' | 'none' | ((text: string) => string | undefined) | undefined;
  /**
   * Appends a comment with the span's `traceparent` to the text of sampled queries, so that the server's logs lead to the
   * trace. Not to prepared statements, nor where the text has a comment.
   *
   * @default false
   */
  sqlcommenter?: boolean | undefined;
  /**
   * A span for every new connection.
   *
   * @default false
   */
  connectSpans?: boolean | undefined;
  /** Called with the span of a query before it is sent. */
  onQuery?: ((span: Span, query: PgQuery) => void) | undefined;
  /** Called with the span of a query and what pg answers, before the span ends; not after an error. */
  onResult?: ((span: Span, result: unknown) => void) | undefined;
}

/** The options, checked and with their defaults. */
export interface PgSettings {
  readonly tracer: Tracer | undefined;
  readonly requireActiveTrace: boolean;
  readonly statement: ((text: string) => string | undefined) | undefined;
  readonly sqlcommenter: boolean;
  readonly connectSpans: boolean;
  readonly onQuery: PgOptions['onQuery'];
  readonly onResult: PgOptions['onResult'];
}

const known = [
  'tracer',
  'requireActiveTrace',
  'statement',
  'sqlcommenter',
  'connectSpans',
  'onQuery',
  'onResult',
] as const;

/** @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant */
export function readOptions(options: PgOptions, where = 'install'): PgSettings {
  refuseUnknownOptions(where, options, known);
  const { tracer, requireActiveTrace = true, sqlcommenter = false, connectSpans = false } = options;
  const { statement = 'sanitised', onQuery, onResult } = options;
  const refuse = (name: string, expected: string): never => {
    throw new SpoorError('SPOOR_CONFIG', `${where}.${name}: expected ${expected}.`);
  };
  if (tracer !== undefined && !(tracer instanceof Tracer)) {
    refuse(
      'tracer',
      "a tracer of @spoor/core. Write { tracer: initTracer({ serviceName: 'orders' }) }, or leave it out",
    );
  }
  for (const [name, value] of Object.entries({ requireActiveTrace, sqlcommenter, connectSpans })) {
    if (typeof value !== 'boolean') refuse(name, 'true or false');
  }
  for (const [name, value] of Object.entries({ onQuery, onResult })) {
    if (value !== undefined && typeof value !== 'function') refuse(name, 'a function');
  }
  const isStatement =
    statement === 'sanitised' || statement === 'none' || typeof statement === 'function';
  if (!isStatement) refuse('statement', "'sanitised', 'none' or a function");
  return {
    tracer,
    requireActiveTrace,
    statement: statementBy(statement),
    sqlcommenter,
    connectSpans,
    onQuery,
    onResult,
  };
}

function statementBy(statement: NonNullable<PgOptions['statement']>): PgSettings['statement'] {
  if (statement === 'none') return undefined;
  if (statement === 'sanitised') return (text) => sanitiseSql(text, { dialect: 'postgresql' });
  return statement;
}
