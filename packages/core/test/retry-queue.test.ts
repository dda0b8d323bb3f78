import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SendOutcome } from '@spoor/core';
import { createRemoteTracer, deferred, FakeTransport, type RemoteTracer } from './helpers.js';

const dropped = 'jaeger:reporter_spans result=dropped';
const failed = 'jaeger:reporter_spans result=err';
const reported = 'jaeger:reporter_spans result=ok';

/** Finishes a span of about `bytes` bytes and seals its batch, without waiting for it to be sent. */
function sendBatch({ tracer }: RemoteTracer, name: string, bytes = 0): Promise<void> {
  const half = 'x'.repeat(bytes / 2);
  tracer.startSpan(name, { tags: bytes === 0 ? {} : { a: half, b: half } }).finish();
  return tracer.flush();
}

test('batches are sent one after the other', async () => {
  let isSending = false;
  const transport = new FakeTransport({
    answer: async (): Promise<SendOutcome> => {
      assert.equal(isSending, false);
      isSending = true;
      await nextTurn();
      isSending = false;
      return 'accepted';
    },
  });
  const remote = createRemoteTracer(transport);
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => sendBatch(remote, name)));
  assert.deepEqual(transport.names(), [['a'], ['b'], ['c'], ['d']]);
  await remote.tracer.close();
});

test('a batch that is refused for now is sent again, the same bytes, before what came after it', async () => {
  let refusals = 3;
  const transport = new FakeTransport({ answer: () => (refusals-- > 0 ? 'retry' : 'accepted') });
  const remote = createRemoteTracer(transport);
  await Promise.all([sendBatch(remote, 'a'), sendBatch(remote, 'b'), sendBatch(remote, 'c')]);
  await remote.tracer.close();

  assert.deepEqual(transport.names(), [['a'], ['a'], ['a'], ['a'], ['b'], ['c']]);
  assert.equal(transport.batches[0], transport.batches[3]);
  assert.deepEqual(remote.metrics.counts[reported], 3);
  assert.equal(remote.metrics.counts[dropped], undefined);
});

test('the pause before sending again grows up to half a minute, and is short again after a success', async (t) => {
  t.mock.method(Math, 'random', () => 0);
  const pauses: number[] = [];
  const realSetTimeout = setTimeout;
  // Ends every pause at once and remembers how long it should have taken; five seconds are what drain waits for.
  t.mock.method(globalThis, 'setTimeout', (callback: () => void, ms: number) => {
    if (ms === 5000) return realSetTimeout(callback, ms);
    pauses.push(ms);
    return realSetTimeout(callback, 0);
  });
  const accepted = [13, 16];
  const transport: FakeTransport = new FakeTransport({
    answer: () => (accepted.includes(transport.batches.length) ? 'accepted' : 'retry'),
  });
  const remote = createRemoteTracer(transport);
  await Promise.all([sendBatch(remote, 'a'), sendBatch(remote, 'b')]);
  assert.deepEqual(transport.names().flat(), [...'a'.repeat(13), ...'b'.repeat(3)]);
  assert.deepEqual(pauses, [
    ...[50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000, 15_000],
    ...[50, 100],
  ]);
  await remote.tracer.close();
});

test('flush and close try at once what was pausing', async (t) => {
  // No pause ends by itself.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const end of ['flush', 'close'] as const) {
    let outcome: SendOutcome = 'retry';
    const transport = new FakeTransport({ answer: () => outcome });
    const remote = createRemoteTracer(transport);
    const flushed = sendBatch(remote, 'a');
    await nextTurn();
    assert.deepEqual(transport.names(), [['a']]);
    outcome = 'accepted';
    await remote.tracer[end]();
    await flushed;
    assert.deepEqual(transport.names(), [['a'], ['a']]);
    await remote.tracer.close();
  }
});

test('when the queue is full the oldest batch is dropped and counted, the newest arrive', async () => {
  const first = deferred<SendOutcome>();
  let outcome: SendOutcome | Promise<SendOutcome> = first.promise;
  const transport = new FakeTransport({ answer: () => outcome });
  const remote = createRemoteTracer(transport, { maxQueueBytes: 70_000 });
  const flushed = ['on its way', 'a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
    sendBatch(remote, name, 20_000),
  );
  await nextTurn();
  assert.equal(remote.metrics.counts[dropped], 3);
  outcome = 'accepted';
  first.resolve('accepted');
  await Promise.all(flushed);
  await sendBatch(remote, 'after');

  assert.deepEqual(transport.names(), [['on its way'], ['d'], ['e'], ['f'], ['after']]);
  assert.equal(transport.decoded().at(-1)?.stats?.fullQueueDroppedSpans, 3);
  assert.equal(remote.metrics.counts[reported], 5);
  await remote.tracer.close();
});

test('what waits can be bounded in spans, and no batch then holds more of them', async () => {
  const first = deferred<SendOutcome>();
  let outcome: SendOutcome | Promise<SendOutcome> = first.promise;
  const transport = new FakeTransport({ answer: () => outcome });
  const remote = createRemoteTracer(transport, { maxQueueSpans: 3 });
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) {
    remote.tracer.startSpan(name).finish();
  }
  await nextTurn();
  assert.equal(remote.metrics.counts[dropped], 3);
  outcome = 'accepted';
  first.resolve('accepted');
  await remote.tracer.flush();
  assert.deepEqual(transport.names(), [
    ['a', 'b', 'c'],
    ['g', 'h', 'i'],
  ]);
  await remote.tracer.close();
});

