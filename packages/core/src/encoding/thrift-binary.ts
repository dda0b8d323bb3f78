// Hot path: runs for every span. Measure before and after (bench/).
import type { FinishedSpan, SpanLog, SpanReference } from '../finished-span.js';
import type { Process } from '../process-tags.js';
import type { TagList } from '../tags.js';
import type { ByteWriter } from './byte-writer.js';
import type { ClientStats } from './encoder.js';
import { TagCache, type TagFormat } from './tag-cache.js';
import { nameText, ThriftEncoder, type ThriftProtocol } from './thrift-encoder.js';

// Types of the binary protocol: a field is its type, its id as 16 bits, its value.
const BOOL = 2;
const DOUBLE = 4;
const I32 = 8;
const I64 = 10;
const STRING = 11;
const STRUCT = 12;
const LIST = 15;
const STOP = 0;

// TagType of jaeger.thrift.
const TAG_STRING = 0;
const TAG_DOUBLE = 1;
const TAG_BOOL = 2;
const TAG_LONG = 3;
const TAG_BINARY = 4;

/** Message `emitBatch`: strict version 1, oneway, name, sequence id 0; then the field of its argument. */
const messageHeader = Buffer.from(
  '\x80\x01\x00\x04\x00\x00\x00\x09emitBatch\x00\x00\x00\x00\x0c\x00\x01',
  'latin1',
);

/** Options of {@link ThriftBinaryEncoder}. */
export interface ThriftBinaryOptions {
  /**
   * Whether the batch is the argument of a message `emitBatch`, as a Jaeger agent takes it on UDP port 6832, or bare, as the
   * body of `POST /api/traces` is.
   *
   * @default false
   */
  asMessage?: boolean | undefined;
}

/**
 * Writes spans as a `Batch` in Thrift's binary protocol.
 *
 * @see jaeger-idl agent.thrift, jaeger.thrift
 * @see Apache Thrift, "Thrift Binary protocol encoding"
 */
export class ThriftBinaryEncoder extends ThriftEncoder {
  constructor(options: ThriftBinaryOptions = {}) {
    super(options.asMessage === true ? messageProtocol : bareProtocol);
  }
}

function writeField(writer: ByteWriter, type: number, id: number): void {
  writer.byte(type);
  writer.byte(0);
  writer.byte(id);
}

function writeProcess(writer: ByteWriter, process: Process): void {
  writeField(writer, STRUCT, 1);
  writeField(writer, STRING, 1);
  writer.string32(process.serviceName);
  writeField(writer, LIST, 2);
  writeTags(writer, process.tags, new TagCache(tagFormat));
  writer.byte(STOP);
}

function writeSpan(writer: ByteWriter, span: FinishedSpan, cache: TagCache): void {
  writeField(writer, I64, 1);
  writer.int64(span.traceId2, span.traceId3);
  writeField(writer, I64, 2);
  writer.int64(span.traceId0, span.traceId1);
  writeField(writer, I64, 3);
  writer.int64(span.spanId0, span.spanId1);
  writeField(writer, I64, 4);
  writer.int64(span.parentId0, span.parentId1);
  writeField(writer, STRING, 5);
  cache.writeName(writer, nameText(span.operationName));
  if (span.references !== undefined && span.references.length > 0) {
    writeField(writer, LIST, 6);
    writeReferences(writer, span.references);
  }
  writeField(writer, I32, 7);
  writer.int32(span.flags);
  writeField(writer, I64, 8);
  writer.int64Number(Math.round(span.startTimeMs * 1000));
  writeField(writer, I64, 9);
  writer.int64Number(Math.round(span.durationMs * 1000));
  writeField(writer, LIST, 10);
  writeTags(writer, span.tags, cache);
  writeField(writer, LIST, 11);
  writeLogs(writer, span.logs, cache);
  writer.byte(STOP);
}

function writeTags(writer: ByteWriter, tags: Readonly<TagList>, cache: TagCache): void {
  writeListHeader(writer, tags.length >> 1);
  for (let i = 0; i < tags.length && !writer.isFull; i += 2) {
    cache.write(writer, tags[i]!, tags[i + 1]!);
  }
}

