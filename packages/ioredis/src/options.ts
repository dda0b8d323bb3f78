import { type Span, SpoorError, Tracer } from '@spoor/core';
import { refuseUnknownOptions } from '@spoor/core/internal';
import { type ModuleOption, reportFault } from '@spoor/instrumentation';
import type { CommandArgument } from './library.js';

/** What a hook gets to see of a command. */
export interface TracedCommand {
  /** In lower case; `pipeline` and `multi` for a batch. */
  readonly name: string;
  /** Empty for a batch. */
  readonly args: readonly CommandArgument[];
}

/** Options of `install` and `traceRedis`. */
export interface IoredisOptions extends ModuleOption {
  /** @default the global tracer, looked up for every command */
  tracer?: Tracer | undefined;
  /**
   * No span where no span is active.
   *
   * @default true
   */
  requireActiveTrace?: boolean | undefined;
  /** Commands without a span: their names, or a function that says so. `pipeline` and `multi` are the batches. */
  ignore?:
    | readonly string[]
    | ((name: string, args: readonly CommandArgument[]) => boolean)
    | undefined;
  /**
   * Writes `db.statement`. What it lets out is your choice.
   *
   * @default the command and the names of its keys, every other argument as `?`
   */
  statement?: ((name: string, args: readonly CommandArgument[]) => string) | undefined;
  /** Called with every sampled span before its command is sent. */
  onCommand?: ((span: Span, command: TracedCommand) => void) | undefined;
  /** Called with every sampled span and the reply, when there is one that is no error. */
  onResponse?: ((span: Span, command: TracedCommand, reply: unknown) => void) | undefined;
  /**
   * A span for each command of a pipeline or transaction, below the span of the whole.
   *
   * @default false
   */
  pipelineCommands?: boolean | undefined;
  /**
   * Whether commands that wait by design (`BLPOP`, `XREAD BLOCK`, `WAIT`) have spans.
   *
   * @default true
   */
  blocking?: true | 'ignore' | undefined;
}

/** The options as they are used. */
export interface IoredisSettings {
  readonly tracer: Tracer | undefined;
  readonly requireActiveTrace: boolean;
  readonly isIgnored: (name: string, args: readonly CommandArgument[]) => boolean;
  readonly statement: IoredisOptions['statement'];
  readonly onCommand: IoredisOptions['onCommand'];
  readonly onResponse: IoredisOptions['onResponse'];
  readonly pipelineCommands: boolean;
  readonly ignoresBlocking: boolean;
}

const known = [
  'tracer',
  'requireActiveTrace',
  'ignore',
  'statement',
  'onCommand',
  'onResponse',
  'pipelineCommands',
  'blocking',
] as const;

/** @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant */
export function readOptions(where: string, options: IoredisOptions): IoredisSettings {
  refuseUnknownOptions(where, options, known);
  const { tracer, ignore, blocking } = options;
  if (tracer !== undefined && !(tracer instanceof Tracer)) {
    refuse(
      `${where}.tracer`,
      "a tracer of @spoor/core. Write { tracer: initTracer({ serviceName: 'orders' }) }, or leave it out",
    );
  }
  for (const name of ['requireActiveTrace', 'pipelineCommands'] as const) {
    if (!['undefined', 'boolean'].includes(typeof options[name])) {
      refuse(`${where}.${name}`, 'true or false');
    }
  }
  for (const name of ['statement', 'onCommand', 'onResponse'] as const) {
    if (!['undefined', 'function'].includes(typeof options[name])) {
      refuse(`${where}.${name}`, 'a function');
    }
  }
  if (blocking !== undefined && blocking !== true && blocking !== 'ignore') {
    refuse(`${where}.blocking`, "true or 'ignore'");
  }
  return {
    tracer,
    requireActiveTrace: options.requireActiveTrace ?? true,
    isIgnored: readIgnore(`${where}.ignore`, ignore),
    statement: options.statement,
    onCommand: options.onCommand,
    onResponse: options.onResponse,
    pipelineCommands: options.pipelineCommands ?? false,
    ignoresBlocking: blocking === 'ignore',
  };
}

function readIgnore(where: string, ignore: IoredisOptions['ignore']): IoredisSettings['isIgnored'] {
  if (ignore === undefined) return () => false;
  if (typeof ignore === 'function') {
    return (name, args) => {
      try {
        return ignore(name, args) === true;
      } catch (error) {
        reportFault('ioredis', error);
        return false;
      }
    };
  }
  if (!Array.isArray(ignore) || !ignore.every((name) => typeof name === 'string')) {
    refuse(where, "a list of names or a function. Write { ignore: ['ping'] }");
  }
  const names = new Set(ignore.map((name: string) => name.toLowerCase()));
  return (name) => names.has(name);
}

function refuse(where: string, expected: string): never {
  throw new SpoorError('SPOOR_CONFIG', `${where}: expected ${expected}.`);
}
