import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Config,
  ConstSampler,
  InMemoryReporter,
  initTracer,
  type MetricsFactory,
  RpcMetrics,
  type Span,
  SpoorError,
  type Timer,
  type Tracer,
  type TracingConfig,
} from '@spoor/core';
import { createTestTracer, RecordedLog, RecordedMetrics, setEnvironment } from './helpers.js';

class TimedMetrics extends RecordedMetrics {
  readonly times: Record<string, number[]> = {};

  createTimer(name: string, tags: Record<string, string> = {}): Timer {
    const id = [name, ...Object.entries(tags).map(([key, value]) => `${key}=${value}`)].join(' ');
    this.created.push(id);
    return {
      record: (value) => {
        this.times[id] = [...(this.times[id] ?? []), value];
      },
    };
  }
}

/** A tracer that keeps no span and counts calls. */
function countCalls(): { tracer: Tracer; calls: TimedMetrics; log: RecordedLog } {
  const calls = new TimedMetrics();
  const sampler = new ConstSampler(false);
  const { tracer, log } = createTestTracer({ sampler, observers: [new RpcMetrics(calls)] });
  return { tracer, calls, log };
}

/** What one span that is started as a server's is counted as, without `jaeger-rpc:` and the endpoint `call`. */
function countsOf(use: (span: Span) => void): string[] {
  const { tracer, calls } = countCalls();
  const span = tracer.startSpan('call', { tags: { 'span.kind': 'server' } });
  use(span);
  span.finish();
  return Object.keys(calls.counts).map((name) =>
    name.replace('jaeger-rpc:', '').replace(' endpoint=call', ''),
  );
}

test('each endpoint has the metrics of jaeger-client-go', () => {
  const { tracer, calls } = countCalls();
  tracer.startSpan('call', { tags: { 'span.kind': 'server' } }).finish();
  const ofEndpoint = (endpoint: string): string[] => [
    ...['false', 'true'].map((error) => `jaeger-rpc:requests endpoint=${endpoint} error=${error}`),
    ...['false', 'true'].map(
      (error) => `jaeger-rpc:request_latency endpoint=${endpoint} error=${error}`,
    ),
    ...[2, 3, 4, 5].map(
      (digit) => `jaeger-rpc:http_requests endpoint=${endpoint} status_code=${digit}xx`,
    ),
  ];
  assert.deepEqual(calls.created, [...ofEndpoint('other'), ...ofEndpoint('call')]);
});

test('a call that is not sampled is counted with its duration in milliseconds', () => {
  const { tracer, calls } = countCalls();
  const start = (startTime: number): Span =>
    tracer.startSpan('call', { tags: { 'span.kind': 'server' }, startTime });
  start(1000).finish(1012.5);
  start(1000).finish(900);
  start(2000).setTag('error', true).finish(2007);
  assert.deepEqual(calls.counts, {
    'jaeger-rpc:requests endpoint=call error=false': 2,
    'jaeger-rpc:requests endpoint=call error=true': 1,
  });
  assert.deepEqual(calls.times, {
    'jaeger-rpc:request_latency endpoint=call error=false': [12.5, 0],
    'jaeger-rpc:request_latency endpoint=call error=true': [7],
  });
});

test('only server spans with a name are counted, whenever they say what they are', () => {
  const { tracer, calls } = countCalls();
  tracer.startSpan('internal').finish();
  tracer.startSpan('client', { tags: { 'span.kind': 'client' } }).finish();
  tracer.startSpan('consumer').setTag('span.kind', 'consumer').finish();
  tracer.startSpan('client later').setTag('span.kind', 'client').finish();
  tracer.startSpan('', { tags: { 'span.kind': 'server' } }).finish();
  tracer.startSpan(undefined as unknown as string, { tags: { 'span.kind': 'server' } }).finish();
  tracer.startSpan('never finished', { tags: { 'span.kind': 'server' } });
  assert.deepEqual(calls.counts, {});

  tracer.startSpan('later').setTag('span.kind', 'server').finish();
  tracer.startSpan('with others').addTags({ a: 1, 'span.kind': 'server' }).finish();
  assert.deepEqual(calls.counts, {
    'jaeger-rpc:requests endpoint=later error=false': 1,
    'jaeger-rpc:requests endpoint=with-others error=false': 1,
  });
});

