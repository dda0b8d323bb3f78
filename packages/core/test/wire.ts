import assert from 'node:assert/strict';
import {
  type Encoder,
  type FinishedSpan,
  type TagList,
  ThriftBinaryEncoder,
  ThriftCompactEncoder,
  Tracer,
} from '@spoor/core';
import {
  type CollectedBatch,
  type CollectedSpan,
  decodeBatch,
  decodeEmitBatch,
} from '@spoor/testing';
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

/** One way to write a batch, and somebody else's way to read it. */
interface Wire {
  readonly name: string;
  createEncoder(maxBatchBytes?: number): Encoder;
  /** The spans as one batch. */
  encode(...spans: FinishedSpan[]): Uint8Array;
  readonly decode: (bytes: Uint8Array) => CollectedBatch;
  /** What may follow behind the spans and is kept free: sequence number, client stats, stops. */
  readonly reservedBytes: number;
}

function wire(
  name: string,
  make: () => Encoder,
  decode: Wire['decode'],
  reservedBytes: number,
): Wire {
  const createEncoder = (maxBatchBytes = 65_000): Encoder => {
    const encoder = make();
    encoder.start({ serviceName: 'svc', tags: [] }, maxBatchBytes);
    return encoder;
  };
  return {
    name,
    createEncoder,
    encode(...spans) {
      const encoder = createEncoder(1_000_000);
      for (const span of spans) assert.equal(encoder.append(span), 'appended');
      return encoder.seal(noLoss)!.bytes;
    },
    decode,
    reservedBytes,
  };
}

export const compact: Wire = wire('compact', () => new ThriftCompactEncoder(), decodeEmitBatch, 60);
export const binaryMessage: Wire = wire(
  'binary message',
  () => new ThriftBinaryEncoder({ asMessage: true }),
  decodeEmitBatch,
  0,
);
export const binaryBatch: Wire = wire(
  'binary batch',
  () => new ThriftBinaryEncoder(),
  decodeBatch,
  0,
);
export const wires: readonly Wire[] = [compact, binaryMessage, binaryBatch];

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
