// Hot path: runs for every span. Measure before and after (bench/).
import type { FinishedSpan, Ids, SpanLog, SpanReference, TagList, TagValue } from '@spoor/core';
import {
  type ByteWriter,
  FLAG_DEBUG,
  FLAG_FIREHOSE,
  FLAG_SAMPLED,
  isSameTrace,
  nameText,
  type TagCache,
} from '@spoor/core/internal';
import { isLong, isOverridden, lastPlaces, writeAttribute } from './attributes.js';
import {
  endMessage,
  fixed32Field,
  fixed64Field,
  messageField,
  varintField,
  writeNanoseconds,
} from './protobuf.js';

// Fields of Span, Event and Link that are written from more than one place. @see opentelemetry-proto trace.proto
const SPAN_ATTRIBUTE = messageField(9);
const EVENT_ATTRIBUTE = messageField(3);
const LINK_ATTRIBUTE = messageField(4);
/** Field 16, whose number takes a second byte. */
const SPAN_FLAGS = [0x80 | (fixed32Field(16) & 0x7f), fixed32Field(16) >> 7] as const;

const kinds: ReadonlyMap<TagValue | undefined, number> = new Map([
  ['internal', 1],
  ['server', 2],
  ['client', 3],
  ['producer', 4],
  ['consumer', 5],
]);
const KIND_CLIENT = 3;

const noReferences: readonly SpanReference[] = [];

const STATUS_OK = 1;
const STATUS_ERROR = 2;

/** What tags say that has a field of its own in OTLP; of the span that is being written, as an object for each would cost more. */
const said = {
  kind: 0,
  error: undefined as TagValue | undefined,
  statusCode: undefined as TagValue | undefined,
  statusDescription: undefined as TagValue | undefined,
  httpStatus: undefined as TagValue | undefined,
  httpMessage: undefined as TagValue | undefined,
  traceState: undefined as TagValue | undefined,
  droppedTags: undefined as TagValue | undefined,
};

/** Field `spans` of ScopeSpans. */
export function writeSpan(writer: ByteWriter, span: FinishedSpan, cache: TagCache): void {
  const { tags, references } = span;
  writer.byte(messageField(2));
  const start = writer.length;
  writer.length += 2;
  writeTraceId(writer, messageField(1), span);
  writeSpanId(writer, messageField(2), span.spanId0, span.spanId1);
  const referred = referredParent(span);
  const parentId0 = referred?.spanId0 ?? span.parentId0;
  const parentId1 = referred?.spanId1 ?? span.parentId1;
  if ((parentId0 | parentId1) !== 0) writeSpanId(writer, messageField(4), parentId0, parentId1);
  writer.byte(messageField(5));
  cache.writeName(writer, nameText(span.operationName));
  const startUs = Math.round(span.startTimeMs * 1000);
  writer.byte(fixed64Field(7));
  writeNanoseconds(writer, startUs);
  writer.byte(fixed64Field(8));
  // Jaeger shows a warning on what ends when it starts.
  writeNanoseconds(writer, startUs + Math.max(1, Math.round(span.durationMs * 1000)));
  writeTags(writer, tags, cache);
  writeSaid(writer, span.w3c?.traceState, cache);
  writeFlags(writer, span.flags, tags, cache);
  if (span.logs !== undefined) writeEvents(writer, span.logs, cache);
  for (const reference of references ?? noReferences) {
    if (writer.isFull) break;
    if (!isParent(reference, span, parentId0, parentId1)) writeLink(writer, reference, cache);
  }
  endMessage(writer, start, 2);
}

function writeTags(writer: ByteWriter, tags: Readonly<TagList>, cache: TagCache): void {
  said.kind = 0;
  said.error = undefined;
  said.statusCode = undefined;
  said.statusDescription = undefined;
  said.httpStatus = undefined;
  said.httpMessage = undefined;
  said.traceState = undefined;
  said.droppedTags = undefined;
  const places = lastPlaces(tags);
  for (let i = 0; i < tags.length && !writer.isFull; i += 2) {
    const key = tags[i]!;
    const value = tags[i + 1]!;
    if (isOverridden(tags, i, places) || isField(key, value)) continue;
    writeAttribute(writer, SPAN_ATTRIBUTE, key, value, cache);
  }
}

