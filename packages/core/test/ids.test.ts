import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tracer } from '@spoor/core';
import { createTestTracer, runScript } from './helpers.js';

/** Trace and span ids of `count` new traces, as words. */
function newTraces(count: number, tracer: Tracer): number[][] {
  return Array.from({ length: count }, () => {
    const { traceId0, traceId1, spanId0, spanId1 } = tracer.startSpan('x');
    return [traceId0, traceId1, spanId0, spanId1];
  });
}

test('a million ids are a million different ids', () => {
  const tracer = new Tracer('orders');
  const ids = new Set<string>();
  for (let i = 0; i < 1_000_000; i++) {
    const { spanId0, spanId1 } = tracer.startSpan('x');
    ids.add(`${spanId0}:${spanId1}`);
  }
  assert.equal(ids.size, 1_000_000);
});

test('trace ids have 64 bits and 16 digits', () => {
  const { tracer } = createTestTracer();
  for (const [high0, high1] of newTraces(1000, tracer)) assert.deepEqual([high0, high1], [0, 0]);
  const context = tracer.startSpan('x').context();
  assert.match(context.toTraceId(), /^[0-9a-f]{16}$/);
  assert.equal(context.toSpanId(), context.toTraceId());
});

test('with traceId128bit they have 128 bits and 32 digits, of which the root span has the lower half', () => {
  const { tracer } = createTestTracer({ traceId128bit: true });
  const root = tracer.startSpan('root').context();
  assert.match(root.toTraceId(), /^[0-9a-f]{32}$/);
  assert.equal(root.toSpanId(), root.toTraceId().slice(16));
  const child = tracer.startSpan('child', { childOf: root }).context();
  assert.equal(child.toTraceId(), root.toTraceId());
  assert.match(child.toSpanId(), /^[0-9a-f]{16}$/);
});

test('an id that came from elsewhere keeps its width', () => {
  for (const traceId128bit of [false, true]) {
    const { tracer } = createTestTracer({ traceId128bit });
    for (const traceId of ['1'.padStart(16, '0'), `1${'0'.repeat(31)}`]) {
      const parent = tracer.extract('text_map', { 'uber-trace-id': `${traceId}:2:0:1` });
      const child = tracer.startSpan('child', { childOf: parent });
      assert.equal(child.context().toTraceId(), traceId);
    }
  }
});

test('an id is never zero, which means none on the wire', () => {
  const tracer = new Tracer('orders', { traceId128bit: true });
  tracer.idGenerator.next = () => 0;
  const root = tracer.startSpan('root');
  const child = tracer.startSpan('child', { childOf: root });
  for (const span of [root, child]) {
    const context = span.context();
    assert.equal(context.isValid, true);
    assert.deepEqual([context.traceId3, context.spanId1], [1, 1]);
  }
});

test('every bit of an id is set half of the time, and changes half of the time', () => {
  const count = 100_000;
  const traces = newTraces(count, new Tracer('orders', { traceId128bit: true }));
  // Six standard deviations: fails by chance once in a million runs.
  const tolerance = 6 * Math.sqrt(count / 4);
  for (let bit = 0; bit < 128; bit++) {
    const word = bit >> 5;
    let set = 0;
    let changed = 0;
    for (let i = 0; i < count; i++) {
      const value = traces[i]![word]! >>> (bit & 31);
      set += value & 1;
      if (i > 0) changed += (value ^ (traces[i - 1]![word]! >>> (bit & 31))) & 1;
    }
    assert.ok(Math.abs(set - count / 2) < tolerance, `bit ${bit} is set ${set} times`);
    assert.ok(Math.abs(changed - count / 2) < tolerance, `bit ${bit} changes ${changed} times`);
  }
});

test('ids of a trace and of its children share no pattern', () => {
  const { tracer } = createTestTracer();
  const root = tracer.startSpan('root');
  const ids = Array.from({ length: 10_000 }, () =>
    tracer.startSpan('child', { childOf: root }).context().toSpanId(),
  );
  assert.equal(new Set([...ids, root.context().toSpanId()]).size, 10_001);
  assert.equal(new Set(ids.map((id) => id.slice(0, 8))).size > 9900, true);
});

test('worker threads, tracers and processes make different ids', async () => {
  const script = `
    import { Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    const source = \`
      import('\${import.meta.resolve('@spoor/core')}').then(({ Tracer }) => {
        const ids = () => {
          const tracer = new Tracer('orders');
          return Array.from({ length: 100 }, () => tracer.startSpan('x').context().toSpanId());
        };
        require('node:worker_threads').parentPort.postMessage([...ids(), ...ids()]);
      });
    \`;
    const workers = [1, 2, 3].map(() => new Worker(source, { eval: true, execArgv: [] }));
    const messages = await Promise.all(workers.map((worker) => once(worker, 'message')));
    console.log(JSON.stringify(messages.flat(2)));
  `;
  const outputs = await Promise.all([runScript(script), runScript(script)]);
  const ids = outputs.flatMap(({ stdout }) => JSON.parse(stdout) as string[]);
  assert.equal(ids.length, 1200);
  assert.equal(new Set(ids).size, 1200);
});