test('below a span of the process a server span says so at its start, and the others stay unwritable', () => {
  const { tracer, calls } = countCalls();
  const parent = tracer.startSpan('parent', { tags: { 'span.kind': 'server' } });
  const client = tracer.startSpan('client', { childOf: parent });
  assert.deepEqual([parent.isWritable(), client.isWritable()], [true, false]);
  client.setTag('span.kind', 'server').finish();
  tracer.startSpan('server', { childOf: parent, tags: { 'span.kind': 'server' } }).finish();
  const headers = {};
  tracer.inject(parent, 'http_headers', headers);
  const remote = tracer.extract('http_headers', headers);
  tracer.startSpan('remote', { childOf: remote }).setTag('span.kind', 'server').finish();
  assert.deepEqual(calls.counts, {
    'jaeger-rpc:requests endpoint=server error=false': 1,
    'jaeger-rpc:requests endpoint=remote error=false': 1,
  });
});

test('a span that is renamed counts under its last name', () => {
  const { tracer, calls } = countCalls();
  const span = tracer.startSpan('GET', { tags: { 'span.kind': 'server' } });
  span.setOperationName('GET /users/:id').finish();
  assert.deepEqual(Object.keys(calls.counts), [
    'jaeger-rpc:requests endpoint=GET-/users/-id error=false',
  ]);
});

test('what an endpoint cannot have in its name becomes a hyphen, and names that are then the same are one', () => {
  const { tracer, calls } = countCalls();
  for (const name of ['a b', 'a-b', 'a:b', 'Ab_9./-', 'größe']) {
    tracer.startSpan(name, { tags: { 'span.kind': 'server' } }).finish();
  }
  assert.deepEqual(calls.counts, {
    'jaeger-rpc:requests endpoint=a-b error=false': 3,
    'jaeger-rpc:requests endpoint=Ab_9./- error=false': 1,
    'jaeger-rpc:requests endpoint=gr--e error=false': 1,
  });
  assert.equal(new Set(calls.created).size, calls.created.length);
});

test('beyond 200 names the endpoint is other, and those that are known keep theirs', () => {
  const { tracer, calls } = countCalls();
  for (const round of [1, 2]) {
    for (let i = 0; i < 250; i++) {
      tracer.startSpan(`call ${i}`, { tags: { 'span.kind': 'server' } }).finish();
    }
    assert.equal(calls.counts['jaeger-rpc:requests endpoint=call-199 error=false'], round);
    assert.equal(calls.counts['jaeger-rpc:requests endpoint=other error=false'], 50 * round);
    assert.equal(Object.keys(calls.counts).length, 201);
  }
});

test('the status is a number or a text, and of several the last', () => {
  const success = 'requests error=false';
  const cases: [unknown[], string[]][] = [
    [[200], [success, 'http_requests status_code=2xx']],
    [[302], [success, 'http_requests status_code=3xx']],
    [['404'], [success, 'http_requests status_code=4xx']],
    [[599], [success, 'http_requests status_code=5xx']],
    [
      [200, '500'],
      [success, 'http_requests status_code=5xx'],
    ],
    [
      [200, 'OK', null, undefined, {}],
      [success, 'http_requests status_code=2xx'],
    ],
    [[101], [success]],
    [[600], [success]],
    [['200 OK'], [success]],
    [[Number.NaN], [success]],
  ];
  for (const key of ['http.status_code', 'http.response.status_code']) {
    for (const [values, counts] of cases) {
      const use = (span: Span): void => {
        for (const value of values) span.setTag(key, value);
      };
      assert.deepEqual(countsOf(use), counts, `${key} ${JSON.stringify(values)}`);
    }
  }
});

test('an error is what Go reads as true; the status alone makes none, and what says neither changes nothing', () => {
  const isError = (...values: unknown[]): boolean => {
    const counts = countsOf((span) => {
      for (const value of values) span.setTag('error', value);
    });
    assert.equal(counts.length, 1);
    return counts[0] === 'requests error=true';
  };
  for (const value of [true, 'true', 'True', 'TRUE', 't', 'T', '1']) assert.ok(isError(value));
  for (const value of [false, 'false', 'F', '0', 'boom', 1, new Error('boom'), null]) {
    assert.ok(!isError(value), String(value));
  }
  assert.ok(!isError(true, false));
  assert.ok(isError(true, 'boom', 0));
  assert.deepEqual(
    countsOf((span) => span.setTag('http.status_code', 500)),
    ['requests error=false', 'http_requests status_code=5xx'],
  );
});

test('tags of the start count too', () => {
  const { tracer, calls } = countCalls();
  const tags = { 'span.kind': 'server', error: true, 'http.status_code': '503' };
  tracer.startSpan('call', { tags }).finish();
  assert.deepEqual(calls.counts, {
    'jaeger-rpc:requests endpoint=call error=true': 1,
    'jaeger-rpc:http_requests endpoint=call status_code=5xx': 1,
  });
});

