import type { Span, Tag } from './span.js';
import type { Logger, Reporter } from './types.js';

/** Drops every span. */
export class NoopReporter implements Reporter {
  name(): string {
    return 'NoopReporter';
  }

  report(_span: Span): void {}

  setProcess(_serviceName: string, _tags: Tag[]): void {}

  close(callback?: () => void): void {
    callback?.();
  }

  toString(): string {
    return this.name();
  }
}

/** Keeps every span until {@link clear}: for tests. */
export class InMemoryReporter implements Reporter {
  #spans: Span[] = [];
  /** What `setProcess` was called with. */
  _process: { serviceName: string; tags: Tag[] } | undefined = undefined;

  /** What was reported so far, in the order in which the spans finished. */
  get spans(): Span[] {
    return this.#spans;
  }

  name(): string {
    return 'InMemoryReporter';
  }

  report(span: Span): void {
    this.#spans.push(span);
  }

  clear(): void {
    this.#spans = [];
  }

  setProcess(serviceName: string, tags: Tag[]): void {
    this._process = { serviceName, tags };
  }

  close(callback?: () => void): void {
    callback?.();
  }

  toString(): string {
    return this.name();
  }
}

/** Logs one line for every span: `Reporting span {trace}:{span}:{parent}:{flags}`. */
export class LoggingReporter implements Reporter {
  readonly #logger: Logger | undefined;

  /** @param logger without one nothing is logged */
  constructor(logger?: Logger) {
    this.#logger = logger;
  }

  name(): string {
    return 'LoggingReporter';
  }

  report(span: Span): void {
    this.#logger?.info(`Reporting span ${span.context()}`);
  }

  setProcess(_serviceName: string, _tags: Tag[]): void {}

  close(callback?: () => void): void {
    callback?.();
  }

  toString(): string {
    return this.name();
  }
}

/** Gives every span to each of several reporters, in order. */
export class CompositeReporter implements Reporter {
  readonly _reporters: readonly Reporter[];

  constructor(reporters: readonly Reporter[]) {
    this._reporters = reporters;
  }

  name(): string {
    return 'CompositeReporter';
  }

  report(span: Span): void {
    for (const reporter of this._reporters) reporter.report(span);
  }

  setProcess(serviceName: string, tags: Tag[]): void {
    for (const reporter of this._reporters) reporter.setProcess?.(serviceName, tags);
  }

  /** Calls back when all have. */
  close(callback?: () => void): void {
    let openCount = this._reporters.length;
    if (openCount === 0) callback?.();
    for (const reporter of this._reporters) {
      reporter.close(() => {
        openCount -= 1;
        if (openCount === 0) callback?.();
      });
    }
  }

  toString(): string {
    return `${this.name()}(${this._reporters.join(',')})`;
  }
}
