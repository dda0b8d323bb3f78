import {
  type FinishedSpan,
  type Ids,
  type Logger,
  type Sampler,
  type Span,
  type StartSpanOptions,
  type TagList,
  Tracer,
  type TracerOptions,
} from '@spoor/core';
import { OtlpEncoder } from '@spoor/otlp';
import { decodeOtlp, type OtlpBatch, type OtlpSpan } from '@spoor/testing';

export const noLoss = { fullQueueDroppedSpans: 0, tooLargeDroppedSpans: 0, failedToEmitSpans: 0 };

/** Keeps every trace and adds no tags. */
export const keepAll: Sampler = { tags: [], isSampled: () => true };

export const ids: Ids = {
  traceId0: 0,
  traceId1: 0,
  traceId2: 0,
  traceId3: 1,
  spanId0: 0,
  spanId1: 2,
  parentId0: 0,
  parentId1: 0,
  flags: 1,
};

export function finishedSpan(fields: Partial<FinishedSpan> = {}): FinishedSpan {
  return {
    ...ids,
    operationName: 'op',
    startTimeMs: 1,
    durationMs: 0.005,
    tags: [],
    logs: undefined,
    references: undefined,
    baggage: undefined,
    ...fields,
  };
}

/** How the span of {@link finishedSpan} is decoded. */
export function otlpSpan(fields: Partial<OtlpSpan> = {}): OtlpSpan {
  return {
    traceId: '00000000000000000000000000000001',
    spanId: '0000000000000002',
    parentSpanId: '',
    traceState: '',
    flags: 1,
    name: 'op',
    kind: 0,
    startNs: 1_000_000n,
    endNs: 1_005_000n,
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    status: undefined,
    ...fields,
  };
}

export function startedEncoder(maxBatchBytes = 65_000, tags: TagList = []): OtlpEncoder {
  const encoder = new OtlpEncoder();
  encoder.start({ serviceName: 'svc', tags }, maxBatchBytes);
  return encoder;
}

/** The spans as one batch, as somebody else's decoder reads it. */
export function roundTrip(...spans: FinishedSpan[]): OtlpBatch {
  const encoder = startedEncoder(20_000_000);
  for (const span of spans) encoder.append(span);
  return decodeOtlp(encoder.seal(noLoss)!.bytes);
}

/** What is sent of a span that `use` has made something of. */
export function sent(
  use: (span: Span) => void,
  options: TracerOptions = {},
  start: StartSpanOptions = {},
): OtlpSpan {
  let batch: OtlpBatch | undefined;
  const tracer = new Tracer('svc', {
    sampler: keepAll,
    reporter: {
      report(span) {
        batch = roundTrip(span);
      },
      async flush() {},
      async close() {},
    },
    ...options,
  });
  const span = tracer.startSpan('op', start);
  use(span);
  span.finish();
  return batch!.spans[0]!;
}

export class RecordedLog implements Logger {
  readonly errors: string[] = [];
  info(): void {}
  error(message: string): void {
    this.errors.push(message);
  }
}