test('rpcMetrics is switched on by the configuration, by that of Go, and by the variable', (t) => {
  const sampler = { type: 'const', param: 0 } as const;
  const config = { serviceName: 'orders', sampler };
  const tracerOf = {
    rpcMetrics: (metrics: MetricsFactory) =>
      initTracer({ ...config, rpcMetrics: true }, { metrics }),
    rpc_metrics: (metrics: MetricsFactory) =>
      initTracer({ ...config, rpc_metrics: true } as TracingConfig, { metrics }),
    JAEGER_RPC_METRICS: (metrics: MetricsFactory) => initTracer(config, { metrics }),
    'JAEGER_RPC_METRICS, with the configuration of Python': (metricsFactory: MetricsFactory) =>
      new Config({ config: { sampler }, serviceName: 'orders', metricsFactory }).newTracer(),
  };
  for (const [name, make] of Object.entries(tracerOf)) {
    setEnvironment(t, name.startsWith('JAEGER') ? { JAEGER_RPC_METRICS: 'true' } : {});
    const metrics = new RecordedMetrics();
    const tracer = make(metrics);
    t.after(() => tracer.close());
    tracer.startSpan('call', { tags: { 'span.kind': 'server' } }).finish();
    assert.equal(metrics.counts['jaeger-rpc:requests endpoint=call error=false'], 1, name);
    assert.deepEqual(
      tracer.describe().settings.rpcMetrics,
      { value: true, from: name.startsWith('JAEGER') ? 'JAEGER_RPC_METRICS' : 'code' },
      name,
    );
  }
});

test('without it no call is counted, and spans are not observed', (t) => {
  setEnvironment(t, { JAEGER_RPC_METRICS: 'false' });
  const metrics = new RecordedMetrics();
  const tracer = initTracer(
    { serviceName: 'orders', sampler: { type: 'const', param: 0 } },
    { metrics },
  );
  t.after(() => tracer.close());
  const span = tracer.startSpan('call', { tags: { 'span.kind': 'server' } });
  assert.equal(span.isWritable(), false);
  span.finish();
  assert.deepEqual(
    metrics.created.filter((name) => name.startsWith('jaeger-rpc')),
    [],
  );
});

test('a factory without timers counts all but durations', (t) => {
  setEnvironment(t);
  const metrics = new RecordedMetrics();
  const options = { metrics, reporter: new InMemoryReporter() };
  const tracer = initTracer({ serviceName: 'orders', rpcMetrics: true }, options);
  t.after(() => tracer.close());
  tracer.startSpan('call').addTags({ 'span.kind': 'server', 'http.status_code': 204 }).finish();
  assert.equal(metrics.counts['jaeger-rpc:http_requests endpoint=call status_code=2xx'], 1);
});

test('rpcMetrics without a metrics factory is said once at the start, and costs nothing then', (t) => {
  setEnvironment(t, { JAEGER_RPC_METRICS: '1' });
  const logger = new RecordedLog();
  const tracer = initTracer(
    { serviceName: 'orders', sampler: { type: 'const', param: 0 } },
    { logger },
  );
  t.after(() => tracer.close());
  assert.deepEqual(logger.errors, [
    'spoor: JAEGER_RPC_METRICS: counts nothing without a metrics factory. Write initTracer(config, { metrics: new PrometheusMetricsFactory() }) with that of @spoor/prometheus, or leave it out.',
  ]);
  assert.equal(tracer.startSpan('call').isWritable(), false);
});

test('a factory that makes no timer where it should is refused at the start', (t) => {
  setEnvironment(t);
  const refusal = (createTimer: () => unknown): unknown => {
    const metrics = Object.assign(new RecordedMetrics(), { createTimer }) as MetricsFactory;
    try {
      return initTracer({ serviceName: 'orders', rpcMetrics: true }, { metrics });
    } catch (error) {
      assert.ok(error instanceof SpoorError);
      return error.message;
    }
  };
  assert.equal(
    refusal(() => ({})),
    'metrics: createTimer() returned an object without record(). Return { record() {} } from createTimer.',
  );
  assert.equal(
    refusal(() => {
      throw new Error('no room');
    }),
    "metrics: createTimer('jaeger-rpc:request_latency') threw: no room. Write a factory that makes every metric, or leave metrics out.",
  );
});

test('a factory that fails at an endpoint later harms no span', () => {
  const { tracer, calls, log } = countCalls();
  calls.createCounter = () => {
    throw new Error('no room');
  };
  const span = tracer.startSpan('call', { tags: { 'span.kind': 'server' } });
  span.finish();
  assert.equal(log.errors.length, 1);
  assert.match(log.errors[0]!, /^spoor: an observer threw: .* no room\./);
});
