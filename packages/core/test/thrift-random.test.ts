import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FinishedSpan, Ids, TagList } from '@spoor/core';
import type { CollectedSpan, CollectedTag } from '@spoor/testing';
import { createRemoteTracer, FakeTransport, Random } from './helpers.js';
import { collectedSpan, finishedSpan, noLoss, tagList, wires } from './wire.js';

const alphabet = 'abcdefghij0123456789 ._-/?ä中😀\ud83d\0';

function randomIds(random: Random): Ids {
  const word = (): number => random.pick([0, -1, 1, -2147483648, random.word() | 0]);
  return {
    traceId0: random.pick([0, word()]),
    traceId1: random.pick([0, word()]),
    traceId2: word(),
    traceId3: word(),
    spanId0: word(),
    spanId1: word(),
    parentId0: random.pick([0, word()]),
    parentId1: random.pick([0, word()]),
    flags: random.int(0, 255),
  };
}

function randomValue(random: Random): unknown {
  const text = (): string => random.text(alphabet, { maxChars: random.pick([3, 15, 45, 300]) });
  const make = random.pick<() => unknown>([
    text,
    text,
    () => Buffer.from(text()),
    () => `value ${random.int(0, 50)}`,
    () => random.pick([random.fraction() * 1e6, random.word() * 2 ** 21, random.int(-99, 99)]),
    () => random.pick([random.int(-3, 3), String(random.int(-3, 3)), '', 'GET', true, false]),
    () => random.pick([Number.NaN, null, undefined, 2n ** 70n, { text: 'a', list: [1] }]),
  ]);
  return make();
}

function randomTags(random: Random, maxTags: number): TagList {
  const tags: TagList = [];
  for (let count = random.int(0, maxTags); count > 0; count--) {
    const isKnown = random.fraction() < 0.8;
    const key = isKnown ? `key ${random.int(0, 400)}` : random.text(alphabet, { maxChars: 50 });
    tags.push(...tagList(key, randomValue(random)));
  }
  return tags;
}

function randomSpan(random: Random): FinishedSpan {
  const maxTags = random.pick([0, 5, 5, 5, 20]);
  return finishedSpan({
    ...randomIds(random),
    operationName: random.text(alphabet, { maxChars: random.pick([10, 100]) }),
    startTimeMs: random.int(0, 2 ** 40) + random.int(0, 999) / 1000,
    durationMs: random.int(0, 2 ** 20) / 1000,
    tags: randomTags(random, maxTags),
    logs: random.pick([
      undefined,
      Array.from({ length: random.int(0, 4) }, () => ({
        timestampMs: random.int(0, 2 ** 40),
        fields: randomTags(random, 4),
      })),
    ]),
    references: random.pick([
      undefined,
      Array.from({ length: random.int(0, 16) }, () => ({
        type: random.pick(['child_of', 'follows_from'] as const),
        context: randomIds(random),
      })),
    ]),
  });
}

/** What the decoder should make of a tag: the mapping to Thrift once more, without bytes. */
function expectedTag(key: unknown, value: unknown): CollectedTag {
  const common = { key: String(key).toWellFormed() };
  if (typeof value === 'boolean') return { ...common, type: 'bool', value };
  if (Number.isSafeInteger(value)) return { ...common, type: 'long', value: Number(value) + 0 };
  if (typeof value === 'number') return { ...common, type: 'double', value };
  if (Buffer.isBuffer(value)) return { ...common, type: 'binary', value: Uint8Array.from(value) };
  const isObject = typeof value === 'object' && value !== null;
  const text = isObject ? JSON.stringify(value) : String(value).toWellFormed();
  return { ...common, type: 'string', value: text };
}

function expectedTags(tags: Readonly<TagList>): CollectedTag[] {
  return Array.from({ length: tags.length / 2 }, (_, i) =>
    expectedTag(tags[2 * i], tags[2 * i + 1]),
  );
}

