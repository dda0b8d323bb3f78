import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type FinishedSpan,
  type Ids,
  type TagList,
  type TagValue,
  ThriftBinaryEncoder,
} from '@spoor/core';
import {
  type CollectedTag,
  decodeBatch,
  decodeOtlp,
  type OtlpAttribute,
  type OtlpSpan,
} from '@spoor/testing';
import fc from 'fast-check';
import { finishedSpan, noLoss, startedEncoder } from './helpers.js';

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const ids = fc.record({
  traceId0: fc.oneof(fc.constant(0), word),
  traceId1: fc.oneof(fc.constant(0), word),
  traceId2: word,
  traceId3: word,
  spanId0: word,
  spanId1: word,
  parentId0: word,
  // Without it a reference may say who is the parent.
  parentId1: word.filter((low) => low !== 0),
  flags: fc.integer({ min: 0, max: 255 }),
});
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 20_000, size: 'xlarge' }),
);
const value: fc.Arbitrary<TagValue> = fc.oneof(
  text,
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.uint8Array({ maxLength: 300 }),
);
/** Without those that mean something in OTLP; of few names, so that some come again. */
const key = fc.oneof(
  fc.constantFrom('a', 'b', 'c'),
  fc.string({ minLength: 1, maxLength: 150 }).map((name) => `key ${name}`),
);
const tags = fc
  .array(fc.tuple(key, value), { maxLength: 50 })
  .map((pairs): TagList => pairs.flat(1));
const timeMs = fc.integer({ min: 0, max: 4_000_000_000_000_000 }).map((us) => us / 1000);
const span = fc
  .record({
    ids,
    operationName: text,
    startTimeMs: timeMs,
    durationMs: fc.integer({ min: 1, max: 2 ** 40 }).map((us) => us / 1000),
    tags,
    logs: fc.option(fc.array(fc.record({ timestampMs: timeMs, fields: tags }), { maxLength: 5 }), {
      nil: undefined,
    }),
    references: fc.option(
      fc.array(
        fc.record({
          type: fc.constantFrom('child_of' as const, 'follows_from' as const),
          context: ids,
        }),
        { maxLength: 5 },
      ),
      { nil: undefined },
    ),
  })
  .map(({ ids: own, ...rest }): FinishedSpan => finishedSpan({ ...own, ...rest }));

const types: Readonly<Record<CollectedTag['type'], OtlpAttribute['type']>> = {
  string: 'stringValue',
  double: 'doubleValue',
  bool: 'boolValue',
  long: 'intValue',
  binary: 'bytesValue',
};

/** In OTLP a key is there once. */
function attributesOf(list: readonly CollectedTag[]): Map<string, unknown> {
  return new Map(list.map(({ key: name, type, value: v }) => [name, [types[type], v]]));
}

function attributesIn(list: readonly OtlpAttribute[]): Map<string, unknown> {
  const own = list.filter(({ key: name }) => !name.startsWith('jaeger.'));
  assert.equal(new Set(list.map(({ key: name }) => name)).size, list.length);
  return new Map(own.map(({ key: name, type, value: v }) => [name, [type, v]]));
}

/** What both formats can say of a span. */
function sharedBy(decoded: OtlpSpan): unknown {
  return {
    traceId: decoded.traceId.replace(/^0{16}/, ''),
    spanId: decoded.spanId,
    parentSpanId: decoded.parentSpanId,
    name: decoded.name,
    startUs: decoded.startNs / 1000n,
    durationUs: (decoded.endNs - decoded.startNs) / 1000n,
    attributes: attributesIn(decoded.attributes),
    events: decoded.events.map(({ timeUs, attributes }) => [timeUs, valuesOf(attributes)]),
  };
}

function valuesOf(list: readonly OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(list.map(({ key: name, value: v }) => [name, v]));
}

const maxBytes = 300_000;

test('what the Thrift encoder takes the OTLP encoder takes, and both are decoded to the same', () => {
  // They go on from span to span, so that what they remember of earlier ones is tried too.
  const otlp = startedEncoder(maxBytes);
  const thrift = new ThriftBinaryEncoder();
  thrift.start({ serviceName: 'svc', tags: [] }, maxBytes);
  fc.assert(
    fc.property(span, (one) => {
      if (thrift.append(one) !== 'appended') return;
      const [expected] = decodeBatch(thrift.seal(noLoss)!.bytes).spans;
      assert.equal(otlp.append(one), 'appended');
      const decoded = decodeOtlp(otlp.seal(noLoss)!.bytes).spans[0]!;
      assert.deepEqual(sharedBy(decoded), {
        traceId: expected!.traceId,
        spanId: expected!.spanId,
        parentSpanId: expected!.parentSpanId,
        name: expected!.operationName,
        startUs: BigInt(expected!.startTimeUs),
        durationUs: BigInt(expected!.durationUs),
        attributes: attributesOf(expected!.tagList),
        events: expected!.logs.map(({ timestampUs, fields }) => [timestampUs, fields]),
      });
    }),
    { numRuns: 200 },
  );
});

