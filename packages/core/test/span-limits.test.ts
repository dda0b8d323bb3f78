import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordedSpan, Span, SpanLimitOptions } from '@spoor/core';
import { createRemoteTracer, createTestTracer, FakeTransport, runScript } from './helpers.js';

/** The one span that `use` makes under these limits, as it was reported. */
function recorded(limits: SpanLimitOptions | undefined, use: (span: Span) => void): RecordedSpan {
  const { tracer, reporter } = createTestTracer({ limits });
  const span = tracer.startSpan('charge');
  use(span);
  span.finish();
  return reporter.spans[0]!;
}

/** What the logs of a span say, `…N` for the marker of N that are missing. */
function events({ logs }: RecordedSpan): unknown[] {
  return logs.map(({ fields }) =>
    fields.event === 'dropped Span logs' ? `…${fields.dropped_log_count}` : fields.event,
  );
}

function logTimes(count: number): (span: Span) => void {
  return (span) => {
    for (let i = 0; i < count; i++) span.log({ event: i }, 1000 + i);
  };
}

test('by default values of up to 16384 characters are whole, and longer ones are cut and counted', () => {
  const whole = 'x'.repeat(16_384);
  const { tags, logs } = recorded(undefined, (span) => {
    span
      .setTag('whole', whole)
      .setTag('cut', `${whole}x`)
      .log({ text: `${whole}y` });
  });
  assert.deepEqual(tags, { whole, cut: whole, 'spoor.cut_values': 2 });
  assert.deepEqual(logs[0]?.fields, { text: whole });
});

test('a limit for values holds for tags, log fields, bytes and what becomes text', () => {
  const { tags, logs } = recorded({ maxTagValueLength: 4 }, (span) => {
    span.setTag('text', 'abcdef').setTag('bytes', Uint8Array.of(1, 2, 3, 4, 5));
    span.setTag('object', { a: 1 }).setTag('long enough', 'abcd').setTag('number', 123_456);
    span.setTag('true', false).setTag('NaN', Number.NaN).log({ event: 'abcdef' });
  });
  assert.deepEqual(tags, {
    text: 'abcd',
    bytes: Uint8Array.of(1, 2, 3, 4),
    object: '{"a"',
    'long enough': 'abcd',
    number: 123_456,
    true: false,
    NaN: Number.NaN,
    'spoor.cut_values': 4,
  });
  assert.deepEqual(logs[0]?.fields, { event: 'abcd' });
});

test('a character is never cut in half', () => {
  const { tags } = recorded({ maxTagValueLength: 3 }, (span) => {
    span.setTag('a', 'ab😀').setTag('b', 'a😀b').setTag('c', 'ab\ud83dx').setTag('d', '😀😀');
  });
  assert.deepEqual(tags, { a: 'ab', b: 'a😀', c: 'ab', d: '😀', 'spoor.cut_values': 4 });
});

test('the limit for values holds for start tags and process tags', () => {
  const { tracer, reporter } = createTestTracer({
    limits: { maxTagValueLength: 4 },
    tags: { region: 'eu-west-1' },
  });
  tracer.startSpan('charge', { tags: { text: 'abcdef' } }).finish();
  assert.deepEqual(reporter.spans[0]?.tags, { text: 'abcd', 'spoor.cut_values': 1 });
  assert.deepEqual(tracer.process.tags.slice(0, 2), ['region', 'eu-w']);
});

test('stacks have a limit of their own', () => {
  const error = Object.assign(new Error('broken'), { stack: 'Error: broken\n    at here' });
  const { tags, logs } = recorded({ maxTagValueLength: 3, maxTracebackLength: 13 }, (span) => {
    span.setTag('error.object', error).setTag('message', 'broken');
    span.log({ stack: error.stack });
  });
  assert.deepEqual(tags, {
    'error.object': 'Error: broken',
    message: 'bro',
    'spoor.cut_values': 3,
  });
  assert.deepEqual(logs[0]?.fields, { stack: 'Error: broken' });
});

test('of too many tags the first are kept, and the span says how many are missing', () => {
  const { tags } = recorded({ maxTagsPerSpan: 2 }, (span) => {
    span.setTag('a', 1).addTags({ b: 2, c: 3 }).setTag('d', 4).setTag('a', 5);
  });
  assert.deepEqual(tags, { a: 1, b: 2, 'spoor.dropped_tags': 3 });
});

test('of too many fields in a log the first are kept', () => {
  const { tags, logs } = recorded({ maxTagsPerSpan: 2 }, (span) => {
    span.log({ event: 'x', a: 1, b: 2 }, 1000).log({ event: 'y' }, 1001);
  });
  assert.deepEqual(tags, { 'spoor.dropped_tags': 1 });
  assert.deepEqual(logs, [
    { timestampMs: 1000, fields: { event: 'x', a: 1 } },
    { timestampMs: 1001, fields: { event: 'y' } },
  ]);
});