/** Keeps what the tag says for {@link writeSaid}; true where it is no attribute beside that. */
function isField(key: TagValue, value: TagValue): boolean {
  switch (key) {
    case 'span.kind':
      said.kind = kinds.get(value) ?? 0;
      return said.kind !== 0;
    case 'error':
      said.error = value;
      return isTrue(value);
    case 'otel.status_code':
      said.statusCode = value;
      return value === 'OK' || value === 'ERROR';
    case 'otel.status_description':
      said.statusDescription = value;
      return typeof value === 'string';
    case 'http.status_code':
    case 'http.response.status_code':
      said.httpStatus = value;
      return false;
    case 'http.status_message':
      said.httpMessage = value;
      return false;
    case 'w3c.tracestate':
      said.traceState = value;
      return typeof value === 'string';
    case 'spoor.dropped_tags':
      said.droppedTags = value;
      return false;
    default:
      return false;
  }
}

/** Clients of other languages write the text. */
function isTrue(value: TagValue | undefined): boolean {
  return value === true || value === 'true';
}

function writeSaid(writer: ByteWriter, inherited: string | undefined, cache: TagCache): void {
  if (writer.isFull) return;
  const { kind, traceState, statusDescription, droppedTags } = said;
  const own = typeof traceState === 'string' ? traceState : inherited;
  if (own !== undefined) {
    writer.byte(messageField(3));
    writer.string(own);
  }
  if (kind !== 0) {
    writer.byte(varintField(6));
    writer.byte(kind);
  }
  if (typeof droppedTags === 'number') writeCount(writer, 10, droppedTags);
  const status = statusOf(kind);
  if (status !== 0) writeStatus(writer, status);
  if (status !== STATUS_ERROR && typeof statusDescription === 'string') {
    writeAttribute(writer, SPAN_ATTRIBUTE, 'otel.status_description', statusDescription, cache);
  }
}

/** As Jaeger's own translator has it, which reads the HTTP status where nothing else says how it went. */
function statusOf(kind: number): number {
  if (isTrue(said.error)) return STATUS_ERROR;
  if (said.statusCode === 'OK') return STATUS_OK;
  if (said.statusCode === 'ERROR') return STATUS_ERROR;
  const httpStatus = Number(said.httpStatus);
  const isFailed = httpStatus >= (kind === KIND_CLIENT ? 400 : 500);
  return isFailed && said.error === undefined ? STATUS_ERROR : 0;
}

function writeStatus(writer: ByteWriter, status: number): void {
  writer.byte(messageField(15));
  const start = writer.length++;
  const message = statusMessage(status);
  if (message !== undefined) {
    writer.byte(messageField(2));
    writer.string(message);
  }
  writer.byte(varintField(3));
  writer.byte(status);
  endMessage(writer, start, 1);
}

function statusMessage(status: number): string | undefined {
  if (status !== STATUS_ERROR) return undefined;
  if (typeof said.statusDescription === 'string') return said.statusDescription;
  const isSaid = isTrue(said.error) && typeof said.httpMessage === 'string';
  return isSaid ? String(said.httpMessage) : undefined;
}

/** Of the flags OTLP knows that of W3C alone. */
function writeFlags(
  writer: ByteWriter,
  flags: number,
  tags: Readonly<TagList>,
  cache: TagCache,
): void {
  if (writer.isFull) return;
  writer.byte(SPAN_FLAGS[0]);
  writer.byte(SPAN_FLAGS[1]);
  writeW3cFlags(writer, flags);
  if ((flags & FLAG_DEBUG) !== 0 && !hasKey(tags, 'jaeger.debug')) {
    writeAttribute(writer, SPAN_ATTRIBUTE, 'jaeger.debug', true, cache);
  }
  if ((flags & FLAG_FIREHOSE) !== 0 && !hasKey(tags, 'jaeger.firehose')) {
    writeAttribute(writer, SPAN_ATTRIBUTE, 'jaeger.firehose', true, cache);
  }
}