/** A Tag: key, type, the one of the five value fields that the type names. @see jaeger-idl jaeger.thrift */
const tagFormat: TagFormat = {
  writeString(writer, text) {
    writer.string32(text);
  },

  writeKey(writer, key) {
    writeField(writer, STRING, 1);
    writer.string32(String(key));
    writeField(writer, I32, 2);
  },

  writeValue(writer, value) {
    if (typeof value === 'string') {
      writer.int32(TAG_STRING);
      writeField(writer, STRING, 3);
      writer.string32(value);
    } else if (typeof value === 'number' && Number.isSafeInteger(value)) {
      writer.int32(TAG_LONG);
      writeField(writer, I64, 6);
      writer.int64Number(value);
    } else if (typeof value === 'number') {
      writer.int32(TAG_DOUBLE);
      writeField(writer, DOUBLE, 4);
      writer.double(value, false);
    } else if (typeof value === 'boolean') {
      writer.int32(TAG_BOOL);
      writeField(writer, BOOL, 5);
      writer.byte(value ? 1 : 0);
    } else {
      writer.int32(TAG_BINARY);
      writeField(writer, STRING, 7);
      writer.int32(value.length);
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
  writeListHeader(writer, logs?.length ?? 0);
  for (const log of logs ?? []) {
    if (writer.isFull) return;
    writeField(writer, I64, 1);
    writer.int64Number(Math.round(log.timestampMs * 1000));
    writeField(writer, LIST, 2);
    writeTags(writer, log.fields, cache);
    writer.byte(STOP);
  }
}

function writeReferences(writer: ByteWriter, references: readonly SpanReference[]): void {
  writeListHeader(writer, references.length);
  for (const { type, context } of references) {
    if (writer.isFull) return;
    writeField(writer, I32, 1);
    writer.int32(type === 'child_of' ? 0 : 1);
    writeField(writer, I64, 2);
    writer.int64(context.traceId2, context.traceId3);
    writeField(writer, I64, 3);
    writer.int64(context.traceId0, context.traceId1);
    writeField(writer, I64, 4);
    writer.int64(context.spanId0, context.spanId1);
    writer.byte(STOP);
  }
}

/** Of structs: there is no other list in a batch. */
function writeListHeader(writer: ByteWriter, count: number): void {
  writer.byte(STRUCT);
  writer.int32(count);
}

/** @see jaeger-idl jaeger.thrift, Batch, ClientStats */
function writeTrailer(
  writer: ByteWriter,
  sequenceNumber: number,
  stats: Readonly<ClientStats>,
): void {
  writeField(writer, I64, 3);
  writer.int64Number(sequenceNumber);
  writeField(writer, STRUCT, 4);
  writeField(writer, I64, 1);
  writer.int64Number(stats.fullQueueDroppedSpans);
  writeField(writer, I64, 2);
  writer.int64Number(stats.tooLargeDroppedSpans);
  writeField(writer, I64, 3);
  writer.int64Number(stats.failedToEmitSpans);
  writer.byte(STOP);
  writer.byte(STOP);
}

const spanListHeaderBytes = 3 + 1 + 4;
/** seqNo, three counts, two stops. */
const trailerBytes = 3 + 8 + 3 + 3 * (3 + 8) + 2;

const bareProtocol: ThriftProtocol = {
  tags: tagFormat,
  maxSpanListHeaderBytes: spanListHeaderBytes,
  maxTrailerBytes: trailerBytes,
  writePrefix: writeProcess,
  spanListHeaderBytes: () => spanListHeaderBytes,
  writeSpanListHeader(writer, spanCount) {
    writeField(writer, LIST, 2);
    writeListHeader(writer, spanCount);
  },
  writeSpan,
  writeTrailer,
};

const messageProtocol: ThriftProtocol = {
  ...bareProtocol,
  maxTrailerBytes: trailerBytes + 1,
  writePrefix(writer, process) {
    writer.raw(messageHeader);
    writeProcess(writer, process);
  },
  writeTrailer(writer, sequenceNumber, stats) {
    writeTrailer(writer, sequenceNumber, stats);
    writer.byte(STOP);
  },
};
