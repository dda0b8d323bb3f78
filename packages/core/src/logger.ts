/** Where Spoor writes what a person should read. `jaeger-client` took the same shape. */
export interface Logger {
  info(message: string): void;
  error(message: string): void;
}

/** Writes to the console. Used when no `logger` option is given. */
export const consoleLogger: Logger = {
  info: (message) => console.info(message),
  error: (message) => console.error(message),
};

const intervalMs = 60_000;

/** Logs faults, each reason at most once a minute, and never throws: a logger of the user may. */
export class FaultLog {
  readonly #logger: Logger;
  readonly #silentUntil = new Map<string, number>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param reason a fixed word, the key of the rate limit */
  report(reason: string, message: string): void {
    const now = Date.now();
    if (now < (this.#silentUntil.get(reason) ?? 0)) return;
    this.#silentUntil.set(reason, now + intervalMs);
    try {
      this.#logger.error(`spoor: ${message}`);
    } catch {
      // A logger that fails has nowhere to say so, and must not reach the application.
    }
  }
}

/** The message of anything that can be thrown, without ever throwing itself. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'an error that cannot be shown';
  }
}
