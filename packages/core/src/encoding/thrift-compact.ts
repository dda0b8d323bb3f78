// Hot path: runs for every span. Measure before and after (bench/).
import type { FinishedSpan, SpanLog, SpanReference } from '../finished-span.js';
import type { Process } from '../process-tags.js';
import type { TagList } from '../tags.js';
import type { ByteWriter } from './byte-writer.js';
import type { ClientStats } from './encoder.js';
import { TagCache, type TagFormat } from './tag-cache.js';
import { nameText, ThriftEncoder, type ThriftProtocol } from './thrift-encoder.js';

// Field headers of the compact protocol: (id of the field minus id of the field before) << 4 | type.
const TRUE = 1;
const FALSE = 2;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
const STOP = 0;
const next = (type: number): number => (1 << 4) | type;
const skip = (fields: number, type: number): number => ((fields + 1) << 4) | type;

// TagType of jaeger.thrift, as zigzag varints.
const TAG_STRING = 0;
const TAG_DOUBLE = 1 << 1;
const TAG_BOOL = 2 << 1;
const TAG_LONG = 3 << 1;
const TAG_BINARY = 4 << 1;

/** Message `emitBatch`, oneway, sequence id 0: protocol id, version and type, sequence id, name. */
const messageHeader = Buffer.from('\x82\x81\x00\x09emitBatch', 'latin1');

/**
 * Writes spans as the argument of `emitBatch` in Thrift's compact protocol: what a Jaeger agent takes on UDP port 6831.
 *
 * @see jaeger-idl agent.thrift, jaeger.thrift
 * @see Apache Thrift, "Thrift Compact protocol"
 */
export class ThriftCompactEncoder extends ThriftEncoder {
  constructor() {
    super(compactProtocol);
  }
}

/** Message header, and the batch up to its process. */
function writePrefix(writer: ByteWriter, process: Process): void {
  writer.raw(messageHeader);
  writer.byte(next(STRUCT));
  writer.byte(next(STRUCT));
  writer.byte(next(BINARY));
  writer.string(process.serviceName);
  writer.byte(next(LIST));
  writeTags(writer, process.tags, new TagCache(tagFormat));
  writer.byte(STOP);
}

function writeSpan(writer: ByteWriter, span: FinishedSpan, cache: TagCache): void {
  writer.byte(next(I64));
  writer.zigzag64(span.traceId2, span.traceId3);
  writer.byte(next(I64));
  writer.zigzag64(span.traceId0, span.traceId1);
  writer.byte(next(I64));
  writer.zigzag64(span.spanId0, span.spanId1);
  writer.byte(next(I64));
  writer.zigzag64(span.parentId0, span.parentId1);
  writer.byte(next(BINARY));
  cache.writeName(writer, nameText(span.operationName));
  const { references } = span;
  if (references === undefined || references.length === 0) {
    writer.byte(skip(1, I32));
  } else {
    writer.byte(next(LIST));
    writeReferences(writer, references);
    writer.byte(next(I32));
  }
  writer.varint32(span.flags << 1);
  writer.byte(next(I64));
  writer.zigzagNumber(Math.round(span.startTimeMs * 1000));
  writer.byte(next(I64));
  writer.zigzagNumber(Math.round(span.durationMs * 1000));
  writer.byte(next(LIST));
  writeTags(writer, span.tags, cache);
  writer.byte(next(LIST));
  writeLogs(writer, span.logs, cache);
  writer.byte(STOP);
}

function writeTags(writer: ByteWriter, tags: Readonly<TagList>, cache: TagCache): void {
  writeListHeader(writer, tags.length >> 1, STRUCT);
  for (let i = 0; i < tags.length && !writer.isFull; i += 2) {
    cache.write(writer, tags[i]!, tags[i + 1]!);
  }
}

