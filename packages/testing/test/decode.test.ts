import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CollectedBatch, decodeBatch, decodeEmitBatch } from '@spoor/testing';
import { Thrift } from 'thrift';
import { bareBatch, batchFields, bytes, emitBatch, int64, spanFields } from './packets.js';

// The vectors of reference/jaeger-clients.md, appendix A.
const compactOneWay = bytes(`
  82 81 00 09 65 6d 69 74 42 61 74 63 68 1c 1c 18 03 73 76 63 19 0c 00 19 1c 16 02 16 00 16 04 16 00
  18 02 6f 70 25 02 16 d0 0f 16 0a 19 1c 18 01 6b 15 00 18 01 76 00 19 0c 00 00 00`);
const compactCall = bytes(`
  82 21 01 09 65 6d 69 74 42 61 74 63 68 1c 1c 18 03 73 76 63 19 0c 00 19 1c 16 02 16 00 16 04 16 00
  18 02 6f 70 25 02 16 d0 0f 16 0a 19 1c 18 01 6b 15 00 18 01 76 00 19 0c 00
  16 02 1c 16 00 16 00 16 00 00 00 00`);
const bareBinary = bytes(`
  0c 00 01 0b 00 01 00 00 00 03 73 76 63 0f 00 02 0c 00 00 00 00 00 0f 00 02 0c 00 00 00 01 0a 00 01
  00 00 00 00 00 00 00 01 0a 00 02 00 00 00 00 00 00 00 00 0a 00 03 00 00 00 00 00 00 00 02 0a 00 04
  00 00 00 00 00 00 00 00 0b 00 05 00 00 00 02 6f 70 08 00 07 00 00 00 01 0a 00 08 00 00 00 00 00 00
  03 e8 0a 00 09 00 00 00 00 00 00 00 05 0f 00 0a 0c 00 00 00 01 0b 00 01 00 00 00 01 6b 08 00 02 00
  00 00 00 0b 00 03 00 00 00 01 76 00 0f 00 0b 0c 00 00 00 00 00 00`);
const binaryOneWay = Buffer.concat([
  bytes('80 01 00 04 00 00 00 09 65 6d 69 74 42 61 74 63 68 00 00 00 00 0c 00 01'),
  bareBinary,
  bytes('00'),
]);

const vectorBatch: Omit<CollectedBatch, 'packetBytes' | 'protocol'> = {
  serviceName: 'svc',
  processTags: {},
  spans: [
    {
      traceId: '0000000000000001',
      spanId: '0000000000000002',
      parentSpanId: '',
      operationName: 'op',
      flags: 1,
      startTimeUs: 1000,
      durationUs: 5,
      references: [],
      tags: { k: 'v' },
      tagTypes: { k: 'string' },
      tagList: [{ key: 'k', type: 'string', value: 'v' }],
      logs: [],
      serviceName: 'svc',
      processTags: {},
    },
  ],
};

test('a compact one-way message is decoded', () => {
  assert.deepEqual(decodeEmitBatch(compactOneWay), {
    ...vectorBatch,
    packetBytes: 60,
    protocol: 'compact',
  });
});

test('a compact call is decoded with its sequence number and statistics', () => {
  assert.deepEqual(decodeEmitBatch(compactCall), {
    ...vectorBatch,
    seqNo: 1,
    stats: { fullQueueDroppedSpans: 0, tooLargeDroppedSpans: 0, failedToEmitSpans: 0 },
    packetBytes: 70,
    protocol: 'compact',
  });
});

test('a binary message is decoded', () => {
  assert.deepEqual(decodeEmitBatch(binaryOneWay), {
    ...vectorBatch,
    packetBytes: 179,
    protocol: 'binary',
  });
});

test('a bare binary batch is decoded', () => {
  assert.deepEqual(decodeBatch(bareBinary), {
    ...vectorBatch,
    packetBytes: 154,
    protocol: 'binary',
  });
});

test('a packet may lie anywhere in a larger buffer', () => {
  const packet = new Uint8Array(100).fill(0xff);
  packet.set(compactOneWay, 20);
  assert.deepEqual(decodeEmitBatch(packet.subarray(20, 80)).spans, vectorBatch.spans);
});

