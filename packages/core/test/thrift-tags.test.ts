import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finishedSpan, noLoss, tagList, wires } from './wire.js';

for (const { name, createEncoder, encode, decode } of wires) {
  /** Type and value of one tag as they are decoded, first where its key is new and then where it is known. */
  function sentTag(value: unknown): unknown[] {
    const [first, second, third] = decode(
      encode(finishedSpan({ tags: tagList('k', value, 'k', value, 'k', value) })),
    ).spans[0]!.tagList;
    assert.deepEqual([second, third], [first, first]);
    return [first!.type, first!.value];
  }

  test(`${name}: texts arrive as texts, half characters as the replacement character`, () => {
    const texts = [
      ...['', 'a', 'x'.repeat(12), 'x'.repeat(13), 'x'.repeat(42), 'x'.repeat(43), 'ä', '中', '😀'],
      ...['x'.repeat(127), 'x'.repeat(128), 'x'.repeat(255), 'x'.repeat(256), 'x'.repeat(10_000)],
      ...['ä'.repeat(12), '中'.repeat(42), '中'.repeat(43), '😀'.repeat(21), '😀'.repeat(5000)],
      ...['xxxxxxxxxxxä', 'ä'.padStart(42), 'ä'.padStart(43), '中'.padStart(300), '\0', 'a\0b'],
      ...['\ud83d', '\ude00', 'a\ud83d', '\ude00a', '\ud83d'.padStart(42), '\ud83d'.padStart(100)],
    ];
    for (const text of texts) assert.deepEqual(sentTag(text), ['string', text.toWellFormed()]);
  });

  test(`${name}: whole numbers up to 2^53 arrive as long, all others as double`, () => {
    const { MAX_SAFE_INTEGER: max, MIN_SAFE_INTEGER: min } = Number;
    const powers = Array.from({ length: 53 }, (_, exponent) => 2 ** exponent);
    const wholes = powers.flatMap((power) => [power - 1, power, -power, 1 - power]);
    for (const whole of [...wholes, 0, -1, 200, max, min]) {
      assert.deepEqual(sentTag(whole), ['long', whole]);
    }
    assert.deepEqual(sentTag(-0), ['long', 0]);
    for (const double of [
      0.5,
      -0.25,
      1e21,
      max + 1,
      min - 1,
      1.7e308,
      5e-324,
      Infinity,
      -Infinity,
    ]) {
      assert.deepEqual(sentTag(double), ['double', double]);
    }
    assert.deepEqual(sentTag(Number.NaN), ['double', Number.NaN]);
  });

  test(`${name}: booleans and bytes have types of their own`, () => {
    assert.deepEqual(sentTag(true), ['bool', true]);
    assert.deepEqual(sentTag(false), ['bool', false]);
    for (const length of [0, 1, 127, 128, 300, 9000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i);
      assert.deepEqual(sentTag(bytes), ['binary', bytes]);
      assert.deepEqual(sentTag(Buffer.from(bytes)), ['binary', bytes]);
      assert.deepEqual(sentTag(Buffer.from([...bytes, 1, 2]).subarray(0, length)), [
        'binary',
        bytes,
      ]);
    }
  });

  test(`${name}: everything else arrives as text`, () => {
    const cyclic: Record<string, unknown> = { a: [1] };
    cyclic.self = { cyclic };
    const shared = { x: 1 };
    const error = new TypeError('broken');
    const strangeStack = Object.assign(new Error('broken'), { stack: ['not', 'a', 'text'] });
    const failing = {
      a: 1,
      get failing() {
        throw new Error('no');
      },
      b: 2n,
    };
    const failingCycle = { failing, self: {} };
    failingCycle.self = failingCycle;
    const failingText = '{"a":1,"failing":"[value that cannot be shown]","b":"2"}';
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const table: [unknown, string][] = [
      [null, 'null'],
      [undefined, 'undefined'],
      [10n ** 30n, `1${'0'.repeat(30)}`],
      [new Date(0), '"1970-01-01T00:00:00.000Z"'],
      [error, error.stack!],
      [strangeStack, 'Error: broken'],
      [cyclic, '{"a":[1],"self":{"cyclic":"[circular]"}}'],
      [{ a: shared, b: shared }, '{"a":{"x":1},"b":{"x":1}}'],
      [[1, 'two', 3n, null], '[1,"two","3",null]'],
      [{ toJSON: () => undefined }, '[object Object]'],
      [Object.create(null), '{}'],
      [new Map([[1, 2]]), '{}'],
      [new Float64Array([0.5]), '{"0":0.5}'],
      [Symbol('mark'), 'Symbol(mark)'],
      [Math.max, 'function max() { [native code] }'],
      [failing, failingText],
      [[1, failing], '[1,"[value that cannot be shown]"]'],
      [proxy, '[value that cannot be shown]'],
      [
        failingCycle,
        '{"failing":"[value that cannot be shown]","self":"[value that cannot be shown]"}',
      ],
      [{ a: 1, proxy }, '{"a":1,"proxy":"[value that cannot be shown]"}'],
    ];
    for (const [value, text] of table) assert.deepEqual(sentTag(value), ['string', text]);
  });

  test(`${name}: bytes that change between two spans are sent as they are each time`, () => {
    const bytes = new Uint8Array(3);
    const encoder = createEncoder();
    for (const first of [1, 2, 3]) {
      bytes[0] = first;
      encoder.append(finishedSpan({ tags: ['bytes', bytes] }));
    }
    const { spans } = decode(encoder.seal(noLoss)!.bytes);
    assert.deepEqual(
      spans.map(({ tags }) => tags.bytes),
      [1, 2, 3].map((first) => Uint8Array.of(first, 0, 0)),
    );
  });

  test(`${name}: keys and names that are no texts are turned into texts`, () => {
    const strange = [7, null, undefined, true, Symbol('s'), { a: 1 }, 'x'.repeat(1000), '', '中'];
    const texts = [
      '7',
      'null',
      'undefined',
      'true',
      'Symbol(s)',
      '{"a":1}',
      'x'.repeat(1000),
      '',
      '中',
    ];
    const spans = strange.map((value) =>
      finishedSpan({ operationName: value as string, tags: tagList(value, 1, value, 2) }),
    );
    assert.deepEqual(
      decode(encode(...spans)).spans.map(({ operationName, tagList }) => [
        operationName,
        ...tagList.map(({ key, value }) => [key, value]),
      ]),
      texts.map((text) => [text, [text, 1], [text, 2]]),
    );
  });

  test(`${name}: one key with values of many types keeps them apart`, () => {
    const values = [1, true, '1', 'true', 1.5, '1.5', 0, false, '', '0', null, 'null', undefined];
    const spans = [1, 2, 3].map(() =>
      finishedSpan({ tags: tagList(...values.flatMap((value) => ['k', value])) }),
    );
    const expected = [
      ...['long 1', 'bool true', 'string 1', 'string true', 'double 1.5', 'string 1.5', 'long 0'],
      ...['bool false', 'string ', 'string 0', 'string null', 'string null', 'string undefined'],
    ];
    for (const { tagList } of decode(encode(...spans)).spans) {
      assert.deepEqual(
        tagList.map(({ type, value }) => `${type} ${value}`),
        expected,
      );
    }
  });

  test(`${name}: values that are equal but not the same are kept apart when they follow the same tag`, () => {
    const values = [1, '1', true, 'true', 0, '', false, '0', 0.5, '0.5', Number.NaN, 'NaN', 1];
    const spans = [...values, ...values.toReversed()].map((value) =>
      finishedSpan({ tags: ['before', 'same', 'k', value, 'after', 'same'] }),
    );
    assert.deepEqual(
      decode(encode(...spans)).spans.map(({ tags }) => tags),
      spans.map(({ tags }) => ({ before: 'same', k: tags[3], after: 'same' })),
    );
  });

  test(`${name}: a long tag that repeats arrives in every packet, wherever the packet ends`, () => {
    const text = 'x'.repeat(5000);
    const span = finishedSpan({ tags: ['text', text, 'text', text, 'k', 'v'] });
    for (let limit = 21_000; limit < 26_000; limit += 250) {
      const encoder = createEncoder(limit);
      for (let packet = 0; packet < 3; packet++) {
        while (encoder.append(span) === 'appended');
        const { spans } = decode(encoder.seal(noLoss)!.bytes);
        assert.equal(spans.length, 2);
        for (const { tagList } of spans) {
          assert.deepEqual(
            tagList.flatMap(({ key, value }) => [key, value]),
            span.tags,
          );
        }
      }
    }
  });

  test(`${name}: names and tags that were first seen where the packet ended are right in the next one`, () => {
    for (let fill = 0; fill < 400; fill++) {
      const encoder = createEncoder(1000);
      encoder.append(finishedSpan({ operationName: 'x'.repeat(500 + fill) }));
      const text = `value ${'y'.repeat(100)}`;
      const tags = ['first key', text, `long key ${'k'.repeat(60)}`, 7, 'first key', text];
      const span = finishedSpan({ operationName: `name ${'n'.repeat(60)}`, tags });
      encoder.append(span);
      encoder.seal(noLoss);
      encoder.append(span);
      const [decoded] = decode(encoder.seal(noLoss)!.bytes).spans;
      assert.deepEqual(
        [decoded!.operationName, ...decoded!.tagList.flatMap(({ key, value }) => [key, value])],
        [span.operationName, ...tags],
      );
    }
  });

  test(`${name}: more keys, more values and longer tags than are remembered arrive all the same`, () => {
    const keys = Array.from({ length: 300 }, (_, i) => `key ${i}`);
    const values = Array.from({ length: 40 }, (_, i) => `value ${i}`);
    // The longest whole tags that are remembered, and those just beyond.
    const long = Array.from({ length: 12 }, (_, i) => 'x'.repeat(243 + i));
    const tags = [
      ...keys.flatMap((key) => [key, 1, key, 'a']),
      ...values.flatMap((value) => ['key 0', value]),
      ...long.flatMap((value) => ['k', value]),
      ...long.flatMap((key) => [key, 1]),
    ];
    const encoder = createEncoder();
    for (let round = 0; round < 4; round++) {
      assert.equal(encoder.append(finishedSpan({ tags })), 'appended');
      const [span] = decode(encoder.seal(noLoss)!.bytes).spans;
      assert.deepEqual(
        span!.tagList.flatMap(({ key, value }) => [key, value]),
        tags,
      );
    }
  });
}
