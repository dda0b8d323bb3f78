import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FinishedSpan, SpanContext, type TagList } from '@spoor/core';
import { decodeOtlp, type OtlpAttribute, type OtlpSpan } from '@spoor/testing';
import { finishedSpan, ids, noLoss, otlpSpan, roundTrip, sent, startedEncoder } from './helpers.js';

function decoded(fields: Partial<FinishedSpan>): OtlpSpan {
  return roundTrip(finishedSpan(fields)).spans[0]!;
}

function text(key: string, value: string): OtlpAttribute {
  return { key, type: 'stringValue', value };
}

test('a span without anything is decoded as it was', () => {
  assert.deepEqual(decoded({}), otlpSpan());
});

test('ids are bytes, the high half first; a trace id of 64 bits has zeros in front', () => {
  const wide = {
    traceId0: 0x01020304,
    traceId1: 0x05060708,
    traceId2: -1,
    traceId3: 0x7fffffff,
    spanId0: -2147483648,
    spanId1: 0x0a,
    parentId0: 0x11,
    parentId1: -2,
  };
  const { traceId, spanId, parentSpanId } = decoded(wide);
  assert.deepEqual(
    [traceId, spanId, parentSpanId],
    ['0102030405060708ffffffff7fffffff', '800000000000000a', '00000011fffffffe'],
  );
  assert.equal(decoded({}).traceId, '00000000000000000000000000000001');
});

test('times are nanoseconds, rounded to microseconds as in Thrift; a span takes a microsecond at least', () => {
  const startTimeMs = 1_763_740_800_123.457;
  const { startNs, endNs } = decoded({ startTimeMs, durationMs: 86_400_000.001 });
  assert.equal(startNs, 1_763_740_800_123_457_000n);
  assert.equal(endNs - startNs, 86_400_000_001_000n);
  const short = decoded({ startTimeMs, durationMs: 0 });
  assert.equal(short.endNs - short.startNs, 1000n);
});

const attributes: readonly [unknown, OtlpAttribute['type'], OtlpAttribute['value']][] = [
  ['text', 'stringValue', 'text'],
  ['', 'stringValue', ''],
  ['ä中😀\0', 'stringValue', 'ä中😀\0'],
  ['half of a pair \ud83d', 'stringValue', 'half of a pair \ufffd'],
  [true, 'boolValue', true],
  [false, 'boolValue', false],
  [0, 'intValue', 0],
  [-1, 'intValue', -1],
  [2 ** 31, 'intValue', 2 ** 31],
  [2 ** 32, 'intValue', 2 ** 32],
  [Number.MAX_SAFE_INTEGER, 'intValue', Number.MAX_SAFE_INTEGER],
  [Number.MIN_SAFE_INTEGER, 'intValue', Number.MIN_SAFE_INTEGER],
  [0.1, 'doubleValue', 0.1],
  [2 ** 53, 'doubleValue', 2 ** 53],
  [Number.NaN, 'doubleValue', Number.NaN],
  [Number.NEGATIVE_INFINITY, 'doubleValue', Number.NEGATIVE_INFINITY],
  [new Uint8Array(), 'bytesValue', new Uint8Array()],
  [Buffer.from([0, 1, 255]), 'bytesValue', Uint8Array.of(0, 1, 255)],
  [{ a: [1, null] }, 'stringValue', '{"a":[1,null]}'],
  [null, 'stringValue', 'null'],
];

test('values keep their types; objects are JSON', () => {
  const span = sent((s) => attributes.forEach(([value], i) => void s.setTag(`key${i}`, value)));
  const expected = attributes.map(([, type, value], i) => ({ key: `key${i}`, type, value }));
  assert.deepEqual(span.attributes, expected);
});

test('texts of every length around those that take another byte for it arrive whole', () => {
  for (const center of [90, 128, 256, 16_256, 16_384, 2_097_152]) {
    for (let length = center - 14; length <= center + 3; length++) {
      const value = 'x'.repeat(length);
      const logs = [{ timestampMs: 1, fields: ['event', value, 'k', value] }];
      const fields = { operationName: value, tags: ['k', value], logs };
      // The second time it is written from what is remembered.
      const { spans } = roundTrip(finishedSpan(fields), finishedSpan(fields));
      const events = [{ timeUs: 1000, name: value, attributes: [text('k', value)] }];
      const expected = otlpSpan({ name: value, attributes: [text('k', value)], events });
      assert.deepEqual(spans, [expected, expected], String(length));
    }
  }
});

