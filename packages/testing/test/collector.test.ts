import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { type TestContext, test } from 'node:test';
import { type Collector, startCollector } from '@spoor/testing';
import { batchFields, emitBatch, type Fields, spanFields } from './packets.js';

/** Sends packets in order, one after the other. */
async function send(collector: Collector, ...packets: Uint8Array[]): Promise<void> {
  const socket = createSocket(collector.host.includes(':') ? 'udp6' : 'udp4');
  for (const packet of packets) {
    await new Promise<void>((resolve, reject) => {
      socket.send(packet, collector.port, collector.host, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }
  socket.close();
}

function packet(...spans: Fields[]): Buffer {
  return emitBatch('compact', batchFields(spans.map(spanFields)));
}

/** For what is said about time-outs; nothing arrives while they run. */
const soonMs = 20;

test('spans arrive in compact and in binary', async (t) => {
  const collector = await startCollector(t);
  await send(
    collector,
    packet({ operationName: 'a' }, { operationName: 'b' }),
    emitBatch('binary', batchFields([spanFields({ operationName: 'c' })])),
  );

  const spans = await collector.received(3);
  assert.deepEqual(
    spans.map((span) => span.operationName),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(
    collector.batches.map((batch) => batch.protocol),
    ['compact', 'binary'],
  );
  assert.equal(collector.host, '127.0.0.1');
  assert.deepEqual(collector.spans, spans);
});

test('who asks before the packets come is woken by them', async (t) => {
  const collector = await startCollector(t);
  const both = Promise.all([collector.received(2), collector.received(1)]);
  await send(collector, packet({ operationName: 'a' }));
  await send(collector, packet({ operationName: 'b' }));

  const [two, one] = await both;
  assert.equal(two.length, 2);
  assert.equal(one.length, 1);
});

test('a burst of large packets is received whole', async (t) => {
  const collector = await startCollector(t);
  const large = packet({ tags: [{ key: 'k', vType: 0, vStr: 'x'.repeat(60_000) }] });
  await send(collector, ...Array.from({ length: 20 }, () => large));
  assert.equal((await collector.received(20)).length, 20);
});

test('a packet that is not emitBatch is counted, and the next one is read', async (t) => {
  const collector = await startCollector(t);
  assert.equal(collector.malformed.count, 0);
  await send(
    collector,
    Buffer.from('junk'),
    packet({}).subarray(1),
    packet({}).subarray(0, -1),
    packet({}),
  );

  await collector.received(1);
  assert.equal(collector.malformed.count, 3);
  assert.match(collector.malformed.lastError?.message ?? '', /it ends in the middle of a value/);
});

test('too few spans in time are refused with what did arrive', async (t) => {
  const collector = await startCollector(t);
  await send(collector, Buffer.from('junk'), packet({ operationName: 'lonely' }));
  await collector.received(1);

  await assert.rejects(collector.received(2, soonMs), {
    message: [
      'waited for 2 spans, but 20 ms have passed. Received: 1 span in 1 trace, 1 packet.',
      'Malformed packets: 1; the last: 4 bytes are not a valid emitBatch message: its first byte is 0x6a, neither 0x82 (compact) nor 0x80 (binary).',
      '',
      'Trace 0000000000000001  1 service · 1 span · 5µs',
      `svc  lonely  5µs  ${'█'.repeat(82)}`,
    ].join('\n'),
  });
});

test('a refusal shows who was waiting', async (t) => {
  const collector = await startCollector(t);
  const error = await collector.received(1, 1).catch((reason: Error) => reason);
  assert.ok(error instanceof Error);
  assert.match(error.stack ?? '', /^Error: waited for 1 span, .*collector\.test\.[jt]s/s);
});

test('a trace is waited for until it is complete, whatever else arrives', async (t) => {
  const collector = await startCollector(t);
  const waiting = collector.waitForTrace({ spanCount: 2, operationNames: ['child'] });
  await send(
    collector,
    packet({ traceIdLow: 7 }, { traceIdLow: 7 }),
    packet({ traceIdLow: 8, spanId: 3, parentSpanId: 2, operationName: 'child', startTime: 1200 }),
    packet({ traceIdLow: 8, spanId: 2, operationName: 'parent' }),
  );

  assert.deepEqual(
    (await waiting).map((span) => span.operationName),
    ['parent', 'child'],
  );
});

test('a trace that has arrived already is found, by its id in any spelling', async (t) => {
  const collector = await startCollector(t);
  await send(collector, packet({ traceIdLow: 0xab }), packet({ traceIdLow: 0xcd }));
  await collector.received(2);

  for (const traceId of ['cd', 'CD', '00000000000000cd', '000000000000000000000000000000cd']) {
    const [span] = await collector.waitForTrace({ traceId });
    assert.equal(span?.traceId, '00000000000000cd');
  }
});

test('a trace is found by its services', async (t) => {
  const collector = await startCollector(t);
  const ofService = (serviceName: string, traceIdLow: number) =>
    emitBatch('compact', batchFields([spanFields({ traceIdLow })], { process: { serviceName } }));
  await send(collector, ofService('a', 1), ofService('a', 2), ofService('b', 2));
  const [first] = await collector.waitForTrace({ services: ['a', 'b'] });
  assert.equal(first?.traceId, '0000000000000002');
});

test('a predicate decides on the spans of one trace, in order of start time', async (t) => {
  const collector = await startCollector(t);
  const seen: string[][] = [];
  const waiting = collector.waitForTrace((spans) => {
    seen.push(spans.map((span) => span.operationName));
    return spans.length === 2;
  });
  await send(
    collector,
    packet({ operationName: 'late', startTime: 9 }),
    packet({ operationName: 'early', startTime: 3 }),
  );

  await waiting;
  assert.deepEqual(seen, [['late'], ['early', 'late']]);
});

test('a predicate that throws refuses the wait and nothing else', async (t) => {
  const collector = await startCollector(t);
  const waiting = collector.waitForTrace(() => {
    throw new RangeError('no such tag');
  });
  const other = collector.received(1);
  await send(collector, packet({}));
  await assert.rejects(waiting, { name: 'RangeError', message: 'no such tag' });
  assert.equal((await other).length, 1);
});

test('a trace that does not come is refused with a tree of what came', async (t) => {
  const collector = await startCollector(t);
  await send(
    collector,
    packet(
      { operationName: 'root', duration: 1000 },
      { operationName: 'child', spanId: 3, parentSpanId: 2, startTime: 1500, duration: 500 },
    ),
  );
  await collector.received(2);

  const match = { traceId: 'ff', spanCount: 3, services: ['a', 'b'], operationNames: ['x'] };
  await assert.rejects(collector.waitForTrace(match, soonMs), {
    message: [
      'waited for trace ff with at least 3 spans and the services a, b and the operations x, but 20 ms have passed. Received: 2 spans in 1 trace, 1 packet.',
      '',
      'Trace 0000000000000001  1 service · 2 spans · 1.00ms',
      `svc  root      1.00ms  ${'█'.repeat(77)}`,
      `└─ svc  child   500µs  ${' '.repeat(38)}▐${'█'.repeat(38)}`,
    ].join('\n'),
  });
});

test('clear forgets what has arrived', async (t) => {
  const collector = await startCollector(t);
  await send(collector, Buffer.from('junk'), packet({ operationName: 'before' }));
  const before = await collector.received(1);
  collector.clear();
  assert.deepEqual([collector.spans, collector.batches], [[], []]);
  assert.equal(collector.malformed.count, 0);
  await assert.rejects(collector.waitForTrace({}, soonMs), /Received: 0 spans in 0 traces/);

  await send(collector, packet({ operationName: 'after' }));
  assert.deepEqual(
    (await collector.received(1)).map((span) => span.operationName),
    ['after'],
  );
  assert.equal(before.length, 1);
});

test('close can be called twice, and refuses who still waits', async () => {
  const collector = await startCollector();
  const waiting = assert.rejects(collector.received(1), /but the collector was closed\./);
  await Promise.all([collector.close(), collector.close()]);
  await collector[Symbol.asyncDispose]();
  await waiting;
  await assert.rejects(collector.received(1), /but the collector is closed\./);
  assert.deepEqual(await collector.received(0), []);
});

test('it closes after the test that started it', async () => {
  const after: (() => unknown)[] = [];
  const collector = await startCollector({ after: (fn) => after.push(fn) });
  assert.equal(after.length, 1);
  await after[0]?.();
  await assert.rejects(collector.received(1), /the collector is closed/);
});

test('it listens where it is told to', async (t: TestContext) => {
  const first = await startCollector(t);
  await assert.rejects(startCollector(t, { port: first.port }), { code: 'EADDRINUSE' });

  const { port } = first;
  await first.close();
  const second = await startCollector(t, { host: '::1', port });
  assert.deepEqual([second.host, second.port], ['::1', port]);
  await send(second, packet({}));
  await second.received(1);
});
