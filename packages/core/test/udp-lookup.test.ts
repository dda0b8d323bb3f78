import assert from 'node:assert/strict';
import dgram, { type Socket } from 'node:dgram';
import dns from 'node:dns/promises';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { type TestContext, test } from 'node:test';
import { UdpTransport } from '@spoor/core';
import { FaultLog } from '@spoor/core/internal';
import { startCollector } from '@spoor/testing';
import { createRemoteTracer, RecordedLog, unusedPort } from './helpers.js';

/** Makes every look-up answer as told; an error is thrown. Returns the names that were looked up. */
function answerLookups(
  t: TestContext,
  answer: (family: number) => { address: string; family: number }[],
): string[] {
  const names: string[] = [];
  t.mock.method(dns, 'lookup', async (name: string, { family }: { family: number }) => {
    names.push(name);
    return answer(family);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  return names;
}

test('spans wait while the name of the agent cannot be resolved, and arrive when it can', async (t) => {
  const collector = await startCollector(t);
  let isKnown = false;
  answerLookups(t, () => {
    if (!isKnown) throw new Error('getaddrinfo EAI_AGAIN agent');
    return [{ address: collector.host, family: 4 }];
  });
  const log = new RecordedLog();
  const transport = new UdpTransport({
    host: 'agent',
    port: collector.port,
    faults: new FaultLog(log),
  });
  const { tracer, metrics } = createRemoteTracer(transport);
  t.after(() => tracer.close());
  tracer.startSpan('a').finish();
  const flushed = tracer.flush();
  tracer.startSpan('b').finish();
  void tracer.flush();
  isKnown = true;
  await flushed;

  const spans = await collector.received(2);
  assert.deepEqual(
    spans.map(({ operationName }) => operationName),
    ['a', 'b'],
  );
  assert.equal(metrics.counts['jaeger:reporter_spans result=ok'], 2);
  assert.deepEqual(log.errors, [
    'spoor: reporter.agentHost: "agent" cannot be reached (getaddrinfo EAI_AGAIN agent). Write the name or the address of the machine with the Jaeger agent; spans are kept as long as there is room.',
  ]);
});

test('an agent that moves to another address is found after half a minute', async (t) => {
  const first = await startCollector(t, { port: await unusedPort() });
  const second = await startCollector(t, { host: '127.0.0.2', port: first.port });
  let address = first.host;
  const names = answerLookups(t, () => [{ address, family: 4 }]);
  let passedMs = 0;
  const realNow = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => realNow() + passedMs);

  const transport = new UdpTransport({ host: 'agent', port: first.port });
  const { tracer } = createRemoteTracer(transport);
  t.after(() => tracer.close());
  const send = async (name: string): Promise<void> => {
    tracer.startSpan(name).finish();
    await tracer.flush();
  };
  await send('a');
  address = second.host;
  passedMs = 29_000;
  await send('b');
  await first.received(2);
  assert.deepEqual(names, ['agent']);
  passedMs = 31_000;
  await send('c');
  await send('d');
  const spans = await second.received(2);
  assert.deepEqual(
    spans.map(({ operationName }) => operationName),
    ['c', 'd'],
  );
  assert.deepEqual(names, ['agent', 'agent']);
});

test('how long an address is believed can be set, for good too', async (t) => {
  const collector = await startCollector(t);
  const names = answerLookups(t, () => [{ address: collector.host, family: 4 }]);
  let passedMs = 0;
  const realNow = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => realNow() + passedMs);
  for (const [host, addressLifetimeMs] of [
    ['short', 5000],
    ['ever', Number.POSITIVE_INFINITY],
  ] as const) {
    const transport = new UdpTransport({ host, port: collector.port, addressLifetimeMs });
    const { tracer } = createRemoteTracer(transport);
    t.after(() => tracer.close());
    for (let i = 0; i < 3; i++) {
      passedMs += 6000;
      tracer.startSpan(host).finish();
      await tracer.flush();
    }
  }
  await collector.received(6);
  assert.deepEqual(names, ['short', 'short', 'short', 'ever']);
});

test('with a socket type only addresses of that kind are looked for', async (t) => {
  const collector = await startCollector(t);
  const families: number[] = [];
  answerLookups(t, (family) => {
    families.push(family);
    return [{ address: collector.host, family: 4 }];
  });
  for (const socketType of ['udp4', 'udp6', undefined] as const) {
    const transport = new UdpTransport({ host: 'agent', port: collector.port, socketType });
    const { tracer } = createRemoteTracer(transport);
    t.after(() => tracer.close());
    tracer.startSpan('a').finish();
    await tracer.flush();
  }
  assert.deepEqual(families, [4, 6, 0]);
});

test('an agent whose name cannot be looked up again is sent to where it was', async (t) => {
  const collector = await startCollector(t);
  let isKnown = true;
  answerLookups(t, () => {
    if (!isKnown) throw new Error('getaddrinfo EAI_AGAIN agent');
    return [{ address: collector.host, family: 4 }];
  });
  let passedMs = 0;
  const realNow = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => realNow() + passedMs);
  const { tracer } = createRemoteTracer(new UdpTransport({ host: 'agent', port: collector.port }));
  t.after(() => tracer.close());
  tracer.startSpan('before').finish();
  await tracer.flush();

  isKnown = false;
  passedMs = 31_000;
  tracer.startSpan('after').finish();
  await tracer.flush();

  assert.deepEqual(
    (await collector.received(2)).map(({ operationName }) => operationName),
    ['before', 'after'],
  );
});

test('an agent that moves to where no socket can connect is sent to where it was, until it is back', async (t) => {
  const collector = await startCollector(t);
  let address = collector.host;
  answerLookups(t, () => [{ address, family: 4 }]);
  let passedMs = 0;
  const realNow = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => realNow() + passedMs);
  const transport = new UdpTransport({ host: 'agent', port: collector.port });
  const { tracer } = createRemoteTracer(transport);
  t.after(() => tracer.close());
  // No socket may connect to the broadcast address unless it asks for that.
  for (const next of [collector.host, '255.255.255.255', collector.host]) {
    address = next;
    passedMs += 31_000;
    tracer.startSpan(`at ${next}`).finish();
    await tracer.flush();
  }
  assert.deepEqual(
    (await collector.received(3)).map(({ operationName }) => operationName),
    [`at ${collector.host}`, 'at 255.255.255.255', `at ${collector.host}`],
  );
});

test('a look-up that ends after close() leaves no socket open', async (t) => {
  answerLookups(t, () => [{ address: '127.0.0.1', family: 4 }]);
  const { createSocket } = dgram;
  const created: Socket[] = [];
  t.mock.method(dgram, 'createSocket', (type: 'udp4') => {
    created.push(createSocket(type));
    return created[0]!;
  });
  const transport = new UdpTransport({ host: 'agent' });
  const opened = transport.open();
  await transport.close();
  await opened;

  assert.equal(created.length, 1);
  await once(created[0]!, 'close', { signal: AbortSignal.timeout(5000) });
});

test('of several addresses an IPv4 one is taken', async (t) => {
  const collector = await startCollector(t);
  answerLookups(t, () => [
    { address: '::1', family: 6 },
    { address: collector.host, family: 4 },
  ]);
  const { tracer } = createRemoteTracer(new UdpTransport({ host: 'agent', port: collector.port }));
  t.after(() => tracer.close());
  tracer.startSpan('a').finish();
  await tracer.flush();
  await collector.received(1);
});
