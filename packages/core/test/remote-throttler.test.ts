import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConstSampler, initTracer, RemoteThrottler, type TracingConfig } from '@spoor/core';
import { startSamplingServer } from '@spoor/testing';
import { createTestTracer, RecordedLog, setEnvironment, unusedPort } from './helpers.js';

test('a throttler asks for credits of the operations that it has seen, and spends them', async (t) => {
  const keepAlive = setTimeout(() => {}, 5000);
  t.after(() => clearTimeout(keepAlive));
  let balances: unknown = [
    { operation: 'a b', balance: 2.5 },
    { operation: 'stranger', balance: 5 },
    { operation: 'other', balance: 'much' },
  ];
  const server = await startSamplingServer(t, (_request, response) => {
    response.end(JSON.stringify({ balances }));
  });
  const refreshes: (() => void)[] = [];
  const refreshed = (): Promise<void> => new Promise((resolve) => refreshes.push(resolve));
  const throttler = new RemoteThrottler({
    host: '127.0.0.1',
    port: server.port,
    initialDelayMs: 1,
    refreshIntervalMs: 1,
    onCreditsUpdate: () => {
      balances = [];
      for (const resolve of refreshes.splice(0)) resolve();
    },
  });
  const { tracer, metrics } = createTestTracer({ sampler: new ConstSampler(false), throttler });
  t.after(() => tracer.close());
  const force = (name: string): boolean =>
    tracer.startSpan(name).setTag('sampling.priority', 1).isSampled();
  assert.deepEqual([force('a b'), force('other')], [false, false]);
  assert.equal(metrics.counts['jaeger:throttled_debug_spans'], 2);
  await refreshed();
  assert.deepEqual([force('a b'), force('a b'), force('a b')], [true, true, false]);
  assert.deepEqual([force('other'), force('stranger')], [false, false]);
  assert.match(
    server.requests[0]!,
    /^\/credits\?service=orders&uuid=[0-9a-f-]{36}&operations=a\+b&operations=other$/,
  );
  assert.ok(metrics.counts['jaeger:throttler_updates result=ok']! >= 1);
});

test('a throttler without a server refuses everything and says so', async (t) => {
  const keepAlive = setTimeout(() => {}, 5000);
  t.after(() => clearTimeout(keepAlive));
  const server = await startSamplingServer(t, 'junk');
  setEnvironment(t);
  const logger = new RecordedLog();
  const logged = new Promise<void>((resolve) => {
    t.mock.method(logger, 'error', (message: string) => {
      logger.errors.push(message);
      resolve();
    });
  });
  const throttler = new RemoteThrottler({ port: server.port, initialDelayMs: 1 });
  const { tracer, metrics } = createTestTracer({ throttler, logger });
  t.after(() => tracer.close());
  tracer.startSpan('a').setTag('sampling.priority', 1);
  await logged;
  assert.match(
    logger.errors[0]!,
    /^spoor: no credits for debug traces: Unexpected token.*\. Leave the option throttler out, if no server gives credits\.$/,
  );
  assert.equal(metrics.counts['jaeger:throttler_updates result=err'], 1);
});

test('a throttler is configured by its presence', async (t) => {
  setEnvironment(t);
  const sampler = { type: 'const', param: 0 } as const;
  const flags = (config: TracingConfig): number => {
    const tracer = initTracer({ serviceName: 'orders', sampler, ...config });
    t.after(() => tracer.close());
    return tracer.startSpan('a').setTag('sampling.priority', 1).flags;
  };
  assert.equal(flags({}), 3);
  assert.equal(flags({ throttler: {} }), 0);
  assert.equal(flags({ throttler: { host: '127.0.0.1', port: await unusedPort() } }), 0);
});
