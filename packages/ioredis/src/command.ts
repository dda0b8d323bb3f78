import { reportFault, startChildSpan } from '@spoor/instrumentation';
import { type CommandName, commandName } from './command-name.js';
import type { RedisClient, RedisCommand } from './library.js';
import type { IoredisSettings } from './options.js';
import { statementOf } from './statement.js';
import { describe, end, fail, newTrace, setTrace, succeed, type Trace } from './trace.js';

/** Starts the span of a command that is seen for the first time; from here on it ends by itself. */
export function beginCommand(
  client: RedisClient,
  command: RedisCommand,
  settings: IoredisSettings,
  batch?: Trace,
): Trace | null {
  let trace: Trace | null = null;
  try {
    trace = begin(client, command, settings, batch);
  } catch (error) {
    reportFault('ioredis', error);
  }
  setTrace(command, trace);
  if (trace === null) return null;
  // With an argument that has no text the promise was rejected as it was made, and there is nothing else to settle it.
  if (typeof command.reject !== 'function') fail(trace, new TypeError('an argument has no text'));
  else endWith(command, trace, batch !== undefined && client.isCluster);
  return trace;
}

function begin(
  client: RedisClient,
  command: RedisCommand,
  settings: IoredisSettings,
  batch: Trace | undefined,
): Trace | null {
  const name = commandName(command.name);
  if (name.isSilent || settings.isIgnored(name.lower, command.args)) return null;
  const isBlocking = name.isBlocking || (name.hasBlockOption && asksToBlock(command));
  if (isBlocking && settings.ignoresBlocking) return null;
  const span =
    batch?.span
      .tracer()
      .startSpan(name.operation, { childOf: batch.span, ignoreActiveSpan: true }) ??
    startChildSpan(name.operation, {
      tracer: settings.tracer,
      requireActiveTrace: settings.requireActiveTrace || name.isOfConnection,
    });
  if (span === undefined) return null;
  if (!span.isWritable()) {
    // Nothing goes on from here that could need it.
    span.finish();
    return null;
  }
  const trace = newTrace(span, settings, { name: name.lower, args: command.args }, batch);
  describe(trace, client, describeStatement(client, command, name, settings));
  if (isBlocking) span.setTag('redis.blocking', true);
  return trace;
}

function describeStatement(
  client: RedisClient,
  command: RedisCommand,
  { lower }: CommandName,
  { statement }: IoredisSettings,
): string | undefined {
  if (statement === undefined) {
    const isKnown = typeof (client as unknown as Record<string, unknown>)[lower] === 'function';
    return statementOf(command, lower, isKnown);
  }
  try {
    return String(statement(lower, command.args));
  } catch (error) {
    reportFault('ioredis', error);
    return undefined;
  }
}

function asksToBlock({ args }: RedisCommand): boolean {
  const words = args.map((arg) => (typeof arg === 'string' ? arg.toLowerCase() : ''));
  // Behind it are the keys.
  return words.slice(0, words.indexOf('streams')).includes('block');
}

/**
 * Ends the span when the command settles. Its promise is not touched: a look at it would make a rejection that nobody handles
 * a handled one.
 *
 * @param isHeld an error is kept until the batch ends, as it may be sent again
 */
export function endWith(command: RedisCommand, trace: Trace, isHeld = false): void {
  const { resolve, reject, transformReply } = command;
  let reply: unknown;
  if (trace.settings.onResponse !== undefined) {
    command.transformReply = function rememberReply(raw) {
      reply = transformReply.call(this, raw);
      return reply;
    };
  }
  command.resolve = function endAndResolve(raw) {
    // First, as it turns to reject where the reply cannot be read.
    const result = resolve.call(this, raw);
    succeed(trace, reply);
    return result;
  };
  command.reject = function endAndReject(error) {
    if (isScriptUnknown(this, error)) {
      // The library sends the script itself next, and nobody sees this error.
      trace.span.setTag('db.redis.noscript', true);
      end(trace);
    } else if (isHeld) trace.heldError = error;
    else fail(trace, error);
    return reject.call(this, error);
  };
}

/** Commands of `defineCommand` have a class of their own, below that of all others. */
function isScriptUnknown(command: RedisCommand, error: unknown): boolean {
  const base = Object.getPrototypeOf(Object.getPrototypeOf(command));
  return base !== Object.prototype && String((error as Error)?.message).includes('NOSCRIPT');
}