/** By an encoder that goes on from span to span. */
const encoder = startedEncoder();
function decodedOf(fields: Partial<FinishedSpan>): OtlpSpan {
  assert.equal(encoder.append(finishedSpan(fields)), 'appended');
  return decodeOtlp(encoder.seal(noLoss)!.bytes).spans[0]!;
}

/** What means something in OTLP, and is meant or not. */
const meaning = fc.oneof(
  fc.tuple(
    fc.constant('span.kind'),
    fc.constantFrom<TagValue>('server', 'client', 'internal', 'SERVER', '', 2),
  ),
  fc.tuple(fc.constant('error'), fc.constantFrom<TagValue>(true, false, 'true', 'false', 'no', 1)),
  fc.tuple(
    fc.constant('otel.status_code'),
    fc.constantFrom<TagValue>('OK', 'ERROR', 'UNSET', 'ok', 2, ''),
  ),
  fc.tuple(
    fc.constantFrom(
      'otel.status_description',
      'http.status_code',
      'http.response.status_code',
      'http.status_message',
      'w3c.tracestate',
      'jaeger.debug',
      'jaeger.firehose',
      'spoor.dropped_tags',
      'a',
    ),
    fc.constantFrom<TagValue>('text', '', 0, 200, 404, '500', -1, 0.5, true, Buffer.of(5)),
  ),
);

test('no tag is lost: it is an attribute, or a field of OTLP says the same; no key is there twice', () => {
  fc.assert(
    fc.property(fc.array(meaning, { maxLength: 40 }), fc.nat(15), (pairs, flags) => {
      const decoded = decodedOf({ tags: pairs.flat(1), flags });
      const { attributes, kind, status, traceState } = decoded;
      const left = new Map(attributes.map(({ key: name, value: v }) => [name, v]));
      assert.equal(left.size, attributes.length);
      const last = new Map<string, TagValue>(pairs);
      const isError = String(last.get('error')) === 'true';
      const fields: Record<string, unknown> = {
        'span.kind': [undefined, 'internal', 'server', 'client'][kind],
        error: isError && status?.code === 2 ? last.get('error') : undefined,
        // An error is an error, whatever else is said.
        'otel.status_code': isError ? undefined : [undefined, 'OK', 'ERROR'][status?.code ?? 0],
        'otel.status_description': status?.message,
        'w3c.tracestate': traceState,
      };
      for (const [name, given] of last) {
        const expected = typeof given === 'object' ? Uint8Array.from(given) : given;
        if (left.has(name)) assert.deepEqual(left.get(name), expected);
        else if (name !== 'otel.status_code' || !isError) assert.equal(fields[name], expected);
      }
    }),
    { numRuns: 500 },
  );
});

/** Of few, so that many are alike. */
const context = fc.record({
  traceId0: fc.constantFrom(0, -1),
  traceId1: fc.constant(0),
  traceId2: fc.constant(0),
  traceId3: fc.constant(1),
  spanId0: fc.constantFrom(0, -5),
  spanId1: fc.constantFrom(3, 4),
  parentId0: fc.constant(0),
  parentId1: fc.constant(0),
  flags: fc.nat(15),
});
const reference = fc.record({
  type: fc.constantFrom('child_of' as const, 'follows_from' as const),
  context,
});

