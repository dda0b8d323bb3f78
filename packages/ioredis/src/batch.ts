import { type Live, reportFault, startChildSpan, wrapMethod } from '@spoor/instrumentation';
import { beginCommand, endWith } from './command.js';
import { commandName } from './command-name.js';
import type { PipelineResults, RedisClient, RedisCommand, RedisPipeline } from './library.js';
import type { IoredisSettings } from './options.js';
import { cut } from './statement.js';
import { describe, end, fail, newTrace, setTrace, succeed, type Trace, traceOf } from './trace.js';

/** What `pipeline()` or `multi()` made it. */
export type BatchKind = 'PIPELINE' | 'MULTI';

/** On a pipeline whose `exec` was called: it is called again after a redirect. The same for every copy of this package. */
const mark: unique symbol = Symbol.for('spoor.1.ioredis.batch') as never;

type Marked = RedisPipeline & { [mark]?: Batch | null };

interface Batch {
  readonly trace: Trace;
  /** With `pipelineCommands`. */
  readonly commands: Map<RedisCommand, Trace>;
}

/** Traces a pipeline or transaction as one span, from `exec` to its results; an automatic one by its commands instead. */
export function traceBatch(
  client: RedisClient,
  pipeline: RedisPipeline,
  kind: BatchKind,
  live: Live<IoredisSettings>,
): void {
  try {
    wrapBatch(client, pipeline, kind, live);
  } catch (error) {
    reportFault('ioredis', error);
  }
}

function wrapBatch(
  client: RedisClient,
  pipeline: RedisPipeline,
  kind: BatchKind,
  live: Live<IoredisSettings>,
): void {
  if (client.options.enableAutoPipelining === true) {
    wrapMethod(
      pipeline,
      'sendCommand',
      (sendCommand) =>
        // Here, as when it is executed the first caller's span is active for the commands of all.
        function tracedSendCommand(this: RedisPipeline, command) {
          if (live.settings !== undefined && isAutomatic(this) && traceOf(command) === undefined) {
            beginCommand(client, command, live.settings);
          }
          return sendCommand.call(this, command);
        },
    );
  }
  wrapMethod(
    pipeline,
    'exec',
    (exec) =>
      function tracedExec(this: RedisPipeline, ...args) {
        // Of a pipeline with `multi` in it the first `exec` only adds that command.
        const isCommand = kind === 'PIPELINE' && this._transactions > 0;
        if (live.settings === undefined || isCommand || isAutomatic(this)) {
          return exec.apply(this, args);
        }
        const batch = (this as Marked)[mark];
        if (batch === undefined) beginBatch(client, this, kind, live.settings);
        else if (batch !== null) watchAgain(batch, client);
        try {
          return exec.apply(this, args);
        } catch (error) {
          endBatch(this, (trace) => fail(trace, error));
          throw error;
        }
      },
  );
}

/** The library keeps under a symbol of its own whether it has scheduled the pipeline. */
function isAutomatic(pipeline: RedisPipeline): boolean {
  return Object.getOwnPropertySymbols(pipeline).some(({ description }) => description === 'exec');
}

function beginBatch(
  client: RedisClient,
  pipeline: RedisPipeline,
  kind: BatchKind,
  settings: IoredisSettings,
): void {
  let batch: Batch | null = null;
  try {
    batch = begin(client, pipeline, kind, settings);
  } catch (error) {
    reportFault('ioredis', error);
  }
  (pipeline as Marked)[mark] = batch;
  if (batch !== null) endWithPipeline(pipeline, kind);
}

function begin(
  client: RedisClient,
  pipeline: RedisPipeline,
  kind: BatchKind,
  settings: IoredisSettings,
): Batch | null {
  // The MULTI that begins a transaction is none of its commands; its EXEC is not there yet.
  const queue = kind === 'MULTI' ? pipeline._queue.slice(1) : pipeline._queue;
  const name = kind.toLowerCase();
  if (pipeline._queue.length === 0 || settings.isIgnored(name, [])) return null;
  const span = startChildSpan(`redis:${kind}`, settings);
  if (span === undefined) return null;
  if (!span.isWritable()) {
    span.finish();
    return null;
  }
  const trace = newTrace(span, settings, { name, args: [] });
  span.setTag('db.redis.batch_size', queue.length);
  describe(trace, client, distinctNames(queue));
  const commands = new Map<RedisCommand, Trace>();
  for (const command of pipeline._queue) setTrace(command, trace);
  if (settings.pipelineCommands) {
    for (const command of queue) {
      const child = beginCommand(client, command, settings, trace);
      if (child === null) setTrace(command, trace);
      else commands.set(command, child);
    }
  }
  return { trace, commands };
}

function distinctNames(queue: readonly RedisCommand[]): string {
  const names = new Set<string>();
  for (const { name } of queue) names.add(commandName(name).operation.slice('redis:'.length));
  return cut([...names].join(' '));
}

/** As for a command, the promise is not touched. */
function endWithPipeline(pipeline: RedisPipeline, kind: BatchKind): void {
  const { resolve, reject } = pipeline;
  pipeline.resolve = function endAndResolve(results) {
    endBatch(this, (trace) => conclude(trace, results, kind));
    resolve.call(this, results);
  };
  pipeline.reject = function endAndReject(error) {
    endBatch(this, (trace) => fail(trace, error));
    reject.call(this, error);
  };
}

function endBatch(pipeline: RedisPipeline, endTrace: (trace: Trace) => void): void {
  const batch = (pipeline as Marked)[mark];
  if (batch === null || batch === undefined) return;
  for (const command of batch.commands.values()) {
    if (command.heldError === undefined) end(command);
    else fail(command, command.heldError);
  }
  endTrace(batch.trace);
}

function conclude(trace: Trace, results: PipelineResults, kind: BatchKind): void {
  const last = results.at(-1);
  const error = kind === 'MULTI' ? errorOfTransaction(last) : errorOf(results);
  // Somebody else has changed what was watched.
  if (kind === 'MULTI' && last?.[1] === null) trace.span.setTag('db.redis.aborted', true);
  if (error === undefined) succeed(trace, results);
  else fail(trace, error);
}

function errorOf(results: PipelineResults): unknown {
  for (const [error] of results) if (error) return error;
  return undefined;
}

function errorOfTransaction(exec: PipelineResults[number] | undefined): unknown {
  if (exec?.[0]) return exec[0];
  const replies = exec?.[1];
  return Array.isArray(replies) ? replies.find((reply) => reply instanceof Error) : undefined;
}

/** Commands that are sent again have got a new promise, and with it a new `resolve` and `reject`. */
function watchAgain({ commands }: Batch, { isCluster }: RedisClient): void {
  for (const [command, trace] of commands) {
    if (isCluster && !trace.isOver && trace.heldError !== undefined) endWith(command, trace, true);
  }
}