/** A Tag: key, type, the one of the five value fields that the type names. @see jaeger-idl jaeger.thrift */
const tagFormat: TagFormat = {
  writeString(writer, text) {
    writer.string(text);
  },

  writeKey(writer, key) {
    writer.byte(next(BINARY));
    writer.string(String(key));
    writer.byte(next(I32));
  },

  writeValue(writer, value) {
    if (typeof value === 'string') {
      writer.byte(TAG_STRING);
      writer.byte(next(BINARY));
      writer.string(value);
    } else if (typeof value === 'number' && Number.isSafeInteger(value)) {
      writer.byte(TAG_LONG);
      writer.byte(skip(3, I64));
      writer.zigzagNumber(value);
    } else if (typeof value === 'number') {
      writer.byte(TAG_DOUBLE);
      writer.byte(skip(1, DOUBLE));
      writer.double(value, true);
    } else if (typeof value === 'boolean') {
      writer.byte(TAG_BOOL);
      writer.byte(skip(2, value ? TRUE : FALSE));
    } else {
      writer.byte(TAG_BINARY);
      writer.byte(skip(4, BINARY));
      writer.varint32(value.length);
      writer.raw(value);
    }
    writer.byte(STOP);
  },
};

function writeLogs(
  writer: ByteWriter,
  logs: readonly SpanLog[] | undefined,
  cache: TagCache,
): void {
  if (logs === undefined) {
    writeListHeader(writer, 0, STRUCT);
    return;
  }
  writeListHeader(writer, logs.length, STRUCT);
  for (const log of logs) {
    if (writer.isFull) return;
    writer.byte(next(I64));
    writer.zigzagNumber(Math.round(log.timestampMs * 1000));
    writer.byte(next(LIST));
    writeTags(writer, log.fields, cache);
    writer.byte(STOP);
  }
}

function writeReferences(writer: ByteWriter, references: readonly SpanReference[]): void {
  writeListHeader(writer, references.length, STRUCT);
  for (const { type, context } of references) {
    if (writer.isFull) return;
    writer.byte(next(I32));
    writer.byte(type === 'child_of' ? 0 : 1 << 1);
    writer.byte(next(I64));
    writer.zigzag64(context.traceId2, context.traceId3);
    writer.byte(next(I64));
    writer.zigzag64(context.traceId0, context.traceId1);
    writer.byte(next(I64));
    writer.zigzag64(context.spanId0, context.spanId1);
    writer.byte(STOP);
  }
}

/** Ends the batch and the argument struct. @see jaeger-idl jaeger.thrift, Batch, ClientStats */
function writeTrailer(
  writer: ByteWriter,
  sequenceNumber: number,
  stats: Readonly<ClientStats>,
): void {
  writer.byte(next(I64));
  writer.zigzagNumber(sequenceNumber);
  writer.byte(next(STRUCT));
  writer.byte(next(I64));
  writer.zigzagNumber(stats.fullQueueDroppedSpans);
  writer.byte(next(I64));
  writer.zigzagNumber(stats.tooLargeDroppedSpans);
  writer.byte(next(I64));
  writer.zigzagNumber(stats.failedToEmitSpans);
  writer.byte(STOP);
  writer.byte(STOP);
  writer.byte(STOP);
}

function writeListHeader(writer: ByteWriter, count: number, type: number): void {
  if (count < 15) {
    writer.byte((count << 4) | type);
    return;
  }
  writer.byte(0xf0 | type);
  writer.varint32(count);
}

function spanListHeaderBytes(count: number): number {
  if (count < 15) return 2;
  if (count < 1 << 7) return 3;
  return count < 1 << 14 ? 4 : 5;
}

const compactProtocol: ThriftProtocol = {
  tags: tagFormat,
  // Up to 2^21 spans.
  maxSpanListHeaderBytes: 1 + 1 + 3,
  // seqNo, three counts of up to 9 bytes, four stops.
  maxTrailerBytes: 1 + 10 + 1 + 3 * (1 + 10) + 1 + 2,
  writePrefix,
  spanListHeaderBytes,
  writeSpanListHeader(writer, spanCount) {
    writer.byte(next(LIST));
    writeListHeader(writer, spanCount, STRUCT);
  },
  writeSpan,
  writeTrailer,
};
