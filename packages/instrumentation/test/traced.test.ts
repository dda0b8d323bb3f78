import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConstSampler, InMemoryReporter, setGlobalTracer, Tracer } from '@spoor/core';
import {
  activeSpan,
  funcSpan,
  setParentExtractor,
  traced,
  tracedMethod,
  withSpan,
} from '@spoor/instrumentation';

function record(): { tracer: Tracer; reporter: InMemoryReporter } {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  setGlobalTracer(tracer);
  return { tracer, reporter };
}

test('a call is a span below the active one, which is active in the function', () => {
  const { tracer, reporter } = record();
  const outer = tracer.startSpan('outer');
  const inner = traced('inner', () => activeSpan()?.toString());

  const seen = withSpan(outer, () => [inner(), inner()]);

  const [first, second] = reporter.spans;
  assert.deepEqual(seen, [first?.context.toString(), second?.context.toString()]);
  for (const { parentId } of [first!, second!]) assert.equal(parentId, outer.context().toSpanId());
  assert.equal(activeSpan(), undefined);
});

test('a function without a name of its own is called by the one that it has', () => {
  const { reporter } = record();
  traced(function priceOf() {})();
  assert.equal(reporter.spans[0]?.operationName, 'priceOf');
});

test('this, arguments, result, name, length and properties stay what they are', () => {
  record();
  function add(this: { base: number }, a: number, b: number): number {
    return this.base + a + b;
  }
  add.note = 'kept';
  const wrapped = traced('add', add);

  assert.equal(wrapped.call({ base: 1 }, 2, 3), 6);
  assert.equal(wrapped.name, 'add');
  assert.equal(wrapped.length, 2);
  assert.equal(wrapped.note, 'kept');
});

test('the span of an asynchronous function ends when its promise settles', async () => {
  const { reporter } = record();
  const wait = traced('wait', async () => {
    await sleep(20);
    return 'done';
  });

  const promise = wait();
  assert.equal(reporter.spans.length, 0);

  assert.equal(await promise, 'done');
  assert.ok(reporter.spans[0]!.durationMs >= 15);
});

for (const [kind, fail] of [
  [
    'thrown',
    () => {
      throw new RangeError('no');
    },
  ],
  ['rejected', () => Promise.reject(new RangeError('no'))],
] as const) {
  test(`what is ${kind} is passed on, logged once, and marks the span`, async () => {
    const { reporter } = record();

    await assert.rejects(async () => traced('fails', fail as () => unknown)(), /^RangeError: no$/);

    const [span] = reporter.spans;
    assert.equal(span?.tags.error, true);
    assert.deepEqual(
      span.logs.map(({ fields }) => fields.message),
      ['no'],
    );
  });
}

test('what is more than a promise is returned as the object that it is', async () => {
  const { reporter } = record();
  const thenable = {
    sql: 'SELECT 1',
    // biome-ignore lint/suspicious/noThenProperty: as query builders have it
    then: (resolve: (value: number) => void) => resolve(1),
  };

  assert.equal(traced('query', () => thenable)(), thenable);
  assert.equal(reporter.spans.length, 1);
});

test('the span of a generator is active in each of its steps, and ends when it is exhausted', async () => {
  const { reporter } = record();
  const ids = (): string | undefined => activeSpan()?.context().toSpanId();
  const inSteps: unknown[] = [];
  const count = traced('count', function* (this: void) {
    inSteps.push(ids());
    yield 1;
    inSteps.push(ids());
    yield 2;
  });
  const countLater = traced('count later', async function* (this: void) {
    await sleep(1);
    inSteps.push(ids());
    yield* [1, 2];
  });

  const seen: number[] = [];
  for (const n of count()) {
    seen.push(n);
    assert.deepEqual([reporter.spans.length, activeSpan()], [0, undefined]);
  }
  for await (const n of countLater()) seen.push(n);

  assert.deepEqual(seen, [1, 2, 1, 2]);
  const [first, second] = reporter.spans.map(({ context }) => context.toSpanId());
  assert.deepEqual(inSteps, [first, first, second]);
});

test('a generator that is given up or fails ends its span', async () => {
  const { reporter } = record();
  const endless = traced('endless', function* (this: void): Generator<number> {
    for (let n = 0; ; n++) yield n;
  });
  const failing = traced('failing', async function* (this: void): AsyncGenerator<number> {
    yield 1;
    throw new RangeError('no more');
  });

  for (const n of endless()) if (n === 2) break;
  await assert.rejects(async () => {
    for await (const _ of failing());
  }, /^RangeError: no more$/);

  const [first, second] = reporter.spans;
  assert.deepEqual([first?.operationName, first?.tags.error], ['endless', undefined]);
  assert.deepEqual([second?.operationName, second?.tags.error], ['failing', true]);
});