const everything = batchFields(
  [
    spanFields({
      traceIdHigh: int64('8000000000000001'),
      traceIdLow: int64('00000000000000ff'),
      spanId: int64('ffffffffffffffff'),
      parentSpanId: int64('0123456789abcdef'),
      operationName: 'größe 価格 😀',
      flags: -1,
      startTime: 1_700_000_000_000_001,
      references: [
        { refType: 0, traceIdHigh: 0, traceIdLow: 1, spanId: 2 },
        { refType: 1, traceIdHigh: 3, traceIdLow: 4, spanId: int64('fedcba9876543210') },
      ],
      tags: [
        { key: 's', vType: 0, vStr: '' },
        { key: 'd', vType: 1, vDouble: -0.1 },
        { key: 'yes', vType: 2, vBool: true },
        { key: 'no', vType: 2, vBool: false },
        { key: 'l', vType: 3, vLong: -42 },
        { key: 'safe', vType: 3, vLong: int64('001fffffffffffff') },
        { key: 'largest', vType: 3, vLong: int64('7fffffffffffffff') },
        { key: 'smallest', vType: 3, vLong: int64('8000000000000000') },
        { key: 'b', vType: 4, vBinary: Buffer.from([0, 255]) },
        { key: '__proto__', vType: 0, vStr: 'harmless' },
        { key: 's', vType: 1, vDouble: 2 },
      ],
      logs: [{ timestamp: 7, fields: [{ key: 'event', vType: 0, vStr: 'retry' }] }],
    }),
  ],
  {
    process: { serviceName: 'all', tags: [{ key: 'ip', vType: 3, vLong: 1 }] },
    seqNo: 12,
    stats: { fullQueueDroppedSpans: 1, tooLargeDroppedSpans: 2, failedToEmitSpans: 3 },
  },
);

for (const protocol of ['compact', 'binary'] as const) {
  test(`every kind of field survives in ${protocol}`, () => {
    const { packetBytes: _, ...batch } = decodeEmitBatch(emitBatch(protocol, everything));
    assert.deepEqual(batch, {
      serviceName: 'all',
      processTags: { ip: 1 },
      seqNo: 12,
      stats: { fullQueueDroppedSpans: 1, tooLargeDroppedSpans: 2, failedToEmitSpans: 3 },
      protocol,
      spans: [
        {
          traceId: '800000000000000100000000000000ff',
          spanId: 'ffffffffffffffff',
          parentSpanId: '0123456789abcdef',
          operationName: 'größe 価格 😀',
          flags: -1,
          startTimeUs: 1_700_000_000_000_001,
          durationUs: 5,
          references: [
            { type: 'child_of', traceId: '0000000000000001', spanId: '0000000000000002' },
            {
              type: 'follows_from',
              traceId: '00000000000000030000000000000004',
              spanId: 'fedcba9876543210',
            },
          ],
          tags: {
            s: 2,
            d: -0.1,
            yes: true,
            no: false,
            l: -42,
            safe: Number.MAX_SAFE_INTEGER,
            largest: 2n ** 63n - 1n,
            smallest: -(2n ** 63n),
            b: Uint8Array.of(0, 255),
            ['__proto__']: 'harmless',
          },
          tagTypes: {
            s: 'double',
            d: 'double',
            yes: 'bool',
            no: 'bool',
            l: 'long',
            safe: 'long',
            largest: 'long',
            smallest: 'long',
            b: 'binary',
            ['__proto__']: 'string',
          },
          tagList: [
            { key: 's', type: 'string', value: '' },
            { key: 'd', type: 'double', value: -0.1 },
            { key: 'yes', type: 'bool', value: true },
            { key: 'no', type: 'bool', value: false },
            { key: 'l', type: 'long', value: -42 },
            { key: 'safe', type: 'long', value: Number.MAX_SAFE_INTEGER },
            { key: 'largest', type: 'long', value: 2n ** 63n - 1n },
            { key: 'smallest', type: 'long', value: -(2n ** 63n) },
            { key: 'b', type: 'binary', value: Uint8Array.of(0, 255) },
            { key: '__proto__', type: 'string', value: 'harmless' },
            { key: 's', type: 'double', value: 2 },
          ],
          logs: [{ timestampUs: 7, fields: { event: 'retry' } }],
          serviceName: 'all',
          processTags: { ip: 1 },
        },
      ],
    });
  });
}

