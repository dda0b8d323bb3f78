import type { Reporter } from './reporter.js';

/** Drops every span. */
export class NullReporter implements Reporter {
  report(): void {}

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  toString(): string {
    return 'NullReporter';
  }
}
