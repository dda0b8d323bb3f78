import type { FinishedSpan } from '../finished-span.js';
import { consoleLogger, type Logger } from '../logger.js';
import { formatIds } from '../span-context.js';
import { tagValueToText } from '../tag-value.js';
import type { Reporter, ReporterContext } from './reporter.js';

/** Logs one line for every span: `Reporting span {trace}:{span}:{parent}:{flags} {service}.{operation}`. */
export class LoggingReporter implements Reporter {
  readonly #logger: Logger;
  #serviceName = '';

  constructor(logger: Logger = consoleLogger) {
    this.#logger = logger;
  }

  start({ process }: ReporterContext): void {
    this.#serviceName = process.serviceName;
  }

  report(span: FinishedSpan): void {
    this.#logger.info(
      `Reporting span ${formatIds(span)} ${this.#serviceName}.${tagValueToText(span.operationName)}`,
    );
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  toString(): string {
    return 'LoggingReporter';
  }
}
