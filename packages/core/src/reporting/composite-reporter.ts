import type { FinishedSpan } from '../finished-span.js';
import type { Reporter, ReporterContext } from './reporter.js';

/** Gives every span to each of several reporters, in order. */
export class CompositeReporter implements Reporter {
  readonly #reporters: readonly Reporter[];

  constructor(reporters: readonly Reporter[]) {
    this.#reporters = reporters;
  }

  start(context: ReporterContext): void {
    for (const reporter of this.#reporters) reporter.start?.(context);
  }

  report(span: FinishedSpan): void {
    let firstError: unknown;
    let hasFailed = false;
    for (const reporter of this.#reporters) {
      try {
        reporter.report(span);
      } catch (error) {
        // The others shall have the span all the same; the tracer counts the fault.
        if (!hasFailed) firstError = error;
        hasFailed = true;
      }
    }
    if (hasFailed) throw firstError;
  }

  async flush(): Promise<void> {
    await settleAll(this.#reporters.map(async (reporter) => reporter.flush()));
  }

  async close(): Promise<void> {
    await settleAll(this.#reporters.map(async (reporter) => reporter.close()));
  }

  toString(): string {
    return `CompositeReporter(${this.#reporters.join(',')})`;
  }
}

/** Waits for all, then rejects with the first fault: one that fails must not cut the others short. */
async function settleAll(promises: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(promises);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