test('of several tags with one key the last is sent, in short lists and in long ones', () => {
  const tags: TagList = ['a', 1, 'b', 2, 'a', 3];
  const last = (list: OtlpAttribute[]): unknown => list.map(({ key, value }) => [key, value]);
  const short = decoded({ tags, logs: [{ timestampMs: 1, fields: tags }] });
  const expected = [
    ['b', 2],
    ['a', 3],
  ];
  assert.deepEqual(last(short.attributes), expected);
  assert.deepEqual(last(short.events[0]!.attributes), expected);
  const many: TagList = [...tags];
  for (let i = 0; i < 500; i++) many.push(`key${i % 100}`, i);
  const long = decoded({ tags: many });
  assert.equal(long.attributes.length, 102);
  assert.deepEqual(last(long.attributes.slice(-1)), [['key99', 499]]);
});

for (const [kind, number] of [
  ['internal', 1],
  ['server', 2],
  ['client', 3],
  ['producer', 4],
  ['consumer', 5],
] as const) {
  test(`span.kind ${kind} is the kind ${number}, and no attribute`, () => {
    const { kind: actual, attributes: list } = decoded({ tags: ['span.kind', kind, 'a', 'b'] });
    assert.deepEqual([actual, list], [number, [text('a', 'b')]]);
  });
}

test('a span.kind that OTLP does not know stays an attribute', () => {
  const { kind, attributes: list } = decoded({ tags: ['span.kind', 'proxy'] });
  assert.deepEqual([kind, list], [0, [text('span.kind', 'proxy')]]);
});

/** Tags, the status, the attributes that stay. */
const statuses: readonly [TagList, OtlpSpan['status'], string[]][] = [
  [['error', true], { code: 2, message: '' }, []],
  [['error', 'true'], { code: 2, message: '' }, []],
  [['error', false], undefined, ['error']],
  [['error', 'oh no'], undefined, ['error']],
  [['error', false, 'error', true], { code: 2, message: '' }, []],
  [['error', true, 'error', false], undefined, ['error']],
  [
    ['error', true, 'otel.status_description', 'd', 'http.status_message', 'm'],
    { code: 2, message: 'd' },
    ['http.status_message'],
  ],
  [['error', true, 'http.status_message', 'm'], { code: 2, message: 'm' }, ['http.status_message']],
  [['error', true, 'otel.status_code', 'OK'], { code: 2, message: '' }, []],
  [['otel.status_code', 'OK'], { code: 1, message: '' }, []],
  [
    ['otel.status_code', 'OK', 'otel.status_description', 'd'],
    { code: 1, message: '' },
    ['otel.status_description'],
  ],
  [['otel.status_code', 'ERROR', 'otel.status_description', 'd'], { code: 2, message: 'd' }, []],
  [['otel.status_code', 'fine'], undefined, ['otel.status_code']],
  [['otel.status_description', 'd'], undefined, ['otel.status_description']],
  [['http.status_code', 500], { code: 2, message: '' }, ['http.status_code']],
  [['http.response.status_code', '503'], { code: 2, message: '' }, ['http.response.status_code']],
  [['http.status_code', 404, 'span.kind', 'server'], undefined, ['http.status_code']],
  [
    ['http.status_code', 404, 'span.kind', 'client'],
    { code: 2, message: '' },
    ['http.status_code'],
  ],
  [['http.status_code', 200, 'span.kind', 'client'], undefined, ['http.status_code']],
  [['http.status_code', 500, 'error', false], undefined, ['http.status_code', 'error']],
  [
    ['http.status_code', 500, 'otel.status_code', 'OK'],
    { code: 1, message: '' },
    ['http.status_code'],
  ],
];
for (const [tags, status, stay] of statuses) {
  const code = status === undefined ? 'no status' : `the status ${status.code} "${status.message}"`;
  test(`${JSON.stringify(tags)} makes ${code}`, () => {
    const span = decoded({ tags });
    assert.deepEqual([span.status, span.attributes.map(({ key }) => key)], [status, stay]);
  });
}

test('a log is an event, called by its field event; without one it has no name', () => {
  const logs = [
    { timestampMs: 1.5, fields: ['event', 'error', 'message', 'no', 'error.object', 'Error: no'] },
    { timestampMs: 2, fields: ['event', 7] },
    { timestampMs: 3, fields: [] },
  ];
  assert.deepEqual(decoded({ logs }).events, [
    {
      timeUs: 1500,
      name: 'error',
      attributes: [text('message', 'no'), text('error.object', 'Error: no')],
    },
    { timeUs: 2000, name: '', attributes: [{ key: 'event', type: 'intValue', value: 7 }] },
    { timeUs: 3000, name: '', attributes: [] },
  ]);
});

test('what a span had to drop is counted where OTLP counts it', () => {
  const span = sent(
    (s) => {
      for (let i = 0; i < 9; i++) s.setTag(`key${i}`, i).log({ event: `event ${i}` });
    },
    { limits: { maxTagsPerSpan: 5, maxLogsPerSpan: 4 } },
  );
  assert.deepEqual([span.droppedAttributesCount, span.droppedEventsCount], [4, 6]);
  assert.equal(span.events.length, 4);
  assert.ok(span.attributes.some(({ key }) => key === 'spoor.dropped_tags'));
});

