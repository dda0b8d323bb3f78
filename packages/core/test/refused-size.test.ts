import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import {
  type Batch,
  type Encoder,
  HttpTransport,
  RemoteReporter,
  type SendOutcome,
  ThriftBinaryEncoder,
  ThriftCompactEncoder,
  UdpTransport,
} from '@spoor/core';
import {
  type CollectedBatch,
  decodeBatch,
  decodeEmitBatch,
  listen,
  startCollector,
} from '@spoor/testing';
import { createRemoteTracer, deferred, FakeTransport, type RemoteTracer } from './helpers.js';
import { noLoss } from './wire.js';

const reported = 'jaeger:reporter_spans result=ok';
const dropped = 'jaeger:reporter_spans result=dropped';
const tooLarge = 'jaeger:reporter_dropped_spans reason=too_large';

/** What macOS sends as one packet, unless told otherwise. */
const limit = 9216;

class LimitedTransport extends FakeTransport {
  readonly refused: Batch[] = [];
  readonly taken: Batch[] = [];

  override async send(batch: Batch): Promise<SendOutcome> {
    await super.send(batch);
    if (batch.bytes.length <= limit) {
      this.taken.push(batch);
      return 'accepted';
    }
    this.refused.push(batch);
    this.maxBatchBytes = Math.min(this.maxBatchBytes, batch.bytes.length >> 1);
    return 'too-large';
  }
}

function finish({ tracer }: RemoteTracer, count: number, bytes: number, from = 0): void {
  for (let i = from; i < from + count; i++) {
    tracer.startSpan('a', { tags: { i, text: 'x'.repeat(bytes) } }).finish();
  }
}

