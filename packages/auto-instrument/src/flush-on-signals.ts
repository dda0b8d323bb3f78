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
      if (process.listenerCount(signal) > 1) return;
      void Promise.race([flushed, sleep(patienceMs)]).finally(() => {
        process.off(signal, onSignal);
        process.kill(process.pid, signal);
      });
    };
    process.on(signal, onSignal);
  }
}