const other = { ...ids, spanId1: 3 };
const elsewhere = { ...ids, traceId3: 9, spanId1: 4, flags: 0 };
const refType = (type: string): OtlpAttribute[] => [text('opentracing.ref_type', type)];

test('the parent is no link, other references are, with their type', () => {
  const span = decoded({
    parentId1: 3,
    references: [
      { type: 'child_of', context: other },
      { type: 'child_of', context: elsewhere },
      { type: 'follows_from', context: elsewhere },
    ],
  });
  const link = {
    traceId: '00000000000000000000000000000009',
    spanId: '0000000000000004',
    flags: 0,
  };
  assert.equal(span.parentSpanId, '0000000000000003');
  assert.deepEqual(span.links, [
    { ...link, attributes: refType('child_of') },
    { ...link, attributes: refType('follows_from') },
  ]);
});

test('a parent that is merely followed is a link as well', () => {
  const span = decoded({ parentId1: 3, references: [{ type: 'follows_from', context: other }] });
  assert.equal(span.parentSpanId, '0000000000000003');
  assert.deepEqual(span.links, [
    {
      traceId: '00000000000000000000000000000001',
      spanId: '0000000000000003',
      flags: 1,
      attributes: refType('follows_from'),
    },
  ]);
});

test('without the id of a parent it is the first child_of of the trace, else the first that is followed', () => {
  const parentOf = (...references: NonNullable<FinishedSpan['references']>): [string, number] => {
    const { parentSpanId, links } = decoded({ references });
    return [parentSpanId, links.length];
  };
  const follows = { type: 'follows_from', context: { ...ids, spanId1: 5 } } as const;
  const childOf = { type: 'child_of', context: other } as const;
  assert.deepEqual(parentOf(follows, childOf), ['0000000000000003', 1]);
  assert.deepEqual(parentOf(follows), ['0000000000000005', 1]);
  assert.deepEqual(parentOf({ type: 'child_of', context: elsewhere }), ['', 1]);
});

test('of the flags sampled is that of W3C; debug and firehose are attributes', () => {
  const span = decoded({ flags: 1 | 2 | 8 });
  assert.equal(span.flags, 1);
  assert.deepEqual(span.attributes, [
    { key: 'jaeger.debug', type: 'boolValue', value: true },
    { key: 'jaeger.firehose', type: 'boolValue', value: true },
  ]);
});

test('a tag of the user that is called as one of ours wins: no key is there twice', () => {
  const tags: TagList = ['jaeger.debug', 'mine', 'a', 'jaeger.firehose'];
  assert.deepEqual(decoded({ flags: 1 | 2 | 8, tags }).attributes, [
    text('jaeger.debug', 'mine'),
    text('a', 'jaeger.firehose'),
    { key: 'jaeger.firehose', type: 'boolValue', value: true },
  ]);
});

test('the trace state is that which came with the trace, unless the tag w3c.tracestate says another', () => {
  const w3c = { traceState: 'a=1,b=2', baggageMembers: undefined };
  assert.equal(decoded({ w3c }).traceState, 'a=1,b=2');
  const span = decoded({ w3c, tags: ['w3c.tracestate', 'c=3'] });
  assert.deepEqual([span.traceState, span.attributes], ['c=3', []]);
});

test('a span that continues a trace has its trace state', () => {
  const w3c = { traceState: 'vendor=1', baggageMembers: undefined };
  const childOf = new SpanContext(ids, undefined, true, { w3c });
  const { traceState, parentSpanId } = sent(() => {}, {}, { childOf });
  assert.deepEqual([traceState, parentSpanId], ['vendor=1', '0000000000000002']);
});

test('process tags are attributes of the resource, under the names of OpenTelemetry', () => {
  const encoder = startedEncoder(65_000, [
    'region',
    'eu',
    'cores',
    4,
    'service.name',
    'not this',
    'jaeger.version',
    'Spoor-Node-1.2.3',
    'hostname',
    'machine',
    'ip',
    '10.0.0.1',
    'client-uuid',
    'u',
  ]);
  encoder.append(finishedSpan());
  const { resource, scope } = decodeOtlp(encoder.seal(noLoss)!.bytes);
  assert.deepEqual(resource, {
    'service.name': 'svc',
    'telemetry.sdk.name': 'spoor',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': '1.2.3',
    'host.name': 'machine',
    region: 'eu',
    cores: 4,
    ip: '10.0.0.1',
    'client-uuid': 'u',
  });
  assert.deepEqual([scope.name, /^\d+\.\d+\.\d+/.test(scope.version)], ['@spoor/core', true]);
});

test('a host.name of the user wins over the name of the machine', () => {
  const encoder = startedEncoder(65_000, ['host.name', 'mine', 'hostname', 'machine']);
  encoder.append(finishedSpan());
  assert.equal(decodeOtlp(encoder.seal(noLoss)!.bytes).resource['host.name'], 'mine');
});
