import {
  defineInstrumentation,
  type Instrumentation,
  type Live,
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
import { isWritten, type LogRecord, withFields } from './record.js';

/** Options of {@link install}. */
export interface WinstonOptions extends LogOptions {}

interface Logger {
  readonly silent?: boolean;
  readonly level: string;
  /** The lower the number, the worse. */
  readonly levels: Readonly<Record<string, number>>;
  readonly transports: readonly { readonly level?: string; readonly log?: unknown }[];
  write(info: LogRecord, ...rest: unknown[]): boolean;
}

/** Under which formats find what the application wrote; known to all packages of winston. */
const levelKey = Symbol.for('level');
const splatKey = Symbol.for('splat');

const instrumentation: Instrumentation<WinstonOptions> = defineInstrumentation<
  WinstonOptions,
  LogSettings
>({
  name: 'winston',
  readOptions: (options) => readLogOptions('install', options),
  patches: [
    {
      library: 'winston',
      file: 'lib/winston/logger.js',
      majors: [3],
      find(library) {
        const { createLogger } = library.createLogger ? library : (library.default ?? {});
        // Every logger is of a class below it; older versions do not export it.
        return createLogger && parentClassOf(createLogger({ silent: true }));
      },
      patch: (Logger: { prototype: Logger }, live) => [patchWrite(Logger.prototype, live)],
    },
  ],
});

/**
 * Adds the ids of the active span to every record of winston 3. Covers every copy of winston in the process and every logger,
 * made before or after. Calling it again only changes the options.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function install(options?: WinstonOptions): void {
  instrumentation.install(options);
}

/** Ends what {@link install} began. */
export function uninstall(): void {
  instrumentation.uninstall();
}

function parentClassOf(logger: object): unknown {
  return Object.getPrototypeOf(Object.getPrototypeOf(logger)).constructor;
}

/**
 * Every record passes here at once, child loggers' and uncaught exceptions' too. Formats only get to it when the transports are
 * ready, which may be in another request.
 */
function patchWrite(prototype: Logger, live: Live<LogSettings>): Undo {
  return wrapMethod(
    prototype,
    'write',
    (write) =>
      function correlatedWrite(this: Logger, info, ...rest) {
        const { settings } = live;
        const record = settings === undefined ? info : correlate(settings, this, info);
        return write.call(this, record, ...rest);
      },
  );
}

function correlate({ fields, logErrors }: LogSettings, logger: Logger, info: LogRecord): LogRecord {
  try {
    const span = spanOfRecord();
    if (span === undefined || typeof info !== 'object' || !isTaken(logger, info)) return info;
    if (logErrors && isErrorLevel(logger, info)) {
      logErrorRecord(span, messageOf(info), errorOf(info));
    }
    if (isWritten(info, fields)) return info;
    const added = logFieldsOf(span, fields);
    return added === undefined ? info : withFields(info, added);
  } catch (error) {
    reportFault('winston', error);
    return info;
  }
}

function severityOf({ levels }: Logger, info: LogRecord): number {
  return levels[String(info[levelKey] ?? info.level)] ?? Number.NaN;
}

/** Whether any transport writes it. Each decides by itself, long after this. */
function isTaken(logger: Logger, info: LogRecord): boolean {
  if (logger.silent) return false;
  const { levels, transports } = logger;
  const severity = severityOf(logger, info);
  // A stream that is no transport takes everything.
  const takes = ({ level, log }: Logger['transports'][number]): boolean =>
    log === undefined || !(level || logger.level) || levels[level || logger.level]! >= severity;
  return transports.length === 0 || transports.some(takes);
}

function isErrorLevel(logger: Logger, info: LogRecord): boolean {
  return severityOf(logger, info) <= (logger.levels.error ?? Number.NaN);
}

/** As the format `splat` would have it. */
function messageOf(info: LogRecord): unknown {
  const { message, [splatKey]: splat } = info;
  if (message instanceof Error) return message.message;
  if (typeof message !== 'string' || !Array.isArray(splat)) return message;
  const tokens = message.match(/%[scdjifoO]/g) ?? [];
  // Not imported: that evaluates every export of node:util, which takes milliseconds at start.
  const { format } = process.getBuiltinModule('node:util');
  return format(message, ...splat.slice(0, tokens.length));
}

function errorOf(info: LogRecord): unknown {
  const splat = info[splatKey];
  const found = [info, info.message, info.error, info.err, ...(Array.isArray(splat) ? splat : [])];
  return found.find((value) => value instanceof Error) ?? rebuilt(info);
}

/** A child logger takes an error apart before anybody sees it. */
function rebuilt({ stack }: LogRecord): Error | undefined {
  if (typeof stack !== 'string') return undefined;
  const name = /^\w+/.exec(stack)?.[0] ?? 'Error';
  return Object.assign(new Error(), { name, stack });
}
