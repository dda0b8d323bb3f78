import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Client, ours, theirs } from './clients.js';
import { Random } from './random.js';

type SpanContext = InstanceType<Client['SpanContext']>;

/** All that can be asked of a context. */
function describe(context: SpanContext | null): unknown {
  if (context === null) return null;
  return {
    strings: [context.traceIdStr, context.spanIdStr, context.parentIdStr || null],
    bytes: [context.traceId, context.spanId, context.parentId].map((id) => id?.toString('hex')),
    openTracing: [context.toTraceId(), context.toSpanId()],
    text: context.toString(),
    flags: [context.flags, context.isSampled(), context.isDebug(), context.isFirehose()],
    is: [context.isValid, context.isRemote(), context.isDebugIDContainerOnly()],
    samplingFinalized: context.samplingFinalized,
    baggage: { ...context.baggage },
    debugId: context.debugId,
  };
}

/** In both: the same contexts, in the same way. */
function same(make: (client: Client) => SpanContext | null, message?: string): void {
  assert.deepEqual(describe(make(ours)), describe(make(theirs)), message);
}

test('contexts of strings show the ids as they were given', () => {
  const random = new Random(1);
  for (let i = 0; i < 500; i++) {
    const id = (digits: number): string =>
      random.hex(1 + random.below(digits)).replace(/^0+$/, '1');
    const [trace, span, parent] = [id(32), id(16), random.chance(0.5) ? id(16) : null];
    const flags = random.below(256);
    same(({ SpanContext }) => SpanContext.withStringIds(trace, span, parent, flags));
    const text = `${trace}:${span}:${parent ?? 0}:${flags.toString(16)}`;
    same(({ SpanContext }) => SpanContext.fromString(text), text);
    same(({ SpanContext }) =>
      SpanContext.withStringIds(trace, span, parent, flags, { a: '1' }, 'me').withBaggageItem(
        'b',
        '2',
      ),
    );
  }
});

test('contexts of bytes, whole and with other ids set later', () => {
  const random = new Random(2);
  for (let i = 0; i < 500; i++) {
    // Named difference: ids-with-all-digits.
    const id = (bytes: number): Buffer => Buffer.from(`f${random.hex(bytes * 2 - 1)}`, 'hex');
    const [trace, span, parent] = [id(random.pick([8, 16])), id(8), random.pick([id(8), null])];
    const flags = random.below(256);
    same(({ SpanContext }) => SpanContext.withBinaryIds(trace, span, parent, flags));
    same(({ SpanContext }) => {
      const context = new SpanContext();
      context.traceId = trace;
      context.spanId = span;
      context.parentId = parent;
      context.flags = flags;
      context.baggage = { a: 'b' };
      context.debugId = 'me';
      return context;
    });
  }
});

test('what is no context in text is null', () => {
  for (const text of [
    '',
    'a',
    '1:2',
    '1:2:3',
    '1:2:3:4:5',
    '0:1:0:1',
    'x:1:0:1',
    '1:x:0:1',
    '1:1:x:1',
    '1:1:0:x',
    '1:1::1',
  ]) {
    same(({ SpanContext }) => SpanContext.fromString(text), text);
  }
});

test('a debug id alone makes a context that only asks for a trace', () => {
  same(({ SpanContext }) => SpanContext.withStringIds('1', '2', null, 0, {}, 'me'));
  for (const client of [theirs, ours]) {
    const context = client.SpanContext.withStringIds('', '', '', 0, {}, 'me');
    assert.deepEqual([context.isDebugIDContainerOnly(), context.isValid], [true, false]);
    context.finalizeSampling();
    assert.equal(context.samplingFinalized, true);
  }
});

test('a span below a context that was made by hand is decided about here', () => {
  for (const client of [theirs, ours]) {
    const sampler = new client.ConstSampler(true);
    const tracer = new client.Tracer('orders', new client.InMemoryReporter(), sampler);
    const childOf = client.SpanContext.fromString('a1:b2:0:0')!;
    const context = tracer.startSpan('a', { childOf }).context();
    assert.deepEqual([context.isSampled(), childOf.isSampled()], [true, true]);
  }
});
