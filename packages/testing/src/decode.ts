import type { Int64, TProtocol } from 'thrift';
import { TBinaryProtocol, TCompactProtocol, TFramedTransport, Thrift } from 'thrift';
import type { ThriftBatch, ThriftLog, ThriftSpan, ThriftSpanRef, ThriftTag } from './agent-idl.js';
import { readBatch, readEmitBatch } from './agent-idl.js';
import type {
  CollectedBatch,
  CollectedLog,
  CollectedReference,
  CollectedSpan,
  CollectedTag,
  TagType,
  TagValue,
} from './collected.js';

/**
 * Decodes one UDP datagram, the Thrift message `emitBatch`, compact (first byte 0x82) or strict
 * binary (0x80), as a call or a one-way call. Stricter than Jaeger: a missing required field, a
 * field that the IDL does not have and bytes after the message are errors too.
 *
 * @throws Error that says what is wrong with the packet
 */
export function decodeEmitBatch(packet: Uint8Array): CollectedBatch {
  const protocol = packet[0] === 0x82 ? 'compact' : packet[0] === 0x80 ? 'binary' : undefined;
  return decode(packet, protocol, 'emitBatch message', (input) => {
    const { fname, mtype } = input.readMessageBegin();
    if (fname !== 'emitBatch') throw new Error(`it calls ${JSON.stringify(fname)}`);
    if (mtype !== Thrift.MessageType.CALL && mtype !== Thrift.MessageType.ONEWAY) {
      throw new Error(`its message type is ${mtype}, neither CALL nor ONEWAY`);
    }
    return required('emitBatch.batch', readEmitBatch(input));
  });
}

/**
 * Decodes the body of `POST /api/traces`: a bare `Batch` in binary Thrift. As strict as {@link
 * decodeEmitBatch}.
 *
 * @throws Error that says what is wrong with the body
 */
export function decodeBatch(body: Uint8Array): CollectedBatch {
  return decode(body, 'binary', 'binary Batch', readBatch);
}

/** `readPos` exists, but not in the types of thrift. */
class PacketTransport extends TFramedTransport {
  declare readonly readPos: number;
}

