import { setTimeout as sleep } from 'node:timers/promises';
import { globalTracer, withoutSpan } from '@spoor/core';

/** How long a signal may be held up, in milliseconds. */
const patienceMs = 1000;

/**
 * Sends what is buffered before a signal ends the process. Where the application has a listener of its own, that one decides
 * when the process ends; otherwise it ends by the same signal as it would have.
 */
export function flushOnSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const onSignal = (): void => {
      const flushed = withoutSpan(() => globalTracer()?.flush());
      if (process.listenerCount(signal) > 1 + countOfSignalExit()) {
        process.off('beforeExit', hearOneMore).once('beforeExit', hearOneMore);
        return;
      }
      void Promise.race([flushed, sleep(patienceMs)]).finally(() => {
        process.off(signal, onSignal);
        process.kill(process.pid, signal);
      });
    };
    process.on(signal, onSignal);
  }
}

/**
 * An application that cleans up sends the signal again at the end, as Nest does. While there is a listener it arrives a turn of
 * the event loop later, and by then nothing else may keep the process, which would end with 0.
 */
function hearOneMore(): void {
  setImmediate(() => {});
}

/**
 * How many listeners are of the npm package `signal-exit`, which half of npm depends on. They end the process, but only where
 * all listeners are theirs, which they count: each would wait for the other.
 */
function countOfSignalExit(): number {
  const holders = process as { __signal_exit_emitter__?: unknown };
  const global = globalThis as { [key: symbol]: unknown };
  const ofVersions = [
    holders.__signal_exit_emitter__,
    global[Symbol.for('signal-exit emitter')],
  ] as readonly ({ count?: unknown } | undefined)[];
  return ofVersions.reduce(
    (sum, emitter) => sum + (typeof emitter?.count === 'number' ? emitter.count : 0),
    0,
  );
}
