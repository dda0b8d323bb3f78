import type { Span } from '@spoor/core';
import {
  defineInstrumentation,
  type Instrumentation,
  type Live,
  type LogFields,
  type LogOptions,
  type LogSettings,
  logErrorRecord,
  logFieldsOf,
  readLogOptions,
  reportFault,
  spanOfRecord,
  type Undo,
  wrapMethod,
} from '@spoor/instrumentation';
import { isWritten, mark } from './record.js';

/** Options of {@link install}. */
export interface PinoOptions extends LogOptions {}

type AsJson = (
  this: PinoLogger,
  record: Record<string, unknown>,
  message: unknown,
  level: number,
  time: string,
) => string;

/** The inside of a logger, by the symbols that pino exports. */
interface PinoLogger {
  readonly levels: { readonly values: Readonly<Record<string, number>> };
  [key: symbol]: unknown;
}

/** What pino exports, in part. */
interface Pino {
  (options: object, stream: object): PinoLogger;
  readonly symbols: PinoSymbols;
}

interface PinoSymbols {
  readonly asJsonSym: symbol;
  readonly chindingsSym: symbol;
  readonly formattersSym: symbol;
  /** Not in the first versions of pino 8. */
  readonly errorKeySym?: symbol;
  readonly levelCompSym?: symbol;
}

const instrumentation: Instrumentation<PinoOptions> = defineInstrumentation<
  PinoOptions,
  LogSettings
>({
  name: 'pino',
  readOptions: (options) => readLogOptions('install', options),
  patches: [
    {
      library: 'pino',
      file: 'pino.js',
      majors: [8, 9, 10],
      find(library) {
        const pino = library.default ?? library;
        return typeof pino === 'function' ? pino : undefined;
      },
      patch: (pino: Pino, live) => [patchRecords(pino, live)],
    },
  ],
});

/**
 * Adds the ids of the active span to every record of pino 8, 9 and 10. Covers every copy of pino in the process and every
 * logger, made before or after, Fastify's among them. Calling it again only changes the options.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function install(options?: PinoOptions): void {
  instrumentation.install(options);
}

/** Ends what {@link install} began. */
export function uninstall(): void {
  instrumentation.uninstall();
}

/** A record that is written in a span. */
interface Logged {
  readonly span: Span;
  readonly logger: PinoLogger;
  readonly record: Readonly<Record<string, unknown>>;
  readonly message: unknown;
  readonly level: number;
}

/**
 * All loggers have this method from one object. Pino's channel `pino_asJson` would do for a look, but what is added there goes
 * into the application's own object, and stays.
 */
function patchRecords(pino: Pino, live: Live<LogSettings>): Undo {
  const { symbols } = pino;
  const prototype = prototypeOf(pino) as Record<symbol, AsJson>;
  return wrapMethod(
    prototype,
    symbols.asJsonSym,
    (asJson) =>
      function correlatedAsJson(this: PinoLogger, record, message, level, time) {
        const { settings } = live;
        const span = settings && spanOfRecord();
        if (settings === undefined || span === undefined) {
          return asJson.call(this, record, message, level, time);
        }
        const logged = { span, logger: this, record, message, level };
        const fields = correlate(logged, settings, symbols);
        if (fields === undefined) return asJson.call(this, record, message, level, time);
        if (isForFormatter(logged, symbols)) {
          return asJson.call(this, record, message, level, time + asText(fields));
        }
        return asJson.call(this, Object.assign(fields, record), message, level, time);
      },
  );
}

function prototypeOf(pino: Pino): object {
  let found: object = pino({ level: 'silent' }, { write() {} });
  while (!Object.hasOwn(found, pino.symbols.asJsonSym)) found = Object.getPrototypeOf(found);
  return found;
}

/** What is to be added to the record, if anything. */
function correlate(
  logged: Logged,
  { fields, logErrors }: LogSettings,
  symbols: PinoSymbols,
): LogFields | undefined {
  const { span, logger, record, message } = logged;
  try {
    if (logErrors && isError(logged, symbols)) {
      logErrorRecord(span, message, errorOf(logged, symbols));
    }
    if (mark in record || isWritten(record, logger[symbols.chindingsSym], fields)) return undefined;
    return logFieldsOf(span, fields);
  } catch (error) {
    reportFault('pino', error);
    return undefined;
  }
}

/** By the order of the logger's own levels, which may go down. */
function isError({ logger, level }: Logged, { levelCompSym }: PinoSymbols): boolean {
  const error = logger.levels.values.error ?? 50;
  const isEnabled = levelCompSym && logger[levelCompSym];
  return typeof isEnabled === 'function' ? isEnabled(level, error) : level >= error;
}

function errorOf({ logger, record }: Logged, { errorKeySym }: PinoSymbols): unknown {
  const errorKey = String(errorKeySym && logger[errorKeySym]);
  return [record[errorKey], record.err, record.error].find((value) => value instanceof Error);
}

/** A formatter may call what the class of the record has; it has to get the record itself, not a copy. */
function isForFormatter({ logger, record }: Logged, { formattersSym }: PinoSymbols): boolean {
  const { log } = logger[formattersSym] as { log?: unknown };
  if (log === undefined) return false;
  const prototype = Object.getPrototypeOf(record);
  return prototype !== Object.prototype && prototype !== null;
}

/** As pino has it in the middle of a line. */
function asText(fields: LogFields): string {
  return `,${JSON.stringify(fields).slice(1, -1)}`;
}