for (const [protocol, packet] of [
  ['compact', compactCall],
  ['binary', binaryOneWay],
] as const) {
  test(`a ${protocol} message that is cut anywhere is refused`, () => {
    for (let length = 0; length < packet.length; length++) {
      assert.throws(() => decodeEmitBatch(packet.subarray(0, length)), {
        message: /^\d+ bytes .*are not a valid emitBatch message: .*\.$/,
      });
    }
  });

  test(`bytes after a ${protocol} message are refused`, () => {
    assert.throws(() => decodeEmitBatch(Buffer.concat([packet, bytes('00 00')])), {
      message: `${packet.length + 2} bytes (${protocol}) are not a valid emitBatch message: 2 bytes follow after its end.`,
    });
  });
}

const oneSpan = batchFields([spanFields()]);
const oneTag = (tag: object) => batchFields([spanFields({ tags: [tag] })]);
const refusals: [title: string, packet: Buffer, reason: string][] = [
  ['an empty packet', Buffer.alloc(0), 'it is empty'],
  [
    'text',
    Buffer.from('GET / HTTP/1.1'),
    'its first byte is 0x47, neither 0x82 (compact) nor 0x80 (binary)',
  ],
  ['a bare batch', bareBinary, 'its first byte is 0x0c, neither 0x82 (compact) nor 0x80 (binary)'],
  [
    'a reply',
    emitBatch('compact', oneSpan, { type: Thrift.MessageType.REPLY }),
    'its message type is 2, neither CALL nor ONEWAY',
  ],
  [
    'another method',
    emitBatch('binary', oneSpan, { name: 'emitZipkinBatch' }),
    'it calls "emitZipkinBatch"',
  ],
  [
    'a message without a batch',
    bytes('82 81 00 09 656d69744261746368 00'),
    'emitBatch.batch is missing',
  ],
  [
    'a field that the IDL does not have',
    bytes('82 81 00 09 656d69744261746368 1c 78 01 61 00 00'),
    'the IDL has no field 7 of type 11 there',
  ],
  [
    'a list of other things than structs',
    bytes('82 81 00 09 656d69744261746368 1c 29 18 01 61 00 00'),
    'field 2 is a list of 1 elements of type 11',
  ],
  [
    'a tag without its value',
    emitBatch('compact', oneTag({ key: 'k', vType: 3, vStr: '3' })),
    'value of long tag "k" is missing',
  ],
  [
    'a tag of no known type',
    emitBatch('compact', oneTag({ key: 'k', vType: 5 })),
    'vType of tag "k" is 5',
  ],
  [
    'a reference of no known type',
    emitBatch(
      'compact',
      batchFields([
        spanFields({ references: [{ refType: 2, traceIdHigh: 0, traceIdLow: 1, spanId: 1 }] }),
      ]),
    ),
    'SpanRef.refType is 2',
  ],
  [
    'a time beyond what a number holds',
    emitBatch('compact', batchFields([spanFields({ startTime: int64('7fffffffffffffff') })])),
    'Span.startTime is 9223372036854775807, too large for a time or count',
  ],
];

for (const [title, packet, reason] of refusals) {
  test(`${title} is refused: ${reason}`, () => {
    assert.throws(
      () => decodeEmitBatch(packet),
      (error: Error) => {
        assert.equal(error.message.replace(/^.*? message: /, ''), `${reason}.`);
        return true;
      },
    );
  });
}

test('a required field that was not sent is named', () => {
  // The compact vector without field 5, the operation name: field 7 then follows field 4.
  const hex = compactOneWay.toString('hex').replace('18026f702502', '3502');
  assert.throws(() => decodeEmitBatch(bytes(hex)), /: Span\.operationName is missing\.$/);
});

test('a body with an envelope is not a bare batch', () => {
  assert.throws(
    () => decodeBatch(binaryOneWay),
    /^Error: 179 bytes \(binary\) are not a valid binary Batch: /,
  );
});

test('a body that Apache Thrift writes is decoded', () => {
  const { spans } = decodeBatch(bareBatch(batchFields([spanFields({ operationName: 'posted' })])));
  assert.deepEqual(
    spans.map((span) => span.operationName),
    ['posted'],
  );
});