test('of too many logs the first half and the newest are kept, and a log between says how many are missing', () => {
  const table: [max: number, count: number, unknown[]][] = [
    [1, 1, [0]],
    [1, 3, ['…3']],
    [2, 3, ['…2', 2]],
    [4, 4, [0, 1, 2, 3]],
    [4, 5, [0, '…2', 3, 4]],
    [4, 6, [0, '…3', 4, 5]],
    [5, 10, [0, 1, '…6', 8, 9]],
    [10, 1000, [0, 1, 2, 3, '…991', 995, 996, 997, 998, 999]],
  ];
  for (const [maxLogsPerSpan, count, expected] of table) {
    assert.deepEqual(events(recorded({ maxLogsPerSpan }, logTimes(count))), expected);
  }
  const { logs, tags } = recorded({ maxLogsPerSpan: 4 }, logTimes(6));
  assert.deepEqual(logs[1], {
    timestampMs: 1003,
    fields: { event: 'dropped Span logs', dropped_log_count: 3, component: 'spoor' },
  });
  assert.deepEqual(tags, {});
});

test('logs that are too large together make room for newer ones', () => {
  const span = recorded({ maxSpanBytes: 4000 }, (span) => {
    for (let i = 0; i < 20; i++) span.log({ event: i, text: 'x'.repeat(400) });
  });
  // Each takes 32 + 16 + 5 + 16 + 4 + 400 bytes: a quarter of 4000 for the first ones, as many as fit in all.
  assert.deepEqual(events(span), [0, 1, '…12', 14, 15, 16, 17, 18, 19]);
});

test('tags that come late make room among the logs, and are dropped when the span is full', () => {
  const span = recorded({ maxSpanBytes: 4000 }, (span) => {
    logTimes(50)(span);
    span.setTag('first', 'x'.repeat(3000)).setTag('second', 'y'.repeat(2000));
    span.setTag('error', true);
  });
  assert.deepEqual(span.tags, {
    first: 'x'.repeat(3000),
    error: true,
    'spoor.dropped_tags': 1,
  });
  assert.equal(events(span).at(0), 0);
});

test('small tags that come after large ones are dropped, too, when the span is full', () => {
  const span = recorded({ maxSpanBytes: 10_000 }, (span) => {
    span.log({ event: 'x', text: 'x'.repeat(5000) });
    span.setTag('large', 'x'.repeat(9900));
    for (let i = 0; i < 20; i++) span.setTag(`key ${i}`, 'y'.repeat(200));
  });
  assert.deepEqual(Object.keys(span.tags), ['large', 'spoor.dropped_tags']);
  assert.equal(span.tags['spoor.dropped_tags'], 20);
  assert.deepEqual(events(span), ['…1']);
});

test('a span as large as the limits allow fits into a packet', async () => {
  const transport = new FakeTransport();
  const { tracer } = createRemoteTracer(transport);
  const many = tracer.startSpan('many');
  for (let i = 0; i < 5000; i++) many.setTag(`key ${i}`, i).log({ event: 'x', i });
  many.finish();
  const large = tracer.startSpan('large');
  for (let i = 0; i < 10; i++) large.setTag(`key ${i}`, 'x'.repeat(20_000));
  large.setTag('error', true).finish();
  await tracer.flush();
  const [first, second] = transport.spans();
  assert.deepEqual([first?.tags['key 999'], first?.tags['spoor.dropped_tags']], [999, 4000]);
  assert.deepEqual(
    [second?.tags.error, second?.tags['spoor.dropped_tags'], second?.tags['spoor.cut_values']],
    [true, 7, 3],
  );
});

test('hundreds of thousands of tags, logs and fields, and texts cut from large ones, leave the memory small', async () => {
  const { stdout } = await runScript(
    `
    import { Tracer } from '@spoor/core';
    const tracer = new Tracer('orders', { sampler: { tags: [], isSampled: () => true } });
    const used = () => {
      gc();
      return process.memoryUsage().heapUsed;
    };
    const fields = {};
    for (let i = 0; i < 100_000; i++) fields['f' + i] = i;
    const spans = ['tags', 'logs', 'fields', 'texts'].map((name) => tracer.startSpan(name));
    const before = used();
    for (let i = 0; i < 200_000; i++) {
      spans[0].setTag('key ' + i, 'value ' + i);
      spans[1].log({ event: 'x', i });
    }
    for (let i = 0; i < 10; i++) spans[2].log(fields);
    for (let i = 0; i < 50; i++) spans[3].setTag('text', String(i).repeat(1_000_000));
    console.log(used() - before);
    for (const span of spans) span.finish();
  `,
    { nodeArgs: ['--expose-gc'] },
  );
  assert.ok(Number(stdout) < 4_000_000, `grew by ${stdout} bytes`);
});
