import {
  defineInstrumentation,
  type Instrumentation,
  type Live,
  type LogFieldSettings,
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
  readonly symbols: {
    readonly asJsonSym: symbol;
    readonly chindingsSym: symbol;
    readonly formattersSym: symbol;
    /** Not in the first versions of pino 8. */
    readonly errorKeySym?: symbol;
    readonly levelCompSym?: symbol;
  };
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
      find: (library) => library.default ?? library,
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

/**
 * All loggers have this method from one object. Pino's channel `pino_asJson` would do for a look, but what is added there goes
 * into the application's own object, and stays.
 */
function patchRecords(pino: Pino, live: Live<LogSettings>): Undo {
  const { asJsonSym } = pino.symbols;
  const prototype = prototypeOf(pino) as Record<symbol, AsJson>;
  return wrapMethod(
    prototype,
    asJsonSym,
    (asJson) =>
      function correlatedAsJson(this: PinoLogger, record, message, level, time) {
        const { settings } = live;
        const fields = settings && correlate(pino, settings, this, { record, message, level });
        if (fields === undefined) return asJson.call(this, record, message, level, time);
        if (isForFormatter(pino, this, record)) {
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

interface LogRecord {
  readonly record: Record<string, unknown>;
  readonly message: unknown;
  readonly level: number;
}

/** What is to be added to the record, if anything. */
function correlate(
  pino: Pino,
  { fields, logErrors }: LogSettings,
  logger: PinoLogger,
  { record, message, level }: LogRecord,
): LogFields | undefined {
  try {
    const span = spanOfRecord();
    if (span === undefined) return undefined;
    if (logErrors && isErrorLevel(pino, logger, level)) {
      logErrorRecord(span, message, errorOf(pino, logger, record));
    }
    return hasIds(pino, logger, record, fields) ? undefined : logFieldsOf(span, fields);
  } catch (error) {
    reportFault('pino', error);
    return undefined;
  }
}

function hasIds(
  { symbols }: Pino,
  logger: PinoLogger,
  record: object,
  fields: LogFieldSettings,
): boolean {
  return mark in record || isWritten(record, logger[symbols.chindingsSym], fields);
}

/** By the order of the logger's own levels, which may go down. */
function isErrorLevel({ symbols }: Pino, logger: PinoLogger, level: number): boolean {
  const error = logger.levels.values.error ?? 50;
  const isEnabled = symbols.levelCompSym && logger[symbols.levelCompSym];
  return typeof isEnabled === 'function' ? isEnabled(level, error) : level >= error;
}

function errorOf({ symbols }: Pino, logger: PinoLogger, record: LogRecord['record']): unknown {
  const errorKey = symbols.errorKeySym && logger[symbols.errorKeySym];
  return [record[String(errorKey)], record.err, record.error].find(
    (value) => value instanceof Error,
  );
}

/** A formatter may call what the class of the record has; it has to get the record itself, not a copy. */
function isForFormatter({ symbols }: Pino, logger: PinoLogger, record: object): boolean {
  const { log } = logger[symbols.formattersSym] as { log?: unknown };
  if (log === undefined) return false;
  const prototype = Object.getPrototypeOf(record);
  return prototype !== Object.prototype && prototype !== null;
}

/** As pino has it in the middle of a line. */
function asText(fields: LogFields): string {
  return `,${JSON.stringify(fields).slice(1, -1)}`;
}
