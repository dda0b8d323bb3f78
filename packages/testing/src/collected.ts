/** What a tag or a log field can hold. A long outside JavaScript's safe integers is a `bigint`. */
export type TagValue = string | number | bigint | boolean | Uint8Array;

/** The type that a tag had on the wire. @see jaeger-idl jaeger.thrift, `TagType` */
export type TagType = 'string' | 'double' | 'bool' | 'long' | 'binary';

/** One tag as it was sent. */
export interface CollectedTag {
  key: string;
  type: TagType;
  value: TagValue;
}

/** One log of a span. Of fields with the same key, the last wins. */
export interface CollectedLog {
  timestampUs: number;
  fields: Record<string, TagValue>;
}

/** One reference of a span to another. */
export interface CollectedReference {
  type: 'child_of' | 'follows_from';
  /** Lower-case hex, 16 digits, or 32 when the upper half is not 0. */
  traceId: string;
  spanId: string;
}

/** A span as the backend would see it, with the process that sent it. */
export interface CollectedSpan {
  /** Lower-case hex, 16 digits, or 32 when the upper half is not 0. */
  traceId: string;
  /** Lower-case hex, 16 digits. */
  spanId: string;
  /** Lower-case hex, 16 digits; empty when there is no parent. */
  parentSpanId: string;
  operationName: string;
  flags: number;
  startTimeUs: number;
  durationUs: number;
  references: CollectedReference[];
  /** Of tags with the same key, the last wins; {@link tagList} has them all. */
  tags: Record<string, TagValue>;
  tagTypes: Record<string, TagType>;
  /** Every tag, in the order sent, duplicates kept. */
  tagList: CollectedTag[];
  logs: CollectedLog[];
  serviceName: string;
  processTags: Record<string, TagValue>;
}

/** What a client says it has lost so far. @see jaeger-idl jaeger.thrift, `ClientStats` */
export interface CollectedStats {
  fullQueueDroppedSpans: number;
  tooLargeDroppedSpans: number;
  failedToEmitSpans: number;
}

/** One batch: a UDP packet or an HTTP body. */
export interface CollectedBatch {
  serviceName: string;
  processTags: Record<string, TagValue>;
  spans: CollectedSpan[];
  seqNo?: number;
  stats?: CollectedStats;
  packetBytes: number;
  protocol: 'compact' | 'binary';
}
