import {
  RemoteReporter as CoreRemoteReporter,
  type Reporter as CoreReporter,
  type Process,
  SpoorError,
} from '@spoor/core';
import { Clock, FaultLog, Metrics, toTagValue } from '@spoor/core/internal';
import { type Sender, SenderReporter } from './sender-reporter.js';
import { HTTPSender, UDPSender } from './senders.js';
import type { Span, Tag } from './span.js';
import type { Logger, MetricsFactory, Reporter } from './types.js';

/** The second argument of {@link RemoteReporter}. */
export interface RemoteReporterOptions {
  /** How often what is buffered is sent, in milliseconds. @default 1000 */
  bufferFlushInterval?: number | undefined;
  /** The tracer's is used where the reporter belongs to one. */
  logger?: Logger | undefined;
  /** The tracer's is used where the reporter belongs to one. */
  metrics?: MetricsFactory | undefined;
}

/** Sends spans to a Jaeger agent or collector, through a sender of this package or one of your own. */
export class RemoteReporter implements Reporter {
  /** What a tracer of this package reports to. */
  readonly core: CoreReporter;
  readonly #options: RemoteReporterOptions;

  /** @throws SpoorError `SPOOR_CONFIG` without a sender */
  constructor(sender: UDPSender | HTTPSender | Sender, options: RemoteReporterOptions = {}) {
    if (!sender) {
      throw new SpoorError(
        'SPOOR_CONFIG',
        'RemoteReporter must be given a Sender. Write initTracer({ serviceName, reporter: { agentHost } }) to have one made.',
      );
    }
    const flushIntervalMs = options.bufferFlushInterval || 1000;
    this.#options = options;
    this.core =
      sender instanceof UDPSender || sender instanceof HTTPSender
        ? new CoreRemoteReporter(sender.encoder, sender.transport, { flushIntervalMs })
        : new SenderReporter(sender, flushIntervalMs);
  }

  name(): string {
    return 'RemoteReporter';
  }

  report(span: Span): void {
    this.core.report(span);
  }

  /** For reporters that hold this one; a tracer calls it where it is not the tracer's own reporter. */
  setProcess(serviceName: string, tags: Tag[]): void {
    const process: Process = {
      serviceName,
      tags: tags.flatMap(({ key, value }) => [key, toTagValue(value)]),
    };
    const { logger = { info() {}, error() {} }, metrics } = this.#options;
    this.core.start?.({
      process,
      clock: new Clock(),
      metrics: new Metrics(metrics),
      faults: new FaultLog(logger),
    });
  }

  /** Sends what is buffered, then calls back. */
  flush(callback?: () => void): void {
    void this.core.flush().finally(callback);
  }

  /** Sends what is buffered, ends all timers and sockets, then calls back. */
  close(callback?: () => void): void {
    void this.core.close().finally(callback);
  }

  toString(): string {
    return this.name();
  }
}
