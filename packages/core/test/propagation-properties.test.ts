import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  b3Codec,
  b3SingleCodec,
  type Codec,
  jaegerCodec,
  Propagation,
  SpanContext,
  type Tracer,
  w3cCodec,
} from '@spoor/core';
import fc from 'fast-check';
import { createTestTracer } from './helpers.js';

const codecs: Codec[] = [jaegerCodec, w3cCodec, b3Codec, b3SingleCodec];
const formats = ['http_headers', 'text_map', 'binary'];
const settings = { seed: 20_26, numRuns: 300 };

function tracerOf(list: readonly Codec[]): Tracer {
  return createTestTracer({ propagation: new Propagation(list, list) }).tracer;
}

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const nonZero = word.filter((value) => value !== 0);
const ids = fc.record({
  traceId0: fc.oneof(fc.constant(0), word),
  traceId1: fc.oneof(fc.constant(0), word),
  traceId2: word,
  traceId3: nonZero,
  spanId0: word,
  spanId1: nonZero,
  parentId0: fc.oneof(fc.constant(0), word),
  parentId1: fc.oneof(fc.constant(0), word),
});

/** Any text of whole characters; in W3C's header a key is a token, and for HTTP in Jaeger's too. */
const value = fc.string({ unit: 'binary', maxLength: 60 });
const key = fc.stringMatching(/^[!#$%&'*+.^`|~0-9a-z-]{1,20}$/);
const baggage = fc.dictionary(key, value, { maxKeys: 8 });

const traceState = fc
  .array(fc.stringMatching(/^[a-rt-z][a-z0-9_*/-]{0,8}=[!-+\--<>-~]{1,8}$/), { maxLength: 8 })
  .map((members) => (members.length === 0 ? undefined : members.join(',')));

/** What a format cannot carry: W3C no parent, B3 of the flags no more than debug. */
function carried(codec: Codec, context: SpanContext): string {
  const text = context.toString();
  if (codec.name === 'jaeger') return text;
  const [traceId, spanId, parentId] = text.split(':');
  const { flags } = context;
  const isSampled = (flags & 1) !== 0;
  if (codec.name === 'w3c') return `${traceId}:${spanId}:0:${isSampled ? flags.toString(16) : 0}`;
  return `${traceId}:${spanId}:${parentId}:${isSampled ? flags & 3 : 0}`;
}

for (const codec of codecs) {
  test(`${codec.name}: what is injected is what is extracted`, () => {
    const tracer = tracerOf([codec]);
    const flags = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(ids, flags, baggage, traceState, (words, flagBits, items, state) => {
        const bare = Object.assign(Object.create(null), items);
        const w3c = { traceState: state, baggageMembers: undefined };
        const sent = new SpanContext({ ...words, flags: flagBits }, bare, false, { w3c });
        for (const format of ['http_headers', 'text_map']) {
          const carrier: Record<string, string> = {};
          tracer.inject(sent, format, carrier);
          const received = tracer.extract(format, carrier)!;
          assert.equal(received.toString(), carried(codec, sent));
          assert.deepEqual({ ...received.baggage }, { ...items });
          assert.equal(received.w3c?.traceState, codec.name === 'w3c' ? state : undefined);
          // Once more gives the same: nothing is lost on the way through a process.
          const again = {};
          tracer.inject(received, format, again);
          assert.equal(tracer.extract(format, again)?.toString(), received.toString());
        }
      }),
      settings,
    );
  });
}

test('binary: what is injected is what is extracted', () => {
  const { tracer } = createTestTracer();
  const anyKey = fc
    .string({ unit: 'binary', maxLength: 20 })
    .map((text) => text.toLowerCase().replaceAll('_', '-'));
  const anyBaggage = fc.dictionary(anyKey, value, { maxKeys: 8, noNullPrototype: false });
  fc.assert(
    fc.property(ids, fc.integer({ min: 0, max: 255 }), anyBaggage, (words, flags, items) => {
      const bare = Object.assign(Object.create(null), items);
      const sent = new SpanContext({ ...words, flags }, bare, false);
      const carrier = {};
      tracer.inject(sent, 'binary', carrier);
      const received = tracer.extract('binary', carrier)!;
      assert.equal(received.toString(), sent.toString());
      assert.deepEqual({ ...received.baggage }, { ...bare });
    }),
    settings,
  );
});

test('whatever a carrier holds, extract never throws and never gives an invalid context', () => {
  const tracer = tracerOf(codecs);
  const headerName = fc.constantFrom(
    ...['uber-trace-id', 'Uber-Trace-Id', 'traceparent', 'tracestate', 'baggage', 'b3'],
    ...['x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-flags'],
    ...[
      'jaeger-baggage',
      'jaeger-debug-id',
      'uberctx-a',
      'uberctx-',
      'UBERCTX-__proto__',
      'buffer',
    ],
  );
  const nearly = fc.stringMatching(
    /^[0-9a-f]{0,34}[:-]?[0-9a-f]{0,18}[:-]?[0-9a-f]{0,18}[:-]?[0-9a-fg]{0,3}$/,
  );
  const anyValue = fc.oneof(
    nearly,
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(nearly, { maxLength: 3 }),
    fc.uint8Array({ maxLength: 80 }),
    fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
  );
  const carrier = fc.oneof(
    fc.dictionary(fc.oneof(headerName, fc.string()), anyValue, { maxKeys: 8 }),
    fc.anything({ withNullPrototype: true, withBigInt: true, withTypedArray: true }),
  );
  fc.assert(
    fc.property(carrier, (headers) => {
      const contexts = formats.map((format) => tracer.extract(format, headers));
      contexts.push(tracer.extractRequest(headers as never, headers as never) ?? null);
      for (const context of contexts) {
        if (context === null) continue;
        const isOfUse =
          context.isValid || context.baggage !== undefined || context.debugId !== undefined;
        assert.ok(isOfUse && context.isRemote());
        assert.ok(context.flags >= 0 && context.flags <= 256);
        const span = tracer.startSpan('child', { childOf: context });
        assert.equal(span.context().isValid, true);
        for (const format of formats) tracer.inject(span, format, {});
      }
    }),
    { ...settings, numRuns: 2000 },
  );
});

test('traps in a carrier, one at every place, throw nothing', () => {
  const tracer = tracerOf(codecs);
  const good = {
    'uber-trace-id': '1:2:0:1',
    baggage: 'a=1',
    tracestate: 'a=1',
    buffer: Buffer.alloc(37, 1),
  };
  const traps = [
    'get',
    'ownKeys',
    'getOwnPropertyDescriptor',
    'has',
    'set',
    'defineProperty',
    'getPrototypeOf',
  ];
  fc.assert(
    fc.property(fc.subarray(traps), fc.nat(3), (names, calls) => {
      let left = calls;
      const handler = Object.fromEntries(
        names.map((name) => [
          name,
          (...args: unknown[]) => {
            if (left-- <= 0) throw new Error(name);
            return (Reflect as unknown as Record<string, (...all: unknown[]) => unknown>)[name]!(
              ...args,
            );
          },
        ]),
      );
      const proxy = new Proxy({ ...good }, handler);
      const span = tracer.startSpan('charge');
      for (const format of formats) {
        tracer.extract(format, proxy);
        tracer.inject(span, format, proxy);
      }
      tracer.extractRequest(proxy as never, proxy as never);
    }),
    settings,
  );
});