test('of the references one is the parent, and all others are links, in order', () => {
  const hexOf = ({ context: of }: { context: Ids }): { traceId: string; spanId: string } => ({
    traceId: [of.traceId0, of.traceId1, of.traceId2, of.traceId3].map(hex).join(''),
    spanId: hex(of.spanId0) + hex(of.spanId1),
  });
  fc.assert(
    fc.property(
      fc.array(reference, { maxLength: 6 }),
      fc.constantFrom(0, 3, 9),
      (references, parentId1) => {
        const decoded = decodedOf({ parentId1, references });
        const ofTrace = references.filter((one) => hexOf(one).traceId === decoded.traceId);
        const [first] = [
          ...ofTrace.filter(({ type }) => type === 'child_of'),
          ...ofTrace.filter(({ type }) => type === 'follows_from'),
        ];
        const parent = parentId1 === 0 && first !== undefined ? hexOf(first).spanId : '';
        assert.equal(decoded.parentSpanId, parentId1 === 0 ? parent : hex(0) + hex(parentId1));
        const links = references.filter(
          (one) =>
            one.type !== 'child_of' ||
            hexOf(one).traceId !== decoded.traceId ||
            hexOf(one).spanId !== decoded.parentSpanId,
        );
        assert.deepEqual(
          decoded.links,
          links.map((one) => ({
            ...hexOf(one),
            flags: one.context.flags & 1,
            attributes: [{ key: 'opentracing.ref_type', type: 'stringValue', value: one.type }],
          })),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('times are nanoseconds of the nearest microsecond, whatever fraction they have', () => {
  const anyMs = fc.double({ min: 0, max: 9e12, noNaN: true });
  const nanoseconds = (ms: number): bigint => BigInt(Math.round(ms * 1000)) * 1000n;
  fc.assert(
    fc.property(anyMs, fc.double({ min: 0, max: 1e6, noNaN: true }), (startTimeMs, durationMs) => {
      const logs = [{ timestampMs: startTimeMs, fields: [] }];
      const { startNs, endNs, events } = decodedOf({ startTimeMs, durationMs, logs });
      const atLeast = durationMs < 0.0005 ? 1000n : nanoseconds(durationMs);
      assert.deepEqual([startNs, endNs], [nanoseconds(startTimeMs), startNs + atLeast]);
      assert.equal(events[0]!.timeUs, Math.round(startTimeMs * 1000));
    }),
    { numRuns: 300 },
  );
});

test('a batch never takes more than it may, and a span that does not fit leaves it as it was', () => {
  const otlp = startedEncoder(20_000, ['region', 'eu']);
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 10 }), (spans) => {
      const taken = spans.filter((one) => otlp.append(one) === 'appended');
      const batch = otlp.seal(noLoss);
      assert.equal(batch?.spanCount ?? 0, taken.length);
      if (batch === undefined) return;
      assert.ok(batch.bytes.length <= 20_000);
      assert.deepEqual(
        decodeOtlp(batch.bytes).spans.map(({ spanId }) => spanId),
        taken.map(({ spanId0, spanId1 }) => hex(spanId0) + hex(spanId1)),
      );
    }),
    { numRuns: 100 },
  );
});

test('a batch is split until each span is alone, and nothing of it changes', () => {
  const otlp = startedEncoder(100_000, ['region', 'eu']);
  for (let i = 0; i < 37; i++) {
    otlp.append(finishedSpan({ spanId1: i + 1, tags: ['text', 'x'.repeat(i * 20)] }));
  }
  const whole = otlp.seal(noLoss)!;
  let batches = [whole];
  while (batches.some(({ spanCount }) => spanCount > 1)) {
    batches = batches.flatMap((batch) => {
      const parts = otlp.split(batch, noLoss, 50_000);
      return parts.length === 0 ? [batch] : parts;
    });
  }
  assert.deepEqual(otlp.split(batches[0]!, noLoss, 50_000), []);
  const { spans, ...process } = decodeOtlp(whole.bytes);
  const parts = batches.map(({ bytes }) => decodeOtlp(bytes));
  assert.deepEqual(
    parts.flatMap((part) => part.spans),
    spans,
  );
  for (const { spans: _, ...other } of parts) assert.deepEqual(other, process);
});

test('where a backend takes less than the process tags alone, batches are as small as can be, and spans go on', () => {
  const otlp = startedEncoder(100_000, ['text', 'x'.repeat(5000)]);
  for (let i = 0; i < 2; i++) otlp.append(finishedSpan());
  assert.equal(otlp.split(otlp.seal(noLoss)!, noLoss, 2000).length, 2);
  let spanCount = 0;
  while (otlp.append(finishedSpan()) === 'appended') spanCount++;
  const { bytes, spanCount: sealed } = otlp.seal(noLoss)!;
  assert.ok(spanCount > 1 && sealed === spanCount, String(spanCount));
  assert.ok(bytes.length > 5500 && bytes.length < 6500, String(bytes.length));
});

test('an encoder that has no spans holds one buffer of a batch, not further ones for its resource and scope', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const bufferBytes = (): number => {
    collectGarbage();
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const before = bufferBytes();
  const encoders = Array.from({ length: 20 }, () => startedEncoder(1_000_000));
  const grownBytes = bufferBytes() - before;
  assert.ok(grownBytes < 30_000_000, `grew by ${grownBytes} bytes`);
  assert.equal(encoders.length, 20);
});

test('process tags that leave no room for a span are refused', () => {
  assert.throws(() => startedEncoder(1000, ['text', 'x'.repeat(10_000)]), {
    code: 'SPOOR_CONFIG',
    message: /^reporter\.maxPacketSize: the process tags alone take 101\d\d bytes of the 1000\. /,
  });
});

function hex(number: number): string {
  return (number >>> 0).toString(16).padStart(8, '0');
}
