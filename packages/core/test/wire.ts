import assert from 'node:assert/strict';
import { type FinishedSpan, type TagList, ThriftCompactEncoder, Tracer } from '@spoor/core';
import type { CollectedSpan } from '@spoor/testing';
import { keepAll } from './helpers.js';

export const noLoss = { fullQueueDroppedSpans: 0, tooLargeDroppedSpans: 0, failedToEmitSpans: 0 };
export const ids = {
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
export function collectedSpan(fields: Partial<CollectedSpan> = {}): CollectedSpan {
  return {
    traceId: '0000000000000001',
    spanId: '0000000000000002',
    parentSpanId: '',
    operationName: 'op',
    flags: 1,
    startTimeUs: 1000,
    durationUs: 5,
    references: [],
    tags: {},
    tagTypes: {},
    tagList: [],
    logs: [],
    serviceName: 'svc',
    processTags: {},
    ...fields,
  };
}

export function createEncoder(maxBatchBytes = 65_000): ThriftCompactEncoder {
  const encoder = new ThriftCompactEncoder();
  encoder.start({ serviceName: 'svc', tags: [] }, maxBatchBytes);
  return encoder;
}

/** The spans as one packet. */
export function encode(...spans: FinishedSpan[]): Uint8Array {
  const encoder = createEncoder();
  for (const span of spans) assert.equal(encoder.append(span), 'appended');
  return encoder.seal(noLoss)!.bytes;
}

let keptTags: TagList = [];
const tracer = new Tracer('svc', {
  sampler: keepAll,
  reporter: {
    report(span) {
      keptTags = [...span.tags];
    },
    async flush() {},
    async close() {},
  },
});

/** Keys and values of any type, as a span keeps them. */
export function tagList(...keysAndValues: unknown[]): TagList {
  const span = tracer.startSpan('op');
  for (let i = 0; i < keysAndValues.length; i += 2) {
    span.setTag(keysAndValues[i] as string, keysAndValues[i + 1]);
  }
  span.finish();
  return keptTags;
}
