import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Config, InMemoryReporter, initTracer, SpoorError, type Tracer } from '@spoor/core';
import { PrometheusMetricsFactory, type PrometheusOptions } from '@spoor/prometheus';
import promClient, { Counter, Registry, register } from 'prom-client';

/** A tracer that keeps every trace in memory, closed after the test. */
function startTracer(
  t: { after(fn: () => unknown): void },
  metrics: PrometheusMetricsFactory,
): Tracer {
  const config = { serviceName: 'orders', sampler: { type: 'const', param: 1 } } as const;
  const tracer = initTracer(config, { metrics, reporter: new InMemoryReporter() });
  t.after(() => tracer.close());
  return tracer;
}

/** The samples of a registry that are not 0. */
async function samples(registry: Registry): Promise<string[]> {
  const lines = (await registry.metrics()).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#') && !line.endsWith(' 0'));
}

test('spans are counted under the names and labels of jaeger-client, behind the namespace', async (t) => {
  const registry = new Registry();
  const tracer = startTracer(t, new PrometheusMetricsFactory({ namespace: 'orders', registry }));
  const root = tracer.startSpan('root');
  tracer.startSpan('child', { childOf: root }).finish();
  tracer.extract('text_map', { 'uber-trace-id': 'malformed' });

  assert.deepEqual(await samples(registry), [
    'orders_jaeger:traces{state="started",sampled="y"} 1',
    'orders_jaeger:started_spans{sampled="y"} 2',
    'orders_jaeger:finished_spans 1',
    'orders_jaeger:span_context_decoding_errors 1',
  ]);
});

test('every metric is there from the start, with 0 and a help', async (t) => {
  const registry = new Registry();
  startTracer(t, new PrometheusMetricsFactory({ registry }));
  const text = await registry.metrics();
  for (const line of [
    '# HELP jaeger:traces jaeger:traces',
    '# TYPE jaeger:traces counter',
    'jaeger:traces{state="joined",sampled="n"} 0',
    'jaeger:reporter_spans{result="err"} 0',
    'jaeger:reporter_dropped_spans{reason="queue_full"} 0',
    'jaeger:finished_spans 0',
    '# TYPE jaeger:reporter_queue_length gauge',
    'jaeger:reporter_queue_length 0',
    'jaeger:sampler_queries{result="ok"} 0',
  ]) {
    assert.ok(text.includes(`${line}\n`), line);
  }
});

test('without a registry the metrics are in the one of prom-client itself', async (t) => {
  t.after(() => register.clear());
  startTracer(t, new PrometheusMetricsFactory()).startSpan('a');
  assert.match(await register.metrics(), /^jaeger:traces\{state="started",sampled="y"\} 1$/m);
});

test("the service name can be a label, as with Python's client", async (t) => {
  const registry = new Registry();
  const metricsFactory = new PrometheusMetricsFactory({ registry, serviceNameLabel: 'orders' });
  const config = { sampler: { type: 'const', param: 1 } } as const;
  const tracer = new Config({ config, serviceName: 'orders', metricsFactory }).newTracer();
  t.after(() => tracer.close());
  tracer.startSpan('a');
  assert.deepEqual(await samples(registry), [
    'jaeger:traces{state="started",sampled="y",service="orders"} 1',
    'jaeger:started_spans{sampled="y",service="orders"} 1',
  ]);
});

test('a namespace that Prometheus takes in no name becomes one that it takes', async () => {
  for (const [namespace, name] of [
    ['order-service', 'order_service_jaeger:x'],
    ['@acme/orders.v2', '_acme_orders_v2_jaeger:x'],
    ['7up', '_7up_jaeger:x'],
    ['orders:eu', 'orders:eu_jaeger:x'],
  ]) {
    const registry = new Registry();
    new PrometheusMetricsFactory({ namespace, registry }).createCounter('jaeger:x').increment();
    assert.deepEqual(await samples(registry), [`${name} 1`]);
  }
});

test('tracers of one factory, and of factories that share a registry, add up', async (t) => {
  const registry = new Registry();
  const shared = new PrometheusMetricsFactory({ namespace: 'orders', registry });
  const other = new PrometheusMetricsFactory({ namespace: 'orders', registry });
  for (const factory of [shared, shared, other]) startTracer(t, factory).startSpan('a');
  assert.deepEqual(await samples(registry), [
    'orders_jaeger:traces{state="started",sampled="y"} 3',
    'orders_jaeger:started_spans{sampled="y"} 3',
  ]);
});