for (const [kind, wrap] of [
  ['stream', (stream: Readable) => stream],
  ['promise of a stream', async (stream: Readable) => stream],
] as const) {
  test(`a ${kind} ends its span at once, or with untilClosed when it is closed`, async () => {
    const { reporter } = record();
    const atOnce = Readable.from(['a']);
    const later = Readable.from(['a']);
    await traced('at once', () => wrap(atOnce))();
    const stream = await traced('closed', () => wrap(later), { untilClosed: true })();
    assert.equal(stream, later);
    assert.deepEqual(
      reporter.spans.map(({ operationName }) => operationName),
      ['at once'],
    );

    await once(stream.resume(), 'close');

    assert.equal(reporter.spans[1]?.operationName, 'closed');
    assert.equal(reporter.spans[1]?.tags.error, undefined);
  });
}

test('a stream that fails marks the span, and nobody listens for its error who did not before', async () => {
  const { reporter } = record();
  const stream = traced('fails', () => new Readable({ read() {} }), { untilClosed: true })();
  assert.equal(stream.listenerCount('error'), 0);
  stream.on('error', () => {});
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stream.destroy(new RangeError('cut'));
  await closed;
  assert.equal(reporter.spans[0]?.tags.error, true);
});

test('a rejection that nobody handles stays one', async (t) => {
  record();
  const unhandled: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  t.after(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });
  const error = new Error('nobody cares');

  void traced('fails', async () => {
    throw error;
  })();
  await sleep(5);

  assert.deepEqual(unhandled, [error]);
});

test('onStart turns arguments into tags, and one that throws does no harm', (t) => {
  const { reporter } = record();
  t.mock.method(console, 'error', () => {});
  const wrapped = traced('price', (id: string, count: number) => `${id}${count}`, {
    tags: { layer: 'orders' },
    onStart(span, id, count) {
      span.setTag('order.id', id).setTag('order.count', count);
      throw new Error('from onStart');
    },
  });

  assert.equal(wrapped('a', 2), 'a2');
  const { layer, 'order.id': id, 'order.count': count } = reporter.spans[0]!.tags;
  assert.deepEqual([layer, id, count], ['orders', 'a', 2]);
});

test('where a trace is required and none is active, the function just runs', () => {
  const { tracer, reporter } = record();
  const wrapped = traced('quiet', () => 'result', { requireActiveTrace: true });

  assert.equal(wrapped(), 'result');
  assert.deepEqual(reporter.spans, []);
  withSpan(tracer.startSpan('outer'), wrapped);
  assert.equal(reporter.spans.length, 1);
});

test('methods are decorated, by name or by their own', () => {
  const { reporter } = record();
  class Orders {
    readonly rate = 2;

    @tracedMethod()
    price(amount: number): number {
      return amount * this.rate;
    }

    @tracedMethod('cancel order')
    cancel(): string {
      return 'cancelled';
    }
  }
  const orders = new Orders();

  assert.equal(orders.price(21), 42);
  assert.equal(orders.cancel(), 'cancelled');
  assert.deepEqual(
    reporter.spans.map(({ operationName }) => operationName),
    ['price', 'cancel order'],
  );
});

test('the older decorators work too', () => {
  const { reporter } = record();
  class Orders {
    price(amount: number): number {
      return amount * 2;
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Orders.prototype, 'price')!;
  const decorated = tracedMethod()(Orders.prototype, 'price', descriptor) as PropertyDescriptor;
  Object.defineProperty(Orders.prototype, 'price', decorated);

  assert.equal(new Orders().price(21), 42);
  assert.equal(reporter.spans[0]?.operationName, 'price');
});

test('funcSpan is a child that is not active, or nothing where a trace is required', () => {
  const { tracer, reporter } = record();
  assert.equal(funcSpan('nothing', { requireActiveTrace: true }), undefined);
  const outer = tracer.startSpan('outer');

  withSpan(outer, () => {
    const span = funcSpan('parse', { tags: { size: 3 } });
    assert.equal(activeSpan(), outer);
    span?.finish();
  });

  assert.equal(reporter.spans[0]?.parentId, outer.context().toSpanId());
  assert.equal(reporter.spans[0]?.tags.size, 3);
});

test('withSpan without a span runs without one', () => {
  const { tracer } = record();
  withSpan(tracer.startSpan('outer'), () => {
    assert.equal(
      withSpan(null, () => activeSpan()),
      undefined,
    );
    assert.equal(
      withSpan(undefined, () => activeSpan()),
      undefined,
    );
  });
});

test('a framework that carries a span by itself says where it is', (t) => {
  const { tracer, reporter } = record();
  t.after(() => setParentExtractor(undefined));
  const carried = tracer.startSpan('carried');

  setParentExtractor(() => carried);
  traced('below', () => {})();
  setParentExtractor(undefined);
  traced('alone', () => {})();

  assert.deepEqual(
    reporter.spans.map(({ parentId }) => parentId),
    [carried.context().toSpanId(), ''],
  );
});

test('what is no function is refused with an example', () => {
  assert.throws(
    () => traced('name', 5 as never),
    /^TypeError: traced: expected a function\. Write/,
  );
});
