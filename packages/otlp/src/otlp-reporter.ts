import { type Logger, RemoteReporter, type RemoteReporterOptions } from '@spoor/core';
import {
  collectorUrl,
  consoleLogger,
  FaultLog,
  type Given,
  refuseOtherObjects,
  refuseUnknownOptions,
  resolveSettings,
  wholeNumber,
} from '@spoor/core/internal';
import { otlpSender } from './otlp-sender.js';

const defaultEndpoint = 'http://localhost:4318/v1/traces';

/** Options of {@link otlpReporter}. */
export interface OtlpReporterOptions extends RemoteReporterOptions {
  /** The whole URL of the collector, `http:` or `https:`. @default 'http://localhost:4318/v1/traces' */
  endpoint?: string | URL | undefined;
  /** Further headers of each request, such as a key of the backend. @default none */
  headers?: Readonly<Record<string, string>> | undefined;
  /** How long one request may take in all, in milliseconds. @default 5000 */
  timeoutMs?: number | undefined;
  /** The largest body, in bytes, up to 20 MiB; halved where the backend refuses that. @default 262144 */
  maxBatchBytes?: number | undefined;
  /** Where faults are logged. @default the console */
  logger?: Logger | undefined;
}

/** What backends take. @see OTLP specification, "OTLP/HTTP Request" */
const MAX_BODY_BYTES = 20 * 1024 * 1024;

/** What the configuration calls the options, and whose checks are theirs too, but where they have one of their own. */
const settingOf = {
  endpoint: { path: 'reporter.collectorEndpoint', kind: collectorUrl(defaultEndpoint) },
  headers: { path: 'reporter.headers' },
  timeoutMs: { path: 'reporter.timeoutMs' },
  maxBatchBytes: {
    path: 'reporter.maxPacketSize',
    kind: wholeNumber(1000, MAX_BODY_BYTES, 'Write 262144, a quarter of a megabyte'),
  },
  flushIntervalMs: { path: 'reporter.flushIntervalMs' },
  maxQueueBytes: { path: 'reporter.maxQueueBytes' },
  maxQueueSpans: { path: 'reporter.maxQueueSpans' },
  maxBatchSpans: { path: 'reporter.maxBatchSpans' },
};

/**
 * A reporter that sends OTLP in protobuf over HTTP, for `initTracer(config, { reporter: otlpReporter() })`: where the
 * configuration cannot say it, as in a bundle, or beside another reporter.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an option that there is not, and for a value that cannot be meant
 */
export function otlpReporter(options: OtlpReporterOptions = {}): RemoteReporter {
  refuseUnknownOptions('otlpReporter', options, [...Object.keys(settingOf), 'logger']);
  refuseOtherObjects('otlpReporter', options);
  const { endpoint = defaultEndpoint, logger = consoleLogger } = options;
  const values = { ...options, endpoint: endpoint instanceof URL ? endpoint.href : endpoint };
  const given: Given = new Map();
  for (const [name, { path, ...own }] of Object.entries(settingOf)) {
    const value = values[name as keyof typeof settingOf];
    if (value !== undefined) given.set(path, { where: `otlpReporter.${name}`, value, ...own });
  }
  const { settings } = resolveSettings(given, {});
  const { encoder, transport } = otlpSender({
    url: values.endpoint,
    headers: settings.headers,
    timeoutMs: settings.timeoutMs,
    maxBatchBytes: settings.maxPacketSize,
    faults: new FaultLog(logger),
  });
  return new RemoteReporter(encoder, transport, settings);
}