test('gauges of one name show their sum, and go down as they go up', async () => {
  const registry = new Registry();
  const factory = new PrometheusMetricsFactory({ registry });
  const [first, second] = [factory.createGauge('queue'), factory.createGauge('queue')];
  first.update(5);
  second.update(2);
  first.update(3);
  assert.deepEqual(await samples(registry), ['queue 5']);
});

test('a counter adds one where no number is given, and keeps sets of tags apart in one metric', async () => {
  const registry = new Registry();
  const factory = new PrometheusMetricsFactory({ registry });
  const ok = factory.createCounter('sent', { result: 'ok' });
  const lost = factory.createCounter('sent', { result: 'lost' });
  ok.increment();
  ok.increment(4);
  lost.increment();
  assert.deepEqual(await samples(registry), ['sent{result="ok"} 5', 'sent{result="lost"} 1']);
  assert.equal(registry.getMetricsAsArray().length, 1);
});

test('a name that somebody else has registered is refused while the tracer is made', () => {
  const registry = new Registry();
  const registers = [registry];
  const taken = new Counter({ name: 'orders_jaeger:finished_spans', help: 'mine', registers });
  const metrics = new PrometheusMetricsFactory({ namespace: 'orders', registry });
  const refused: unknown = (() => {
    try {
      return initTracer({ serviceName: 'orders' }, { metrics });
    } catch (error) {
      return error;
    }
  })();
  assert.ok(refused instanceof SpoorError);
  assert.equal(
    refused.message,
    'PrometheusMetricsFactory: the registry has a metric "orders_jaeger:finished_spans" of somebody else. Write another namespace, or registry: new promClient.Registry().',
  );
  taken.inc(2);
});

test('a metric of our own with other labels, or of another kind, is refused too', () => {
  const registry = new Registry();
  const factory = new PrometheusMetricsFactory({ registry });
  factory.createCounter('jaeger:traces', { state: 'started' });
  const labelled = new PrometheusMetricsFactory({ registry, serviceNameLabel: 'orders' });
  const message =
    'PrometheusMetricsFactory: another factory has made "jaeger:traces" with other labels. Write serviceNameLabel for each factory of a registry, or for none.';
  assert.throws(() => labelled.createCounter('jaeger:traces', { state: 'started' }), { message });
  assert.throws(() => factory.createGauge('jaeger:traces', { state: 'started' }), {
    message: 'PrometheusMetricsFactory: "jaeger:traces" is a counter already. Write another name.',
  });
});

test('a registry that is cleared or reset later harms no tracer', async (t) => {
  const registry = new Registry();
  const tracer = startTracer(t, new PrometheusMetricsFactory({ registry }));
  tracer.startSpan('a').finish();
  registry.resetMetrics();
  tracer.startSpan('b').finish();
  assert.match(await registry.metrics(), /^jaeger:finished_spans 1$/m);
  registry.clear();
  tracer.startSpan('c').finish();
  assert.equal(await registry.metrics(), '\n');
});

test('options that cannot be meant are refused with what to write instead', () => {
  const table: [unknown, string][] = [
    [
      { namspace: 'orders' },
      'PrometheusMetricsFactory.namspace: unknown option. Did you mean PrometheusMetricsFactory.namespace?',
    ],
    [
      promClient,
      'PrometheusMetricsFactory: expected options, got prom-client itself. Write new PrometheusMetricsFactory({ namespace, registry: promClient.register }).',
    ],
    [
      { registry: promClient },
      'PrometheusMetricsFactory.registry: expected a Registry of prom-client. Write registry: new promClient.Registry(), or leave it out.',
    ],
    [
      { registry: null },
      'PrometheusMetricsFactory.registry: expected a Registry of prom-client. Write registry: new promClient.Registry(), or leave it out.',
    ],
    [
      { namespace: 7 },
      "PrometheusMetricsFactory.namespace: expected a text, got 7. Write namespace: 'orders', or leave it out.",
    ],
    [
      { serviceNameLabel: '' },
      'PrometheusMetricsFactory.serviceNameLabel: expected a text, got "". Write serviceNameLabel: \'orders\', or leave it out.',
    ],
    ['orders', 'PrometheusMetricsFactory: expected an object of options, got orders.'],
    [null, 'PrometheusMetricsFactory: expected an object of options, got null.'],
  ];
  for (const [options, message] of table) {
    assert.throws(() => new PrometheusMetricsFactory(options as PrometheusOptions), {
      code: 'SPOOR_CONFIG',
      message,
    });
  }
});
