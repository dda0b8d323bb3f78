import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript } from './helpers.js';

/** Runs `script` in a process that can collect garbage, and returns what it printed as JSON. */
async function measure(script: string): Promise<unknown> {
  const setUp = `
    import { RemoteReporter, ThriftCompactEncoder, Tracer } from '@spoor/core';
    import { setImmediate as nextTurn } from 'node:timers/promises';

    // What the reporter does once a second, to be done at will.
    let tick;
    globalThis.setInterval = (callback) => {
      tick = callback;
      return { unref() {} };
    };
    let outcome = 'accepted';
    const transport = { maxBatchBytes: 65000, send: async () => outcome, close: async () => {} };
    const reporter = new RemoteReporter(new ThriftCompactEncoder(), transport);
    const tracer = new Tracer('orders', { reporter, sampler: { tags: [], isSampled: () => true } });
    async function settle() {
      for (let i = 0; i < 5; i++) {
        await nextTurn();
        gc();
      }
    }
    async function usedBytes() {
      await settle();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    }
  `;
  const { stdout } = await runScript(`${setUp} ${script}`, { nodeArgs: ['--expose-gc'] });
  return JSON.parse(stdout);
}

test('two hundred thousand spans leave the memory where it was', async () => {
  const grownBytes = await measure(`
    async function traces(count) {
      for (let i = 0; i < count; i++) {
        const root = tracer.startSpan('GET /users/:id', { tags: { 'http.url': '/users/' + i } });
        root.log({ event: 'cache miss', key: 'user:' + i });
        const child = tracer.startSpan('SELECT users', { childOf: root });
        child.setTag('db.rows', i).setTag('key ' + i, 'value ' + i).setBaggageItem('user', 'u' + i);
        child.finish();
        root.setOperationName('GET /users/' + i).finish();
        if (i % 1000 === 0) await nextTurn();
      }
      await tracer.flush();
    }
    await traces(20_000);
    const before = await usedBytes();
    await traces(100_000);
    console.log(await usedBytes() - before);
  `);
  assert.ok(Number(grownBytes) < 1_000_000, `grew by ${grownBytes} bytes`);
});

test('spans that are not sampled, and that never finish, leave the memory where it was', async () => {
  const grownBytes = await measure(`
    const off = new Tracer('orders');
    async function traces(count) {
      for (let i = 0; i < count; i++) {
        off.startSpan('a', { tags: { i } }).setTag('key ' + i, i).log({ i }).finish();
        tracer.withSpan(tracer.startSpan('never finished', { tags: { i } }), () => {});
        if (i % 1000 === 0) await nextTurn();
      }
    }
    await traces(20_000);
    const before = await usedBytes();
    await traces(100_000);
    console.log(await usedBytes() - before);
  `);
  assert.ok(Number(grownBytes) < 1_000_000, `grew by ${grownBytes} bytes`);
});

test('a tag or a name that is cut from a large text does not hold the text', async () => {
  const grownBytes = await measure(`
    const before = await usedBytes();
    for (let i = 0; i < 20; i++) {
      const text = String(i).repeat(1_000_000);
      for (let again = 0; again < 2; again++) {
        const span = tracer.startSpan(text.slice(0, 20 + i), { tags: { excerpt: text.slice(0, 40) } });
        span.setTag('excerpt', text.slice(0, 40)).finish();
      }
    }
    await tracer.flush();
    console.log(await usedBytes() - before);
  `);
  // The texts are 30 million bytes; the last one may still be in a register.
  assert.ok(Number(grownBytes) < 5_000_000, `grew by ${grownBytes} bytes`);
});

test('an encoder that has no spans holds one buffer of a batch, not a second one for its process', async () => {
  const grownBytes = await measure(`
    const encoders = Array.from({ length: 20 }, () => new ThriftCompactEncoder());
    const before = await usedBytes();
    for (const encoder of encoders) encoder.start({ serviceName: 'orders', tags: [] }, 1_000_000);
    console.log(await usedBytes() - before);
    void encoders.length;
  `);
  assert.ok(Number(grownBytes) < 30_000_000, `grew by ${grownBytes} bytes`);
});

test('a finished span that is still held does not hold its tags, logs and references', async () => {
  const collected = await measure(`
    import { followsFrom } from 'opentracing';
    const held = [];
    function finishSpan() {
      const values = { tag: { a: 1 }, log: { b: 2 }, call: () => 'c' };
      const parent = tracer.startSpan('parent');
      const span = tracer.startSpan('a', {
        references: [followsFrom(parent)],
        tags: { object: values.tag, call: values.call },
      });
      span.setTag('object', values.tag).setTag('call', values.call).setTag('call', values.call);
      span.log({ object: values.log });
      span.finish();
      held.push(span);
      return [...Object.values(values), parent].map((value) => new WeakRef(value));
    }
    const references = finishSpan();
    await tracer.flush();
    await settle();
    console.log(JSON.stringify([held.length, ...references.map((it) => it.deref() === undefined)]));
  `);
  assert.deepEqual(collected, [1, true, true, true, true]);
});

test('a child does not hold its parent', async () => {
  const isCollected = await measure(`
    function startChild() {
      const parent = tracer.startSpan('parent');
      return [tracer.startSpan('child', { childOf: parent }), new WeakRef(parent)];
    }
    const [child, parent] = startChild();
    await settle();
    console.log(child.isSampled() && parent.deref() === undefined);
  `);
  assert.equal(isCollected, true);
});

test('what waits for a backend stays within its bound, also in many small batches', async () => {
  const grownBytes = await measure(`
    outcome = 'retry';
    const before = await usedBytes();
    for (let i = 0; i < 40_000; i++) {
      tracer.startSpan('a', { tags: { i } }).finish();
      tick();
      if (i % 1000 === 0) await nextTurn();
    }
    console.log(await usedBytes() - before);
    process.exit();
  `);
  // 8 MiB of batches, and about four times of that for the objects around so many small ones.
  assert.ok(Number(grownBytes) < 60_000_000, `grew by ${grownBytes} bytes`);
});