test('a batch that is sent again counts among what waits', async () => {
  const transport = new FakeTransport({ answer: () => outcome });
  let outcome: SendOutcome = 'retry';
  const remote = createRemoteTracer(transport, { maxQueueBytes: 70_000 });
  const flushed = ['a', 'b', 'c', 'd', 'e'].map((name) => sendBatch(remote, name, 20_000));
  while (transport.batches.length < 2) await nextTurn();
  void sendBatch(remote, 'f', 20_000);
  outcome = 'accepted';
  await remote.tracer.flush();
  await Promise.all(flushed);
  assert.deepEqual(new Set(transport.names().flat().slice(-3)), new Set(['d', 'e', 'f']));
  assert.equal(
    remote.metrics.counts[dropped]! + remote.metrics.counts[reported]!,
    6,
    'every span has one outcome',
  );
  await remote.tracer.close();
});

test('a batch that was sent again and again still counts with its bytes, and not more', async (t) => {
  // No pause ends by itself; each flush sends once more.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let outcome: SendOutcome = 'retry';
  const transport = new FakeTransport({ answer: () => outcome });
  const remote = createRemoteTracer(transport, { maxQueueBytes: 70_000 });
  void sendBatch(remote, 'a', 20_000);
  for (let i = 0; i < 10; i++) {
    await nextTurn();
    void remote.tracer.flush();
  }
  await nextTurn();
  assert.equal(transport.batches.length, 11);
  for (const name of ['b', 'c']) void sendBatch(remote, name, 20_000);
  await nextTurn();
  assert.equal(remote.metrics.counts[dropped], undefined);
  for (const name of ['d', 'e', 'f']) void sendBatch(remote, name, 20_000);
  await nextTurn();
  assert.equal(remote.metrics.counts[dropped], 3);
  outcome = 'accepted';
  await remote.tracer.close();
  assert.equal(remote.metrics.counts[reported], 3);
});

test('a batch larger than the queue is sent all the same', async () => {
  const transport = new FakeTransport();
  const remote = createRemoteTracer(transport, { maxQueueBytes: 100 });
  await sendBatch(remote, 'a', 20_000);
  assert.deepEqual(transport.names(), [['a']]);
  await remote.tracer.close();
});

test('close gives up after five seconds what a transport never answers, and counts all of it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const transport = new FakeTransport({ answer: () => new Promise(() => {}) });
  const remote = createRemoteTracer(transport);
  for (const name of ['a', 'b', 'c']) void sendBatch(remote, name);
  let isClosed = false;
  const closed = remote.tracer.close().then(() => {
    isClosed = true;
  });
  await nextTurn();
  t.mock.timers.tick(4999);
  await nextTurn();
  assert.equal(isClosed, false);
  t.mock.timers.tick(1);
  await closed;

  assert.deepEqual(transport.names(), [['a']]);
  assert.equal(transport.closeCount, 1);
  assert.deepEqual([remote.metrics.counts[failed], remote.metrics.counts[dropped]], [1, 2]);
});

test('flush gives up waiting after five seconds, and what waits is sent later', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const answer = deferred<SendOutcome>();
  const transport = new FakeTransport({ answer: () => answer.promise });
  const remote = createRemoteTracer(transport);
  const flushed = sendBatch(remote, 'a');
  await nextTurn();
  t.mock.timers.tick(5000);
  await flushed;
  answer.resolve('accepted');
  await remote.tracer.close();
  assert.equal(remote.metrics.counts[reported], 1);
});

test('a transport that throws or rejects loses its batch and nothing else', async () => {
  const transport: FakeTransport = new FakeTransport({
    answer: () => {
      if (transport.batches.length === 1) throw new Error('bug');
      return transport.batches.length === 2 ? Promise.reject(new Error('bug')) : 'accepted';
    },
  });
  const remote = createRemoteTracer(transport);
  for (const name of ['a', 'b', 'c']) await sendBatch(remote, name);
  assert.deepEqual([remote.metrics.counts[failed], remote.metrics.counts[reported]], [2, 1]);
  await remote.tracer.close();
});

test('a transport that cannot be closed is logged', async () => {
  const transport = new FakeTransport();
  transport.close = async () => {
    throw new Error('in use');
  };
  const { tracer, log } = createRemoteTracer(transport);
  await tracer.close();
  assert.deepEqual(log.errors, ['spoor: the reporter could not be flushed: in use.']);
});

test('what waits takes no more memory than its bytes', async () => {
  const first = deferred<SendOutcome>();
  const transport = new FakeTransport({ answer: () => first.promise });
  const remote = createRemoteTracer(transport);
  const flushed = Array.from({ length: 100 }, (_, i) => sendBatch(remote, 'x', i * 600));
  first.resolve('accepted');
  await Promise.all(flushed);
  assert.equal(transport.batches.length, 100);
  for (const { bytes } of transport.batches) {
    assert.ok(bytes.buffer.byteLength < 2 * bytes.length + 2000, `${bytes.length} bytes`);
  }
  await remote.tracer.close();
});
