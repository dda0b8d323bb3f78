import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ThriftCompactEncoder } from '@spoor/core';
import {
  binaryBatch,
  binaryMessage,
  collectedSpan,
  compact,
  finishedSpan,
  ids,
  noLoss,
  wires,
} from './wire.js';

const bareBatch = `
  0c 00 01 0b 00 01 00 00 00 03 73 76 63 0f 00 02 0c 00 00 00 00 00 0f 00 02 0c 00 00 00 01 0a 00 01
  00 00 00 00 00 00 00 01 0a 00 02 00 00 00 00 00 00 00 00 0a 00 03 00 00 00 00 00 00 00 02 0a 00 04
  00 00 00 00 00 00 00 00 0b 00 05 00 00 00 02 6f 70 08 00 07 00 00 00 01 0a 00 08 00 00 00 00 00 00
  03 e8 0a 00 09 00 00 00 00 00 00 00 05 0f 00 0a 0c 00 00 00 01 0b 00 01 00 00 00 01 6b 08 00 02 00
  00 00 00 0b 00 03 00 00 00 01 76 00 0f 00 0b 0c 00 00 00 00 00
  0a 00 03 00 00 00 00 00 00 00 01 0c 00 04 0a 00 01 00 00 00 00 00 00 00 00
  0a 00 02 00 00 00 00 00 00 00 00 0a 00 03 00 00 00 00 00 00 00 00 00 00`;

for (const [wire, expected] of [
  [
    compact,
    `82 81 00 09 65 6d 69 74 42 61 74 63 68 1c 1c 18 03 73 76 63 19 0c 00 19 1c 16 02 16 00 16 04
    16 00 18 02 6f 70 25 02 16 d0 0f 16 0a 19 1c 18 01 6b 15 00 18 01 76 00 19 0c 00
    16 02 1c 16 00 16 00 16 00 00 00 00`,
  ],
  [
    binaryMessage,
    `80 01 00 04 00 00 00 09 65 6d 69 74 42 61 74 63 68 00 00 00 00 0c 00 01 ${bareBatch} 00`,
  ],
  [binaryBatch, bareBatch],
] as const) {
  test(`${wire.name}: a batch is byte for byte what Apache Thrift writes, with sequence number and client stats`, () => {
    assert.equal(
      Buffer.from(wire.encode(finishedSpan({ tags: ['k', 'v'] }))).toString('hex'),
      expected.replaceAll(/\s/g, ''),
    );
  });
}

for (const { name, createEncoder, encode, decode } of wires) {
  test(`${name}: an empty batch is none, and takes no sequence number`, () => {
    const encoder = createEncoder();
    assert.equal(encoder.seal(noLoss), undefined);
    encoder.append(finishedSpan());
    assert.equal(encoder.seal(noLoss)?.spanCount, 1);
    assert.equal(encoder.seal(noLoss), undefined);
    encoder.append(finishedSpan());
    encoder.append(finishedSpan());
    const { bytes, spanCount } = encoder.seal(noLoss)!;
    assert.deepEqual([decode(bytes).seqNo, spanCount], [2, 2]);
  });

  test(`${name}: client stats of any size are sent`, () => {
    const encoder = createEncoder();
    encoder.append(finishedSpan());
    const stats = {
      fullQueueDroppedSpans: 1,
      tooLargeDroppedSpans: 2 ** 33 + 5,
      failedToEmitSpans: Number.MAX_SAFE_INTEGER,
    };
    assert.deepEqual(decode(encoder.seal(stats)!.bytes).stats, stats);
  });

  test(`${name}: logs and references arrive whole`, () => {
    const span = finishedSpan({
      traceId0: -1,
      traceId1: 0x7fffffff,
      traceId2: -2147483648,
      parentId0: -1,
      parentId1: -1,
      flags: 255,
      logs: [
        { timestampMs: 2.5, fields: ['event', 'retry', 'attempt', 2] },
        { timestampMs: 0, fields: [] },
      ],
      references: [
        { type: 'child_of', context: { ...ids, spanId0: -1 } },
        { type: 'follows_from', context: { ...ids, traceId0: 16, traceId2: -1 } },
      ],
    });
    assert.deepEqual(decode(encode(span)).spans, [
      collectedSpan({
        traceId: 'ffffffff7fffffff8000000000000001',
        parentSpanId: 'f'.repeat(16),
        flags: 255,
        logs: [
          { timestampUs: 2500, fields: { event: 'retry', attempt: 2 } },
          { timestampUs: 0, fields: {} },
        ],
        references: [
          { type: 'child_of', traceId: '0000000000000001', spanId: 'ffffffff00000002' },
          {
            type: 'follows_from',
            traceId: '0000001000000000ffffffff00000001',
            spanId: '0000000000000002',
          },
        ],
      }),
    ]);
  });

  test(`${name}: lists of any length arrive: tags, logs, fields, references and spans`, () => {
    for (const length of [0, 1, 14, 15, 16, 127, 128, 200]) {
      const tags = Array.from({ length }, (_, i) => [`k${i}`, i]).flat();
      const reference = { type: 'child_of', context: ids } as const;
      const span = finishedSpan({
        tags,
        logs: Array.from({ length }, (_, i) => ({ timestampMs: i, fields: i === 0 ? tags : [] })),
        references: Array.from({ length }, () => reference),
      });
      const small = Array.from({ length }, () => finishedSpan());
      const { spans } = decode(encode(span, ...small));
      const [first] = spans;
      assert.deepEqual(
        [spans.length, first!.tagList.length, first!.logs.length, first!.references.length],
        [length + 1, length, length, length],
      );
      assert.deepEqual(Object.entries(first!.tags).flat(), tags);
      assert.deepEqual(first!.logs[0]?.fields, length === 0 ? undefined : first!.tags);
    }
    const many = Array.from({ length: 1000 }, () => finishedSpan());
    assert.equal(decode(encode(...many)).spans.length, 1000);
  });

  test(`${name}: a span that throws while it is written leaves the batch as it was`, () => {
    const encoder = createEncoder();
    const failing = Object.defineProperty(finishedSpan({ tags: ['k', 'v'] }), 'logs', {
      get() {
        throw new Error('released');
      },
    });
    encoder.append(finishedSpan({ operationName: 'before' }));
    assert.throws(() => encoder.append(failing), /released/);
    encoder.append(finishedSpan({ operationName: 'after' }));
    assert.deepEqual(decode(encoder.seal(noLoss)!.bytes).spans, [
      collectedSpan({ operationName: 'before' }),
      collectedSpan({ operationName: 'after' }),
    ]);
  });
}

test('process tags that fill the packet are refused with what to write instead', () => {
  const tags = ['region', 'x'.repeat(900)];
  assert.throws(() => new ThriftCompactEncoder().start({ serviceName: 'svc', tags }, 900), {
    name: 'SpoorError',
    code: 'SPOOR_CONFIG',
    message:
      'reporter.maxPacketSize: the process tags alone take 937 bytes of the 900. Write a larger packet size, or fewer tags.',
  });
});
