import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { setTimeout as later, setImmediate as nextTurn } from 'node:timers/promises';
import { activeSpan, withoutSpan, withSpan } from '@spoor/core';
import { createTestTracer } from './helpers.js';

test('a span is active inside of withSpan and nowhere else', () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  assert.equal(activeSpan(), undefined);
  const seen = withSpan(span, () => [activeSpan(), tracer.activeSpan()]);
  assert.deepEqual(seen, [span, span]);
  assert.equal(activeSpan(), undefined);
});

test('withSpan returns what the function returns and does not finish the span', async () => {
  const { tracer, reporter } = createTestTracer();
  const span = tracer.startSpan('charge');
  assert.equal(
    tracer.withSpan(span, () => 7),
    7,
  );
  assert.equal(await tracer.withSpan(span, async () => 8), 8);
  assert.deepEqual(reporter.spans, []);
});

test('withSpan throws what the function throws, and the span is no longer active', () => {
  const { tracer } = createTestTracer();
  const error = new Error('broken');
  assert.throws(
    () =>
      tracer.withSpan(tracer.startSpan('charge'), () => {
        throw error;
      }),
    error,
  );
  assert.equal(activeSpan(), undefined);
});

test('a span stays active across await, timers, ticks and microtasks', async () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  const seen = await withSpan(span, async () => {
    const spans = [];
    await null;
    spans.push(activeSpan());
    await later(1);
    spans.push(activeSpan());
    await nextTurn();
    spans.push(activeSpan());
    spans.push(await new Promise((resolve) => process.nextTick(() => resolve(activeSpan()))));
    spans.push(await new Promise((resolve) => queueMicrotask(() => resolve(activeSpan()))));
    spans.push(await new Promise((resolve) => setTimeout(() => resolve(activeSpan()), 1)));
    return spans;
  });
  assert.deepEqual(seen, Array(6).fill(span));
});

test('a span stays active in the stages of a stream', async () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('charge');
  const seen = await withSpan(span, async () => {
    const spans: unknown[] = [];
    await pipeline(
      Readable.from(['a', 'b']),
      async function* (chunks) {
        for await (const chunk of chunks) {
          spans.push(activeSpan());
          yield chunk;
        }
      },
      async (chunks) => {
        for await (const _ of chunks) spans.push(activeSpan());
      },
    );
    return spans;
  });
  assert.deepEqual(seen, Array(4).fill(span));
});

test('spans nest', async () => {
  const { tracer } = createTestTracer();
  const outer = tracer.startSpan('outer');
  await withSpan(outer, async () => {
    const inner = tracer.startSpan('inner');
    const innerDone = withSpan(inner, async () => {
      await nextTurn();
      return activeSpan();
    });
    assert.equal(activeSpan(), outer);
    assert.equal(await innerDone, inner);
    assert.equal(activeSpan(), outer);
  });
});

test('a thousand requests at once each see their own span', async () => {
  const { tracer, reporter } = createTestTracer();
  async function handle(request: number): Promise<void> {
    const server = tracer.startSpan('server', { tags: { request } });
    await withSpan(server, async () => {
      await later(request % 7);
      const client = tracer.startSpan('client', { tags: { request } });
      await withSpan(client, () => nextTurn());
      client.finish();
      await later((request * 3) % 5);
    });
    server.finish();
  }
  await Promise.all(Array.from({ length: 1000 }, (_, request) => handle(request)));

  const servers = new Map<unknown, string>();
  for (const { operationName, tags, context } of reporter.spans) {
    if (operationName === 'server') servers.set(tags.request, context.toSpanId());
  }
  const clients = reporter.spans.filter(({ operationName }) => operationName === 'client');
  assert.deepEqual(
    clients.map(({ tags, parentId }) => [tags.request, parentId]),
    clients.map(({ tags }) => [tags.request, servers.get(tags.request)]),
  );
  assert.deepEqual([servers.size, clients.length], [1000, 1000]);
});

test('withoutSpan runs with no span active, also in what it schedules', async () => {
  const { tracer } = createTestTracer();
  const span = tracer.startSpan('request');
  const emitter = new EventEmitter();
  await withSpan(span, async () => {
    const inTimer = withoutSpan(async () => {
      assert.equal(activeSpan(), undefined);
      await later(1);
      return activeSpan();
    });
    assert.equal(activeSpan(), span);
    assert.equal(await inTimer, undefined);
    setImmediate(() => emitter.emit('done', activeSpan()));
  });
  assert.deepEqual(await once(emitter, 'done'), [span]);
});

test('a span that finished while it was active is still the parent of what follows', async () => {
  const { tracer, reporter } = createTestTracer();
  const span = tracer.startSpan('response');
  await withSpan(span, async () => {
    span.finish();
    await nextTurn();
    tracer.startSpan('after').finish();
  });
  assert.equal(reporter.spans[1]?.parentId, span.context().toSpanId());
});

test('withSpan of no span runs the function with no span active', () => {
  const { tracer } = createTestTracer();
  tracer.withSpan(tracer.startSpan('outer'), () => {
    for (const none of [null, undefined]) {
      assert.equal(withSpan(none, activeSpan), undefined);
      assert.equal(tracer.withSpan(none, activeSpan), undefined);
    }
  });
});
