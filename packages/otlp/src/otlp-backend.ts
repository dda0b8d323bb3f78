import type { HttpBackend, Rejected } from '@spoor/core';
import { readFields } from './read-fields.js';

/** @see OTLP specification, "OTLP/HTTP Response" */
export const otlpBackend: HttpBackend = {
  contentType: 'application/x-protobuf',
  passingStatuses: new Set([429, 502, 503, 504]),
  maxRetriesOf500: 0,
  whereToSay: 'JAEGER_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT',

  adviceFor(status, body) {
    if (status === 401 || status === 403) {
      return 'Check OTEL_EXPORTER_OTLP_HEADERS, JAEGER_REPORTER_HEADERS or JAEGER_AUTH_TOKEN.';
    }
    if (status === 404 || status === 405) {
      return 'Write its whole URL: that of an OTLP collector ends in /v1/traces, which is added to OTEL_EXPORTER_OTLP_ENDPOINT and to nothing else.';
    }
    const message = text(readFields(body)?.get(2));
    if (message !== '') return `It says ${JSON.stringify(message)}.`;
    if (status === 408 || status >= 500) return 'Its own log may say why.';
    return 'Write the URL of a collector that takes OTLP in protobuf.';
  },

  /** ExportTracePartialSuccess of the answer. */
  readRejected(body): Rejected | undefined {
    const partialSuccess = readFields(body)?.get(1);
    if (!(partialSuccess instanceof Uint8Array)) return undefined;
    const fields = readFields(partialSuccess);
    const count = fields?.get(1);
    const spans = typeof count === 'number' ? count : 0;
    const reason = text(fields?.get(2));
    return spans > 0 || reason !== '' ? { spans, reason } : undefined;
  },
};

/** As much of it as belongs into a log. */
function text(field: number | Uint8Array | undefined): string {
  return field instanceof Uint8Array ? Buffer.from(field).toString().slice(0, 200) : '';
}
