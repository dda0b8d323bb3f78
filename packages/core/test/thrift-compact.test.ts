import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ThriftCompactEncoder } from '@spoor/core';
import { decodeEmitBatch } from '@spoor/testing';
import { collectedSpan, createEncoder, encode, finishedSpan, ids, noLoss } from './wire.js';

test('a batch is byte for byte what Apache Thrift writes, with sequence number and client stats', () => {
  const expected = `
    82 81 00 09 65 6d 69 74 42 61 74 63 68 1c 1c 18 03 73 76 63 19 0c 00 19 1c 16 02 16 00 16 04
    16 00 18 02 6f 70 25 02 16 d0 0f 16 0a 19 1c 18 01 6b 15 00 18 01 76 00 19 0c 00
    16 02 1c 16 00 16 00 16 00 00 00 00`;
  assert.equal(
    Buffer.from(encode(finishedSpan({ tags: ['k', 'v'] }))).toString('hex'),
    expected.replaceAll(/\s/g, ''),
  );
});

test('an empty batch is none, and takes no sequence number', () => {
  const encoder = createEncoder();
  assert.equal(encoder.seal(noLoss), undefined);
  encoder.append(finishedSpan());
  assert.equal(encoder.seal(noLoss)?.spanCount, 1);
  assert.equal(encoder.seal(noLoss), undefined);
  encoder.append(finishedSpan());
  encoder.append(finishedSpan());
  const { bytes, spanCount } = encoder.seal(noLoss)!;
  assert.deepEqual([decodeEmitBatch(bytes).seqNo, spanCount], [2, 2]);
});

test('client stats of any size are sent', () => {
  const encoder = createEncoder();
  encoder.append(finishedSpan());
  const stats = {
    fullQueueDroppedSpans: 1,
    tooLargeDroppedSpans: 2 ** 33 + 5,
    failedToEmitSpans: Number.MAX_SAFE_INTEGER,
  };
  assert.deepEqual(decodeEmitBatch(encoder.seal(stats)!.bytes).stats, stats);
});

test('logs and references arrive whole', () => {
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
  assert.deepEqual(decodeEmitBatch(encode(span)).spans, [
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

test('lists of any length arrive: tags, logs, fields, references and spans', () => {
  for (const length of [0, 1, 14, 15, 16, 127, 128, 200]) {
    const tags = Array.from({ length }, (_, i) => [`k${i}`, i]).flat();
    const reference = { type: 'child_of', context: ids } as const;
    const span = finishedSpan({
      tags,
      logs: Array.from({ length }, (_, i) => ({ timestampMs: i, fields: i === 0 ? tags : [] })),
      references: Array.from({ length }, () => reference),
    });
    const small = Array.from({ length }, () => finishedSpan());
    const { spans } = decodeEmitBatch(encode(span, ...small));
    const [first] = spans;
    assert.deepEqual(
      [spans.length, first!.tagList.length, first!.logs.length, first!.references.length],
      [length + 1, length, length, length],
    );
    assert.deepEqual(Object.entries(first!.tags).flat(), tags);
    assert.deepEqual(first!.logs[0]?.fields, length === 0 ? undefined : first!.tags);
  }
  const many = Array.from({ length: 1000 }, () => finishedSpan());
  assert.equal(decodeEmitBatch(encode(...many)).spans.length, 1000);
});

test('a span that throws while it is written leaves the batch as it was', () => {
  const encoder = createEncoder();
  const failing = Object.defineProperty(finishedSpan({ tags: ['k', 'v'] }), 'logs', {
    get() {
      throw new Error('released');
    },
  });
  encoder.append(finishedSpan({ operationName: 'before' }));
  assert.throws(() => encoder.append(failing), /released/);
  encoder.append(finishedSpan({ operationName: 'after' }));
  assert.deepEqual(decodeEmitBatch(encoder.seal(noLoss)!.bytes).spans, [
    collectedSpan({ operationName: 'before' }),
    collectedSpan({ operationName: 'after' }),
  ]);
});

test('process tags that fill the packet are refused with what to write instead', () => {
  const tags = ['region', 'x'.repeat(900)];
  assert.throws(() => new ThriftCompactEncoder().start({ serviceName: 'svc', tags }, 900), {
    name: 'SpoorError',
    code: 'SPOOR_CONFIG',
    message:
      'reporter.maxPacketSize: the process tags alone take 937 bytes of the 900. Write a larger packet size, or fewer tags.',
  });
});