function decode(
  packet: Uint8Array,
  protocol: 'compact' | 'binary' | undefined,
  what: string,
  read: (input: TProtocol) => ThriftBatch,
): CollectedBatch {
  try {
    if (packet.length === 0) throw new Error('it is empty');
    if (protocol === undefined) {
      const first = packet[0]?.toString(16).padStart(2, '0');
      throw new Error(`its first byte is 0x${first}, neither 0x82 (compact) nor 0x80 (binary)`);
    }
    const transport = new PacketTransport(
      Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength),
    );
    const Protocol = protocol === 'compact' ? TCompactProtocol : TBinaryProtocol;
    const batch = read(strict(new Protocol(transport)));
    const rest = packet.length - transport.readPos;
    if (rest > 0) throw new Error(`${rest} bytes follow after its end`);
    return { ...toBatch(batch), packetBytes: packet.length, protocol };
  } catch (cause) {
    const kind = protocol === undefined ? '' : ` (${protocol})`;
    throw new Error(`${packet.length} bytes${kind} are not a valid ${what}: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

/**
 * Generated code skips what it does not expect; a faulty encoder would look like one that left
 * things out.
 */
function strict(protocol: TProtocol): TProtocol {
  const readFieldBegin = protocol.readFieldBegin.bind(protocol);
  const readListBegin = protocol.readListBegin.bind(protocol);
  let fieldId = 0;
  protocol.readFieldBegin = () => {
    const field = readFieldBegin();
    fieldId = field.fid;
    return field;
  };
  protocol.skip = (type) => {
    throw new Error(`the IDL has no field ${fieldId} of type ${type} there`);
  };
  protocol.readListBegin = () => {
    const list = readListBegin();
    // Every list in a batch is one of structs.
    if (list.etype !== Thrift.Type.STRUCT || list.size < 0) {
      throw new Error(`field ${fieldId} is a list of ${list.size} elements of type ${list.etype}`);
    }
    return list;
  };
  return protocol;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // Has no message, and is not a type of its own in the types of thrift.
  if (cause.name === 'InputBufferUnderrunError') return 'it ends in the middle of a value';
  return cause.message;
}

function required<T>(field: string, value: T | null): T {
  if (value === null) throw new Error(`${field} is missing`);
  return value;
}

function toBatch(batch: ThriftBatch): Omit<CollectedBatch, 'packetBytes' | 'protocol'> {
  const process = required('Batch.process', batch.process);
  const serviceName = required('Process.serviceName', process.serviceName);
  const processTags = valuesOf((process.tags ?? []).map(toTag));
  const spans = required('Batch.spans', batch.spans);
  return {
    serviceName,
    processTags,
    spans: spans.map((span) => ({ ...toSpan(span), serviceName, processTags })),
    ...(batch.seqNo !== null && { seqNo: toNumber('Batch.seqNo', batch.seqNo) }),
    ...(batch.stats !== null && {
      stats: {
        fullQueueDroppedSpans: toNumber(
          'ClientStats.fullQueueDroppedSpans',
          batch.stats.fullQueueDroppedSpans,
        ),
        tooLargeDroppedSpans: toNumber(
          'ClientStats.tooLargeDroppedSpans',
          batch.stats.tooLargeDroppedSpans,
        ),
        failedToEmitSpans: toNumber('ClientStats.failedToEmitSpans', batch.stats.failedToEmitSpans),
      },
    }),
  };
}

function toSpan(span: ThriftSpan): Omit<CollectedSpan, 'serviceName' | 'processTags'> {
  const tagList = (span.tags ?? []).map(toTag);
  const parentSpanId = toHex('Span.parentSpanId', span.parentSpanId);
  return {
    traceId: toTraceId('Span', span),
    spanId: toHex('Span.spanId', span.spanId),
    parentSpanId: parentSpanId === zeroId ? '' : parentSpanId,
    operationName: required('Span.operationName', span.operationName),
    flags: required('Span.flags', span.flags),
    startTimeUs: toNumber('Span.startTime', span.startTime),
    durationUs: toNumber('Span.duration', span.duration),
    references: (span.references ?? []).map(toReference),
    tags: valuesOf(tagList),
    tagTypes: Object.fromEntries(tagList.map((tag) => [tag.key, tag.type])),
    tagList,
    logs: (span.logs ?? []).map(toLog),
  };
}

function toReference(reference: ThriftSpanRef): CollectedReference {
  const refType = required('SpanRef.refType', reference.refType);
  if (refType !== 0 && refType !== 1) throw new Error(`SpanRef.refType is ${refType}`);
  return {
    type: refType === 0 ? 'child_of' : 'follows_from',
    traceId: toTraceId('SpanRef', reference),
    spanId: toHex('SpanRef.spanId', reference.spanId),
  };
}

function toLog(log: ThriftLog): CollectedLog {
  return {
    timestampUs: toNumber('Log.timestamp', log.timestamp),
    fields: valuesOf(required('Log.fields', log.fields).map(toTag)),
  };
}

function toTag(tag: ThriftTag): CollectedTag {
  const key = required('Tag.key', tag.key);
  const vType = required(`vType of tag ${JSON.stringify(key)}`, tag.vType);
  const type = tagTypes[vType];
  if (type === undefined) throw new Error(`vType of tag ${JSON.stringify(key)} is ${vType}`);
  return {
    key,
    type,
    value: required(`value of ${type} tag ${JSON.stringify(key)}`, valueOfType(tag, type)),
  };
}

/** In the order of `TagType` in jaeger.thrift. */
const tagTypes: readonly TagType[] = ['string', 'double', 'bool', 'long', 'binary'];

function valueOfType(tag: ThriftTag, type: TagType): TagValue | null {
  switch (type) {
    case 'string':
      return tag.vStr;
    case 'double':
      return tag.vDouble;
    case 'bool':
      return tag.vBool;
    case 'long':
      return tag.vLong && toInteger(tag.vLong);
    case 'binary':
      // A plain copy: a Buffer is never deepEqual to a Uint8Array, and would keep the whole packet.
      return tag.vBinary && Uint8Array.from(tag.vBinary);
  }
}

/** `fromEntries`, because it defines what assignment would not: a tag named `__proto__`. */
function valuesOf(tags: readonly CollectedTag[]): Record<string, TagValue> {
  return Object.fromEntries(tags.map((tag) => [tag.key, tag.value]));
}

const zeroId = '0'.repeat(16);

function toTraceId(
  struct: string,
  ids: { traceIdHigh: Int64 | null; traceIdLow: Int64 | null },
): string {
  const high = toHex(`${struct}.traceIdHigh`, ids.traceIdHigh);
  const low = toHex(`${struct}.traceIdLow`, ids.traceIdLow);
  return high === zeroId ? low : high + low;
}

function toHex(field: string, value: Int64 | null): string {
  return required(field, value).toOctetString();
}

function toInteger(value: Int64): number | bigint {
  const number = value.toNumber();
  return Number.isSafeInteger(number)
    ? number
    : BigInt.asIntN(64, BigInt(`0x${value.toOctetString()}`));
}

function toNumber(field: string, value: Int64 | null): number {
  const integer = toInteger(required(field, value));
  if (typeof integer === 'bigint')
    throw new Error(`${field} is ${integer}, too large for a time or count`);
  return integer;
}
