import { type Logger, RemoteReporter, type RemoteReporterOptions, SpoorError } from '@spoor/core';
import { consoleLogger, FaultLog, refuseUnknownOptions } from '@spoor/core/internal';
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
  /** The largest body, in bytes; halved where the backend refuses that. @default 262144 */
  maxBatchBytes?: number | undefined;
  /** Where faults are logged. @default the console */
  logger?: Logger | undefined;
}

const optionNames = [
  'endpoint',
  'headers',
  'timeoutMs',
  'maxBatchBytes',
  'logger',
  'flushIntervalMs',
  'maxQueueBytes',
  'maxQueueSpans',
  'maxBatchSpans',
];

/**
 * A reporter that sends OTLP in protobuf over HTTP, for `initTracer(config, { reporter: otlpReporter() })`: where the
 * configuration cannot say it, as in a bundle, or beside another reporter.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an option that there is not, and for an endpoint that is no URL
 */
export function otlpReporter(options: OtlpReporterOptions = {}): RemoteReporter {
  refuseUnknownOptions('otlpReporter', options, optionNames);
  const { endpoint = defaultEndpoint, headers, timeoutMs, maxBatchBytes, logger } = options;
  const { encoder, transport } = otlpSender({
    url: checked(endpoint),
    headers,
    timeoutMs,
    maxBatchBytes,
    faults: new FaultLog(logger ?? consoleLogger),
  });
  return new RemoteReporter(encoder, transport, options);
}

function checked(endpoint: string | URL): URL {
  const url = URL.canParse(String(endpoint)) ? new URL(endpoint) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `otlpReporter.endpoint: expected a URL, got ${JSON.stringify(endpoint)}. Write ${defaultEndpoint}.`,
  );
}
