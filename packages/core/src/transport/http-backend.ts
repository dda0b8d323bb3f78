/** What a backend takes over HTTP, and what its answers mean. */
export interface HttpBackend {
  /** Of the body of a request. */
  readonly contentType: string;
  /** Statuses after which the same batch may well be taken later. */
  readonly passingStatuses: ReadonlySet<number>;
  /** How often a batch is sent again that is answered with 500. */
  readonly maxRetriesOf500: number;
  /** For messages: the variables that say where it is. */
  readonly whereToSay: string;
  /** What to write instead, in a sentence, after a status that means that the batch is lost. */
  adviceFor(status: number, body: Uint8Array): string;
  /** What the answer to a batch that was taken says of spans that were not. @default all were taken */
  readRejected?(body: Uint8Array): Rejected | undefined;
}

/** Spans that a backend did not take, and why; none where it only has something to say. */
export interface Rejected {
  readonly spans: number;
  readonly reason: string;
}

/** A Jaeger collector. */
export const jaegerBackend: HttpBackend = {
  contentType: 'application/x-thrift',
  passingStatuses: new Set([408, 429, 502, 503, 504]),
  // It says 500 when its queue is full, and also when it will never take the batch.
  maxRetriesOf500: 2,
  whereToSay: 'JAEGER_ENDPOINT',
  adviceFor(status) {
    if (status === 401 || status === 403) {
      return 'Check JAEGER_AUTH_TOKEN, or JAEGER_USER and JAEGER_PASSWORD.';
    }
    if (status === 404 || status === 405) {
      return 'Write its whole URL: that of a Jaeger collector ends in /api/traces, that of OTLP in /v1/traces.';
    }
    return 'Write the URL of a collector that takes Jaeger Thrift.';
  },
};