function hasKey(tags: Readonly<TagList>, key: string): boolean {
  for (let i = 0; i < tags.length; i += 2) if (tags[i] === key) return true;
  return false;
}

function writeW3cFlags(writer: ByteWriter, flags: number): void {
  writer.byte(flags & FLAG_SAMPLED);
  writer.byte(0);
  writer.byte(0);
  writer.byte(0);
}

/** Where no id says who is the parent, the first reference in the trace does, as Jaeger reads spans. */
function referredParent(span: FinishedSpan): Ids | undefined {
  const { references } = span;
  if (references === undefined || (span.parentId0 | span.parentId1) !== 0) return undefined;
  const ofTrace = references.filter(({ context }) => isSameTrace(context, span));
  return (ofTrace.find(({ type }) => type === 'child_of') ?? ofTrace[0])?.context;
}

function writeEvents(writer: ByteWriter, logs: readonly SpanLog[], cache: TagCache): void {
  for (const { timestampMs, fields } of logs) {
    if (writer.isFull) return;
    writer.byte(messageField(11));
    const start = writer.length;
    const reservedBytes = fields.some(isLong) ? 2 : 1;
    writer.length += reservedBytes;
    writer.byte(fixed64Field(1));
    writeNanoseconds(writer, Math.round(timestampMs * 1000));
    const places = lastPlaces(fields);
    let droppedLogs: TagValue | undefined;
    for (let i = 0; i < fields.length && !writer.isFull; i += 2) {
      const key = fields[i]!;
      const value = fields[i + 1]!;
      if (isOverridden(fields, i, places)) continue;
      if (key === 'event' && typeof value === 'string') {
        writer.byte(messageField(2));
        writer.string(value);
        continue;
      }
      if (key === 'dropped_log_count') droppedLogs = value;
      writeAttribute(writer, EVENT_ATTRIBUTE, key, value, cache);
    }
    endMessage(writer, start, reservedBytes);
    if (typeof droppedLogs === 'number') writeCount(writer, 12, droppedLogs);
  }
}

/** It is a field of the span; only where the span merely follows it a link says so as well. */
function isParent(
  { type, context }: SpanReference,
  span: Ids,
  parentId0: number,
  parentId1: number,
): boolean {
  return (
    type === 'child_of' &&
    context.spanId1 === parentId1 &&
    context.spanId0 === parentId0 &&
    isSameTrace(context, span)
  );
}

function writeLink(writer: ByteWriter, { type, context }: SpanReference, cache: TagCache): void {
  writer.byte(messageField(13));
  const start = writer.length++;
  writeTraceId(writer, messageField(1), context);
  writeSpanId(writer, messageField(2), context.spanId0, context.spanId1);
  writeAttribute(writer, LINK_ATTRIBUTE, 'opentracing.ref_type', type, cache);
  writer.byte(fixed32Field(6));
  writeW3cFlags(writer, context.flags);
  endMessage(writer, start, 1);
}

function writeTraceId(writer: ByteWriter, field: number, ids: Ids): void {
  writer.byte(field);
  writer.byte(16);
  writer.int64(ids.traceId0, ids.traceId1);
  writer.int64(ids.traceId2, ids.traceId3);
}

function writeSpanId(writer: ByteWriter, field: number, spanId0: number, spanId1: number): void {
  writer.byte(field);
  writer.byte(8);
  writer.int64(spanId0, spanId1);
}

/** At most 2^32 - 1, the largest count there is. */
function writeCount(writer: ByteWriter, id: number, count: number): void {
  if (!Number.isSafeInteger(count) || count < 1) return;
  writer.byte(varintField(id));
  writer.varint32(Math.min(count, 2 ** 32 - 1));
}
