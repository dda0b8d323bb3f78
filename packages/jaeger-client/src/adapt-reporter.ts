import {
  CompositeReporter as CoreCompositeReporter,
  type Reporter as CoreReporter,
  type FinishedSpan,
  type ReporterContext,
} from '@spoor/core';
import { RemoteReporter } from './remote-reporter.js';
import { CompositeReporter } from './reporters.js';
import { type Span, toTags } from './span.js';
import type { Reporter } from './types.js';

/** Reporters of this package are taken apart, those that derive from them are not. */
export function toCoreReporter(reporter: Reporter): CoreReporter {
  if (reporter instanceof RemoteReporter && reporter.constructor === RemoteReporter) {
    return reporter.core;
  }
  if (reporter instanceof CompositeReporter && reporter.constructor === CompositeReporter) {
    return new CoreCompositeReporter(reporter._reporters.map(toCoreReporter));
  }
  return new ForeignReporter(reporter);
}

/** How long a reporter of the user may take to flush or close, in milliseconds. */
const drainTimeoutMs = 5000;

/** Any reporter that is written as `jaeger-client` has them, those of this package included. */
class ForeignReporter implements CoreReporter {
  readonly #reporter: Reporter & { flush?(callback: () => void): void };

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  start({ process }: ReporterContext): void {
    this.#reporter.setProcess?.(process.serviceName, toTags(process.tags));
  }

  report(span: FinishedSpan): void {
    // A tracer of this package makes no others.
    const ours = span as Span;
    ours.keep();
    this.#reporter.report(ours);
  }

  flush(): Promise<void> {
    return calledBack((callback) => {
      if (this.#reporter.flush === undefined) callback();
      else this.#reporter.flush(callback);
    });
  }

  close(): Promise<void> {
    return calledBack((callback) => this.#reporter.close(callback));
  }

  toString(): string {
    return String(this.#reporter);
  }
}

function calledBack(start: (callback: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, drainTimeoutMs);
    timer.unref();
    try {
      start(() => {
        clearTimeout(timer);
        resolve();
      });
    } catch (error) {
      clearTimeout(timer);
      reject(error);
    }
  });
}