function numbers(batches: readonly CollectedBatch[]): unknown[] {
  return batches.flatMap(({ spans }) => spans.map(({ tags }) => tags.i));
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

for (const [name, encoder, decode] of [
  ['compact', new ThriftCompactEncoder(), decodeEmitBatch],
  ['binary message', new ThriftBinaryEncoder({ asMessage: true }), decodeEmitBatch],
  ['binary batch', new ThriftBinaryEncoder(), decodeBatch],
] as const) {
  test(`${name}: the spans of a batch that is refused for its size arrive in smaller ones, in order`, async () => {
    const transport = new LimitedTransport();
    const reporter = new RemoteReporter(encoder, transport, { flushIntervalMs: 3_600_000 });
    const remote = createRemoteTracer(transport, { reporter });
    finish(remote, 200, 200);
    await remote.tracer.flush();
    const decoded = transport.taken.map(({ bytes }) => decode(bytes));
    assert.deepEqual(numbers(decoded), upTo(200));
    assert.ok(transport.refused.length > 1);
    assert.deepEqual(
      decoded.map(({ spans }) => spans[0]!.processTags['client-uuid']),
      decoded.map(() => decoded[0]!.spans[0]!.processTags['client-uuid']),
    );
    assert.deepEqual(
      [remote.metrics.counts[reported], remote.metrics.counts[dropped], remote.log.errors],
      [200, undefined, []],
    );
    await remote.tracer.close();
  });
}

test('after a batch was refused for its size no larger ones are made', async () => {
  const transport = new LimitedTransport();
  const remote = createRemoteTracer(transport);
  finish(remote, 200, 200);
  await remote.tracer.flush();
  transport.refused.length = 0;
  transport.batches.length = 0;
  finish(remote, 400, 200);
  await remote.tracer.flush();
  assert.deepEqual(numbers(transport.decoded()), upTo(400));
  assert.equal(transport.refused.length, 0);
  await remote.tracer.close();
});

test('batches that were sealed before the first was refused are split too, and all numbers of batches arrive once', async () => {
  const first = deferred<void>();
  const transport: LimitedTransport = new LimitedTransport();
  const { send } = transport;
  transport.send = async (batch) => {
    await first.promise;
    return send.call(transport, batch);
  };
  const remote = createRemoteTracer(transport);
  finish(remote, 1000, 200);
  const flushed = remote.tracer.flush();
  finish(remote, 10, 200, 1000);
  first.resolve();
  await flushed;
  await remote.tracer.flush();
  const decoded = transport
    .decoded()
    .filter((_, i) => transport.taken.includes(transport.batches[i]!));
  assert.deepEqual(numbers(decoded), upTo(1010));
  const sequence = decoded.map(({ seqNo }) => Number(seqNo)).sort((a, b) => a - b);
  assert.deepEqual(
    sequence,
    upTo(decoded.length).map((i) => i + 1),
  );
  assert.ok(decoded.length > 20);
  await remote.tracer.close();
});

test('a later number never comes with less losses than an earlier one', async () => {
  const transport = new LimitedTransport();
  const remote = createRemoteTracer(transport);
  for (let i = 0; i < 5; i++) {
    finish(remote, 30, 200);
    finish(remote, 1, 12_000);
    finish(remote, 30, 200);
  }
  await remote.tracer.flush();
  finish(remote, 1, 0);
  await remote.tracer.flush();
  const decoded = transport
    .decoded()
    .filter((_, i) => transport.taken.includes(transport.batches[i]!))
    .sort((a, b) => Number(a.seqNo) - Number(b.seqNo));
  const losses = decoded.map(({ stats }) => stats!.tooLargeDroppedSpans);
  assert.deepEqual(
    losses,
    losses.toSorted((a, b) => a - b),
  );
  assert.equal(decoded.at(-1)!.stats!.tooLargeDroppedSpans, 5);
  await remote.tracer.close();
});

test('a span that is refused by itself is dropped, counted, and told to the backend; the log says what to do', async () => {
  const transport = new LimitedTransport();
  const remote = createRemoteTracer(transport);
  finish(remote, 20, 200);
  finish(remote, 1, 14_000, 20);
  finish(remote, 20, 200, 21);
  await remote.tracer.flush();
  finish(remote, 1, 0, 41);
  await remote.tracer.flush();
  const decoded = transport
    .decoded()
    .filter((_, i) => transport.taken.includes(transport.batches[i]!));
  assert.deepEqual(
    numbers(decoded),
    upTo(42).filter((i) => i !== 20),
  );
  assert.deepEqual(decoded.at(-1)!.stats, { ...noLoss, tooLargeDroppedSpans: 1 });
  const { counts, gauges } = remote.metrics;
  assert.deepEqual([counts[reported], counts[dropped], counts[tooLarge]], [41, 1, 1]);
  assert.equal(gauges['jaeger:reporter_queue_length']!.at(-1), 0);
  assert.equal(remote.log.errors.length, 1);
  assert.match(
    remote.log.errors[0]!,
    /^spoor: FakeTransport takes no batch of 14\d\d\d bytes, and this one cannot be made smaller; spans dropped: 1\. Put less into tags and logs, or raise the limit there \(on macOS: sysctl -w net\.inet\.udp\.maxdgram=65535\)\.$/,
  );
  await remote.tracer.close();
});

test('a process whose tags are larger than half of what is refused goes on sending its spans', async () => {
  const transport = new LimitedTransport();
  const remote = createRemoteTracer(transport, { tags: { about: 'x'.repeat(7000) } });
  finish(remote, 10, 500);
  await remote.tracer.flush();
  finish(remote, 10, 500, 10);
  await remote.tracer.flush();

  assert.deepEqual(numbers(transport.taken.map(({ bytes }) => decodeEmitBatch(bytes))), upTo(20));
});

test('close sends all parts of a batch that is refused for its size', async () => {
  const transport = new LimitedTransport();
  const remote = createRemoteTracer(transport);
  finish(remote, 200, 200);
  await remote.tracer.close();
  assert.equal(remote.metrics.counts[reported], 200);
});

for (const [how, split] of [
  ['without a way to split', undefined],
  [
    'with an encoder that fails to split',
    () => {
      throw new Error('bug');
    },
  ],
] as const) {
  test(`${how}, a batch that is refused for its size is dropped and counted`, async () => {
    const transport = new LimitedTransport();
    const encoder: Encoder = new ThriftCompactEncoder();
    Object.assign(encoder, { split });
    const reporter = new RemoteReporter(encoder, transport, { flushIntervalMs: 3_600_000 });
    const remote = createRemoteTracer(transport, { reporter });
    finish(remote, 200, 200);
    await remote.tracer.flush();
    assert.deepEqual(
      [remote.metrics.counts[tooLarge], remote.metrics.counts[reported]],
      [200, undefined],
    );
    assert.match(
      remote.log.errors[0]!,
      / bytes, and this one cannot be made smaller; spans dropped: 200\. /,
    );
    await remote.tracer.close();
  });
}

test('what this machine refuses to send as one UDP packet arrives in smaller ones', async (t) => {
  const collector = await startCollector(t);
  // More than any UDP packet can hold: the kernel says EMSGSIZE.
  const transport = new UdpTransport({
    host: collector.host,
    port: collector.port,
    maxPacketBytes: 100_000,
  });
  const remote = createRemoteTracer(transport);
  t.after(() => remote.tracer.close());
  finish(remote, 450, 200);
  await remote.tracer.flush();
  const spans = await collector.received(450);
  assert.deepEqual(
    spans.map(({ tags }) => tags.i),
    upTo(450),
  );
  assert.deepEqual(new Set(collector.batches.map(({ seqNo }) => seqNo)), new Set([1, 2, 3]));
  assert.ok(transport.maxBatchBytes < 65_507 && transport.maxBatchBytes > 45_000);
  finish(remote, 450, 200);
  await remote.tracer.flush();
  await collector.received(900);
  assert.deepEqual([remote.metrics.counts[reported], remote.log.errors], [900, []]);
});

test('what a collector answers with 413 arrives in smaller requests', async (t) => {
  const { url, batches } = await startSmallCollector(t);
  const transport = new HttpTransport({ url });
  const reporter = new RemoteReporter(new ThriftBinaryEncoder(), transport);
  const remote = createRemoteTracer(transport, { reporter });
  finish(remote, 200, 200);
  await remote.tracer.close();
  assert.deepEqual(numbers(batches), upTo(200));
  assert.deepEqual([remote.metrics.counts[reported], remote.log.errors], [200, []]);
});

test('a size is refused again and again without the packets becoming uselessly small', async (t) => {
  const { url, batches } = await startSmallCollector(t, 0);
  const transport = new HttpTransport({ url });
  const reporter = new RemoteReporter(new ThriftBinaryEncoder(), transport);
  const remote = createRemoteTracer(transport, { reporter });
  finish(remote, 20, 10);
  await remote.tracer.close();
  assert.deepEqual([batches.length, remote.metrics.counts[tooLarge]], [0, 20]);
  assert.equal(transport.maxBatchBytes, 1000);
});

/** Takes bodies of up to `maxBytes`. */
async function startSmallCollector(
  t: TestContext,
  maxBytes = limit,
): Promise<{ url: string; batches: CollectedBatch[] }> {
  const batches: CollectedBatch[] = [];
  const server = createServer(async (req, res) => {
    const body = Buffer.concat(await req.toArray());
    if (body.length <= maxBytes) batches.push(decodeBatch(body));
    res.writeHead(body.length <= maxBytes ? 202 : 413).end();
  });
  return { url: await listen(t, server), batches };
}
