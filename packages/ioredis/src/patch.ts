import {
  activeSpan,
  type Live,
  type Undo,
  withoutSpan,
  withSpan,
  wrapMethod,
} from '@spoor/instrumentation';
import { traceBatch } from './batch.js';
import { beginCommand } from './command.js';
import type { Callback, RedisClient, RedisCluster } from './library.js';
import type { IoredisSettings } from './options.js';
import { fail, sentTo, traceOf } from './trace.js';

/** Wraps the methods of a client, or of the prototype of all. */
export function patchClient(target: RedisClient, live: Live<IoredisSettings>): readonly Undo[] {
  return [
    wrapMethod(
      target,
      'sendCommand',
      (sendCommand) =>
        function tracedSendCommand(this: RedisClient, command, ...rest) {
          const trace = traceOf(command);
          if (trace && !trace.isOver && !this.isCluster) sentTo(trace, this);
          // The commands of a pipeline are its span's.
          const isNew = trace === undefined && rest[0]?.isPipeline !== true;
          if (!isNew || live.settings === undefined)
            return sendCommand.call(this, command, ...rest);
          const begun = beginCommand(this, command, live.settings);
          try {
            return sendCommand.call(this, command, ...rest);
          } catch (error) {
            // Of the application's own, such as `scaleReads`.
            if (begun !== null) fail(begun, error);
            throw error;
          }
        },
    ),
    wrapMethod(
      target,
      'connect',
      (connect) =>
        // The connection outlives whoever is first to need it: what it is to send, and what it hears, is nobody's.
        function tracedConnect(this: RedisClient, ...args) {
          const given = args.map(inCallersSpan) as typeof args;
          return withoutSpan(() => connect.apply(this, given));
        },
    ),
    wrapMethod(
      target,
      'pipeline',
      (pipeline) =>
        function tracedPipeline(this: RedisClient, ...args) {
          const made = pipeline.apply(this, args);
          if (live.settings !== undefined) traceBatch(this, made, 'PIPELINE', live);
          return made;
        },
    ),
    wrapMethod(
      target,
      'multi',
      (multi) =>
        function tracedMulti(this: RedisClient, ...args) {
          const made = multi.apply(this, args);
          if (live.settings !== undefined && 'isPipeline' in made) {
            traceBatch(this, made, 'MULTI', live);
          }
          return made;
        },
    ),
  ];
}

/** As {@link patchClient}; what waits for the slots of a cluster would otherwise lose its caller. */
export function patchCluster(target: RedisCluster, live: Live<IoredisSettings>): readonly Undo[] {
  return [
    ...patchClient(target, live),
    wrapMethod(
      target,
      'delayUntilReady',
      (delayUntilReady) =>
        function tracedDelayUntilReady(this: RedisCluster, callback) {
          return delayUntilReady.call(this, inCallersSpan(callback));
        },
    ),
    wrapMethod(
      target,
      'refreshSlotsCache',
      (refreshSlotsCache) =>
        // After a redirect the cluster asks for its slots by itself.
        function tracedRefreshSlotsCache(this: RedisCluster, callback) {
          const given = inCallersSpan(callback);
          return withoutSpan(() => refreshSlotsCache.call(this, given));
        },
    ),
  ];
}

function inCallersSpan<Given extends Callback | undefined>(callback: Given): Given {
  const span = activeSpan();
  if (typeof callback !== 'function' || span === undefined) return callback;
  const run: Callback = (...args) => withSpan(span, () => callback(...args));
  return run as Given;
}