function hex(...words: number[]): string {
  return words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function traceHex({ traceId0, traceId1, traceId2, traceId3 }: Ids): string {
  return (traceId0 | traceId1) === 0
    ? hex(traceId2, traceId3)
    : hex(traceId0, traceId1, traceId2, traceId3);
}

function expectedSpan(span: FinishedSpan): CollectedSpan {
  const tagList = expectedTags(span.tags);
  const values = (list: CollectedTag[]) =>
    Object.fromEntries(list.map(({ key, value }) => [key, value]));
  const hasParent = (span.parentId0 | span.parentId1) !== 0;
  return collectedSpan({
    traceId: traceHex(span),
    spanId: hex(span.spanId0, span.spanId1),
    parentSpanId: hasParent ? hex(span.parentId0, span.parentId1) : '',
    operationName: span.operationName.toWellFormed(),
    flags: span.flags,
    startTimeUs: Math.round(span.startTimeMs * 1000),
    durationUs: Math.round(span.durationMs * 1000),
    tagList,
    tags: values(tagList),
    tagTypes: Object.fromEntries(tagList.map(({ key, type }) => [key, type])),
    logs: (span.logs ?? []).map(({ timestampMs, fields }) => ({
      timestampUs: timestampMs * 1000,
      fields: values(expectedTags(fields)),
    })),
    references: (span.references ?? []).map(({ type, context }) => ({
      type,
      traceId: traceHex(context),
      spanId: hex(context.spanId0, context.spanId1),
    })),
  });
}

for (const { name, createEncoder, encode, decode, reservedBytes } of wires) {
  test(`${name}: three thousand random spans are decoded as they were`, () => {
    const random = new Random(17);
    const encoder = createEncoder();
    for (let batch = 0; batch < 300; batch++) {
      const spans: FinishedSpan[] = [];
      for (let i = 0; i < 10; i++) {
        const span = randomSpan(random);
        if (encoder.append(span) === 'appended') spans.push(span);
      }
      const { bytes, spanCount } = encoder.seal(noLoss)!;
      assert.equal(spanCount, spans.length);
      const decoded = decode(bytes);
      assert.equal(decoded.seqNo, batch + 1);
      assert.deepEqual(decoded.spans, spans.map(expectedSpan));
    }
  });

  test(`${name}: a random span that does not fit leaves the batch as it was`, () => {
    const random = new Random(19);
    const encoder = createEncoder();
    for (let batch = 0; batch < 40; batch++) {
      const spans: FinishedSpan[] = [];
      for (let i = 0; i < 12; i++) {
        const span = randomSpan(random);
        const huge = { ...span, tags: [...span.tags, 'huge', 'x'.repeat(65_000), 'k', 'v'] };
        const outcome = encoder.append(huge);
        assert.equal(outcome, spans.length === 0 ? 'too-large' : 'full');
        if (encoder.append(span) === 'appended') spans.push(span);
      }
      const decoded = decode(encoder.seal(noLoss)!.bytes);
      assert.deepEqual(decoded.spans, spans.map(expectedSpan));
    }
  });

  test(`${name}: a packet is filled as far as whole spans fit, and a span is too large only if it does not fit alone`, () => {
    const spanBytes = encode(finishedSpan(), finishedSpan()).length - encode(finishedSpan()).length;
    const emptyBytes = encode(finishedSpan()).length - spanBytes;
    for (const limit of [1000, 5000, 65_000]) {
      const encoder = createEncoder(limit);
      while (encoder.append(finishedSpan()) === 'appended');
      const { bytes } = encoder.seal(noLoss)!;
      assert.ok(
        bytes.length <= limit && bytes.length > limit - spanBytes - reservedBytes,
        `${bytes.length}`,
      );

      let largest = 0;
      for (let size = limit - 300; size < limit + 10; size++) {
        const span = finishedSpan({ operationName: 'x'.repeat(size) });
        if (createEncoder(limit).append(span) === 'appended') largest = size;
      }
      const free = limit - (emptyBytes + spanBytes - 'op'.length + largest);
      assert.ok(free >= 0 && free <= reservedBytes, `${free} bytes of ${limit} are left free`);
    }
  });
}

test('whatever the limit, no packet exceeds it and every span arrives or is counted', async () => {
  const random = new Random(23);
  for (let round = 0; round < 60; round++) {
    const maxBatchBytes = random.pick([1000, 1001, 65_000, random.int(1000, 65_000)]);
    const transport = new FakeTransport({ maxBatchBytes });
    const { tracer, metrics } = createRemoteTracer(transport);
    const names: string[] = [];
    for (let i = 0; i < 60; i++) {
      const name = `span ${i}`;
      names.push(name);
      const size = random.pick([0, 10, 100, random.int(0, maxBatchBytes + 100)]);
      tracer.startSpan(name, { tags: { text: 'x'.repeat(size) } }).finish();
    }
    await tracer.close();

    const sizes = transport.batches.map(({ bytes }) => bytes.length);
    assert.ok(Math.max(...sizes) <= maxBatchBytes, `${Math.max(...sizes)} of ${maxBatchBytes}`);
    const arrived = transport.names().flat();
    const dropped = metrics.counts['jaeger:reporter_spans result=dropped'] ?? 0;
    assert.equal(arrived.length + dropped, names.length);
    assert.deepEqual(
      arrived,
      names.filter((name) => arrived.includes(name)),
    );
    assert.deepEqual(
      transport.decoded().map(({ seqNo }) => seqNo),
      sizes.map((_, i) => i + 1),
    );
  }
});
