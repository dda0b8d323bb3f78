import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InMemoryReporter, initTracer, SpoorError, type Tracer } from '@spoor/core';
import { PrometheusMetricsFactory, type PrometheusOptions } from '@spoor/prometheus';
import { Counter, Registry } from 'prom-client';

/** A tracer that counts calls in the registry, closed after the test. */
function startTracer(
  t: { after(fn: () => unknown): void },
  registry: Registry,
  options: PrometheusOptions = {},
): Tracer {
  const metrics = new PrometheusMetricsFactory({ registry, ...options });
  const config = { serviceName: 'orders', rpcMetrics: true } as const;
  const tracer = initTracer(config, { metrics, reporter: new InMemoryReporter() });
  t.after(() => tracer.close());
  return tracer;
}

function call(tracer: Tracer, name: string, durationMs: number, tags: object = {}): void {
  const start = { startTime: 1000, tags: { 'span.kind': 'server', ...tags } };
  tracer.startSpan(name, start).finish(1000 + durationMs);
}

/** The samples of the calls that are not 0. */
async function samples(registry: Registry): Promise<string[]> {
  const lines = (await registry.metrics()).split('\n');
  return lines.filter((line) => /^\w*jaeger_rpc:/.test(line) && !line.endsWith(' 0'));
}

test('calls are counted under names that Prometheus takes, their durations in seconds', async (t) => {
  const registry = new Registry();
  const options = { namespace: 'order-service', serviceNameLabel: 'orders', buckets: [0.01, 0.1] };
  const tracer = startTracer(t, registry, options);
  call(tracer, 'GET /users/:id', 4, { 'http.status_code': 200 });
  call(tracer, 'GET /users/:id', 40, { 'http.status_code': 200 });
  call(tracer, 'GET /users/:id', 400, { 'http.status_code': 503, error: true });

  const of = 'endpoint="GET-/users/-id"';
  assert.deepEqual(await samples(registry), [
    `order_service_jaeger_rpc:requests{${of},error="false",service="orders"} 2`,
    `order_service_jaeger_rpc:requests{${of},error="true",service="orders"} 1`,
    `order_service_jaeger_rpc:request_latency_bucket{le="0.01",${of},error="false",service="orders"} 1`,
    `order_service_jaeger_rpc:request_latency_bucket{le="0.1",${of},error="false",service="orders"} 2`,
    `order_service_jaeger_rpc:request_latency_bucket{le="+Inf",${of},error="false",service="orders"} 2`,
    `order_service_jaeger_rpc:request_latency_sum{${of},error="false",service="orders"} 0.044`,
    `order_service_jaeger_rpc:request_latency_count{${of},error="false",service="orders"} 2`,
    `order_service_jaeger_rpc:request_latency_bucket{le="+Inf",${of},error="true",service="orders"} 1`,
    `order_service_jaeger_rpc:request_latency_sum{${of},error="true",service="orders"} 0.4`,
    `order_service_jaeger_rpc:request_latency_count{${of},error="true",service="orders"} 1`,
    `order_service_jaeger_rpc:http_requests{${of},status_code="2xx",service="orders"} 2`,
    `order_service_jaeger_rpc:http_requests{${of},status_code="5xx",service="orders"} 1`,
  ]);
});

test('the help of a duration says its unit, and without buckets those of prom-client are taken', async (t) => {
  const registry = new Registry();
  call(startTracer(t, registry), 'call', 7);
  const text = await registry.metrics();
  for (const line of [
    '# HELP jaeger_rpc:request_latency jaeger-rpc:request_latency, in seconds',
    '# TYPE jaeger_rpc:request_latency histogram',
    'jaeger_rpc:request_latency_bucket{le="0.005",endpoint="call",error="false"} 0',
    'jaeger_rpc:request_latency_bucket{le="0.01",endpoint="call",error="false"} 1',
    'jaeger_rpc:requests{endpoint="call",error="true"} 0',
    'jaeger_rpc:http_requests{endpoint="call",status_code="2xx"} 0',
  ]) {
    assert.ok(text.includes(`${line}\n`), line);
  }
});

test('calls of several tracers add up', async (t) => {
  const registry = new Registry();
  for (const tracer of [startTracer(t, registry), startTracer(t, registry)]) {
    call(tracer, 'call', 2);
  }
  const lines = await samples(registry);
  assert.ok(lines.includes('jaeger_rpc:requests{endpoint="call",error="false"} 2'));
  assert.ok(lines.includes('jaeger_rpc:request_latency_count{endpoint="call",error="false"} 2'));
});

test('a name of the calls that somebody else has registered is refused while the tracer is made', (t) => {
  const registry = new Registry();
  new Counter({ name: 'jaeger_rpc:request_latency', help: 'mine', registers: [registry] });
  assert.throws(
    () => startTracer(t, registry),
    (error) => error instanceof SpoorError && /"jaeger_rpc:request_latency"/.test(error.message),
  );
});

test('a histogram cannot have the name of a counter', () => {
  const factory = new PrometheusMetricsFactory({ registry: new Registry() });
  factory.createTimer('duration');
  assert.throws(() => factory.createCounter('duration'), {
    message: 'PrometheusMetricsFactory: "duration" is a histogram already. Write another name.',
  });
});

test('buckets that do not ascend are refused', () => {
  for (const [buckets, shown] of [
    [[], '[]'],
    [[1, 1], '[1,1]'],
    [['1'], '["1"]'],
    [5, '5'],
  ]) {
    assert.throws(() => new PrometheusMetricsFactory({ buckets: buckets as number[] }), {
      message: `PrometheusMetricsFactory.buckets: expected ascending numbers of seconds, got ${shown}. Write buckets: [0.005, 0.05, 0.5, 5], or leave it out.`,
    });
  }
});
