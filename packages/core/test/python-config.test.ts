import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Config,
  type ConfigOptions,
  ConstSampler,
  globalTracer,
  initTracer,
  PrioritySampler,
  type PythonConfig,
} from '@spoor/core';
import { jaegerStrategies, startCollector, startSamplingServer } from '@spoor/testing';
import { RecordedLog, RecordedMetrics, setEnvironment } from './helpers.js';

// The first test must run first: initializeTracer works once in a process.
test('the example of the Python client works, line by line', async (t) => {
  setEnvironment(t);
  const collector = await startCollector(t);
  setEnvironment(t, {
    JAEGER_AGENT_HOST: collector.host,
    JAEGER_AGENT_PORT: String(collector.port),
  });
  const logger = new RecordedLog();
  assert.equal(Config.initialized(), false);

  const config = new Config({
    config: {
      sampler: {
        type: 'const',
        param: 1,
      },
      logging: true,
    },
    serviceName: 'your-app-name',
    validate: true,
    logger,
  });
  const tracer = config.initializeTracer();

  const span = tracer.startSpan('TestSpan');
  span.log({ event: 'test message', life: 42 });
  const childSpan = tracer.startSpan('ChildSpan', { childOf: span });
  childSpan.log({ event: 'down below' });
  childSpan.finish();
  span.finish();
  await tracer.close();

  const [child, parent] = await collector.received(2);
  assert.deepEqual(
    [parent, child].map((sent) => ({
      name: sent?.operationName,
      parent: sent?.parentSpanId,
      logs: sent?.logs.map(({ fields }) => fields),
      service: sent?.serviceName,
    })),
    [
      {
        name: 'TestSpan',
        parent: '',
        logs: [{ event: 'test message', life: 42 }],
        service: 'your-app-name',
      },
      {
        name: 'ChildSpan',
        parent: parent?.spanId,
        logs: [{ event: 'down below' }],
        service: 'your-app-name',
      },
    ],
  );
  assert.deepEqual(logger.infos, [
    `Reporting span ${childSpan} your-app-name.ChildSpan`,
    `Reporting span ${span} your-app-name.TestSpan`,
  ]);
  assert.deepEqual([Config.initialized(), globalTracer()], [true, tracer]);
});

/** A tracer of its own, closed after the test; the global one stays. */
function newTracer(
  t: { after(fn: () => unknown): void },
  config: PythonConfig,
  options: ConfigOptions = {},
) {
  const all = { serviceName: 'orders', validate: true, logger: new RecordedLog(), ...options };
  const tracer = new Config({ config, ...all }).newTracer();
  t.after(() => tracer.close());
  return tracer;
}

test('a later initializeTracer says so and returns the first tracer', (t) => {
  setEnvironment(t);
  const first = globalTracer();
  const logger = new RecordedLog();
  const again = new Config({ serviceName: 'second', logger }).initializeTracer();
  assert.equal(again, first);
  assert.deepEqual(logger.errors, [
    'spoor: initializeTracer() was called before; the first tracer is returned. Call newTracer() to make another.',
  ]);
});

test('newTracer makes a further tracer and leaves the global one alone', (t) => {
  setEnvironment(t);
  const before = globalTracer();
  const config = new Config({ serviceName: 'other' });
  const [one, two] = [config.newTracer(), config.newTracer()];
  t.after(() => Promise.all([one.close(), two.close()]));
  assert.notEqual(one, two);
  assert.deepEqual([one.serviceName, globalTracer()], ['other', before]);
});

test('every key of a YAML file arrives', async (t) => {
  setEnvironment(t);
  const collector = await startCollector(t);
  const metricsFactory = new RecordedMetrics();
  const tracer = newTracer(
    t,
    {
      service_name: 'from-yaml',
      enabled: true,
      logging: false,
      sampler: { type: 'probabilistic', param: 1 },
      local_agent: { reporting_host: collector.host, reporting_port: String(collector.port) },
      reporter_flush_interval: 0.005,
      propagation: 'w3c',
      generate_128bit_trace_id: true,
      tags: { region: 'eu' },
    },
    { serviceName: 'from-code', metricsFactory },
  );
  const span = tracer.startSpan('charge');
  span.finish();
  const [sent] = await collector.received(1);
  assert.deepEqual(
    [sent?.serviceName, sent?.tags['sampler.type'], sent?.processTags.region, sent?.traceId.length],
    ['from-yaml', 'probabilistic', 'eu', 32],
  );
  const carrier = {};
  tracer.inject(span, 'text_map', carrier);
  assert.deepEqual(Object.keys(carrier), ['traceparent']);
  assert.equal(metricsFactory.counts['jaeger:finished_spans'], 1);
});

test('with validate every key that the Python client had is known, and means the same', (t) => {
  setEnvironment(t);
  const config: Required<PythonConfig> = {
    service_name: 'from-yaml',
    enabled: true,
    logging: true,
    metrics: true,
    sampler: { type: 'remote', param: 0.5 },
    sampling_refresh_interval: 30,
    max_operations: 10,
    throttler: { port: 5779, refresh_interval: 2 },
    local_agent: {
      enabled: true,
      reporting_host: '127.0.0.1',
      reporting_port: '6833',
      sampling_port: '1',
    },
    reporter_batch_size: 10,
    reporter_queue_size: 100,
    reporter_flush_interval: 2,
    propagation: 'b3',
    trace_id_header: 'a_trace',
    baggage_header_prefix: 'a_bag_',
    debug_id_header: 'a_debug',
    generate_128bit_trace_id: true,
    tags: { region: 'eu' },
    max_tag_value_length: 100,
    max_traceback_length: 200,
  };
  const tracer = new Config({ config, validate: true }).newTracer();
  t.after(() => tracer.close());
  const { settings } = tracer.describe();
  const written = Object.entries(settings).filter(([, { from }]) => from === 'code');
  assert.deepEqual(Object.fromEntries(written.map(([path, { value }]) => [path, value])), {
    serviceName: 'from-yaml',
    disable: false,
    'tags.region': 'eu',
    propagation: { extract: ['b3'], inject: ['b3'] },
    traceId128bit: true,
    'headers.traceContextHeaderName': 'a-trace',
    'headers.traceBaggageHeaderPrefix': 'a-bag-',
    'headers.jaegerDebugHeader': 'a-debug',
    'sampler.type': 'remote',
    'sampler.param': 0.5,
    'sampler.port': 1,
    'sampler.refreshIntervalMs': 30_000,
    'sampler.maxOperations': 10,
    'throttler.port': 5779,
    'throttler.refreshIntervalMs': 2000,
    'limits.maxTagValueLength': 100,
    'limits.maxTracebackLength': 200,
    'reporter.logSpans': true,
    'reporter.agentHost': '127.0.0.1',
    'reporter.agentPort': 6833,
    'reporter.flushIntervalMs': 2000,
    'reporter.maxBatchSpans': 10,
    'reporter.maxQueueSpans': 100,
  });
});

test('a key without a value, as YAML has it, counts as left out', (t) => {
  setEnvironment(t, { JAEGER_AGENT_HOST: 'agent.example' });
  const config = {
    local_agent: { reporting_host: null },
    sampler: null,
    tags: null,
    logging: null,
  };
  const { settings } = newTracer(t, config as never).describe();
  assert.deepEqual(settings['reporter.agentHost'], {
    value: 'agent.example',
    from: 'JAEGER_AGENT_HOST',
  });
});

test('reporter_batch_size sends that many spans at once, without waiting for more', async (t) => {
  setEnvironment(t);
  const collector = await startCollector(t);
  const tracer = newTracer(t, {
    sampler: { type: 'const', param: 1 },
    local_agent: { reporting_host: collector.host, reporting_port: collector.port, enabled: true },
    reporter_batch_size: 2,
    reporter_queue_size: 10,
    reporter_flush_interval: 3600,
  });
  for (const name of ['a', 'b', 'c', 'd', 'e']) tracer.startSpan(name).finish();
  const spans = await collector.received(4);
  assert.deepEqual(
    spans.map(({ operationName }) => operationName),
    ['a', 'b', 'c', 'd'],
  );
});

test('headers can have other names, written with underscores or capitals too', (t) => {
  setEnvironment(t);
  const tracer = newTracer(t, {
    trace_id_header: 'Trace_ID',
    baggage_header_prefix: 'Trace_Attr_',
    debug_id_header: 'trace_debug_id',
    propagation: 'jaeger',
  });
  const carrier = {};
  tracer.inject(tracer.startSpan('charge').setBaggageItem('a', '1'), 'http_headers', carrier);
  assert.deepEqual(Object.keys(carrier), ['trace-id', 'trace-attr-a']);
  const headers = { 'trace-debug-id': 'ticket' };
  assert.equal(tracer.extract('http_headers', headers)?.debugId, 'ticket');
  assert.throws(() => newTracer(t, { trace_id_header: 7 } as object), {
    message: /^config\.trace_id_header: expected the name of a header, got 7/,
  });
});

test('a sampler can be an object, and its parameter a boolean', (t) => {
  setEnvironment(t);
  const isSampled = (sampler: PythonConfig['sampler']): boolean =>
    newTracer(t, { sampler }).startSpan('a').isSampled();
  assert.equal(isSampled(new ConstSampler(true)), true);
  assert.equal(isSampled(new ConstSampler(false)), false);
  assert.equal(isSampled({ type: 'const', param: true }), true);
  assert.equal(isSampled({ type: 'const', param: false }), false);
});

test('values and stacks have the lengths that the configuration gives them', (t) => {
  setEnvironment(t);
  const sampler = { type: 'const', param: 1 } as const;
  const config = { sampler, max_tag_value_length: 4, max_traceback_length: 6 };
  const tracer = new Config({ config, serviceName: 'orders', validate: true }).newTracer();
  t.after(() => tracer.close());
  const span = tracer.startSpan('charge', { tags: { text: '12345678', stack: '12345678' } });
  assert.deepEqual(span.tags.slice(-4), ['text', '1234', 'stack', '123456']);
});

test('the sampling keys arrive, in the units of Python', async (t) => {
  setEnvironment(t);
  const keepAlive = setTimeout(() => {}, 5000);
  t.after(() => clearTimeout(keepAlive));
  const server = await startSamplingServer(t, jaegerStrategies.perOperation({ a: 1 }));
  newTracer(t, {
    local_agent: { reporting_host: '127.0.0.1', sampling_port: server.port },
    sampling_refresh_interval: 0.01,
    max_operations: 5,
  });
  await server.asked(2);

  const limited = newTracer(t, { sampler: { type: 'rate_limiting' as never, param: 1 } });
  assert.deepEqual(limited.startSpan('a').tags, [
    ...['sampler.type', 'ratelimiting', 'sampler.param', 1],
  ]);
  const sampler = { type: 'const', param: 0 } as const;
  const throttled = newTracer(t, { sampler, throttler: { port: 5778, refresh_interval: 5 } });
  assert.equal(throttled.startSpan('a').setTag('sampling.priority', 1).flags, 0);
  const late = newTracer(t, { sampler: new PrioritySampler([new ConstSampler(true)]) });
  assert.equal(late.startSpan('a').isSampled(), true);
});

test('enabled: false gives a tracer that does nothing', (t) => {
  setEnvironment(t);
  const tracer = newTracer(t, { enabled: false, sampler: { type: 'const', param: 1 } });
  assert.equal(tracer.startSpan('a').isSampled(), false);
});

test('an unknown key is logged and ignored, or refused with validate', (t) => {
  setEnvironment(t);
  const table: [object, string][] = [
    [{ samplerr: {} }, 'config.samplerr: unknown option. Did you mean config.sampler?'],
    [
      { local_agent: { reporting_hst: 'a' } },
      'config.local_agent.reporting_hst: unknown option. Did you mean config.local_agent.reporting_host?',
    ],
    [
      { local_agent: { something: 1 } },
      'config.local_agent.something: unknown option. Write one of enabled, reporting_host, reporting_port, sampling_port.',
    ],
  ];
  for (const [config, message] of table) {
    assert.throws(() => new Config({ config, serviceName: 'orders', validate: true }), {
      code: 'SPOOR_CONFIG',
      message,
    });
    const logger = new RecordedLog();
    newTracer(t, config, { validate: false, logger });
    assert.deepEqual(logger.errors, [`spoor: ${message} It is ignored.`]);
  }
});

test('values that do not fit are refused with and without validate', (t) => {
  setEnvironment(t);
  const table: [object, RegExp][] = [
    [
      { local_agent: { reporting_port: 70_000 } },
      /^config\.local_agent\.reporting_port: expected a whole number from 1 to 65535/,
    ],
    [
      { local_agent: { reporting_port: 'x' } },
      /^config\.local_agent\.reporting_port: expected a whole number from 1 to 65535/,
    ],
    [
      { local_agent: 'x' },
      /^config\.local_agent: expected an object, got "x"\. Write \{ enabled, reporting_host, reporting_port/,
    ],
    [
      { reporter_flush_interval: 'soon' },
      /^config\.reporter_flush_interval: expected seconds, got "soon"\. Write 1 for one second\.$/,
    ],
    [{ reporter_batch_size: 0 }, /^config\.reporter_batch_size: expected a whole number from 1/],
    [{ enabled: 'false' }, /^config\.enabled: expected true or false, got "false"/],
    [{ logging: 'yes' }, /^config\.logging: expected true or false, got "yes"/],
    [{ sampler: { type: 'consst' } }, /^config\.sampler\.type: .*Did you mean "const"\?$/],
    [{ sampler: { type: 'const' } }, /^sampler\.param: is missing/],
    [{ sampler: 'const' }, /^config\.sampler: expected an object, got "const"/],
    [{ tags: 'a' }, /^config\.tags: expected an object, got "a"/],
    [{ propagation: 'jeager' }, /^config\.propagation: .*Did you mean "jaeger"\?$/],
  ];
  for (const [config, message] of table) {
    for (const validate of [false, true]) {
      assert.throws(() => newTracer(t, config, { validate }), { code: 'SPOOR_CONFIG', message });
    }
  }
  assert.throws(() => new Config({}).newTracer(), /^SpoorError: serviceName: is missing\./);
  for (const config of ['x', null, []]) {
    assert.throws(() => new Config({ config: config as never, serviceName: 'orders' }), {
      message:
        /^Config: expected a configuration object, got .*Write new Config\(\{ config: \{\}, /,
    });
  }
});

test('options of Config that cannot be meant are refused, with and without validate', () => {
  const table: [object, string][] = [
    [
      { metrics_factory: new RecordedMetrics() },
      'Config.metrics_factory: unknown option. Did you mean Config.metricsFactory?',
    ],
    [
      { metricsFactory: { create_counter() {} } },
      'Config.metricsFactory: expected an object with createCounter(), got { create_counter: [Function: create_counter] }. Write metricsFactory: new PrometheusMetricsFactory() of @spoor/prometheus.',
    ],
    [
      { config: { metrics: new RecordedMetrics() } },
      'config.metrics: expected true or false, got RecordedMetrics { created: [], counts: {}, gauges: {} }. Write new Config({ metricsFactory }) to say where metrics go.',
    ],
  ];
  for (const [options, message] of table) {
    for (const validate of [false, true]) {
      assert.throws(() => new Config({ ...options, validate }), { code: 'SPOOR_CONFIG', message });
    }
  }
});

test('metrics: false counts nothing, true what is counted anyway', (t) => {
  setEnvironment(t);
  for (const metrics of [false, true, undefined]) {
    const metricsFactory = new RecordedMetrics();
    newTracer(t, { metrics }, { metricsFactory }).startSpan('a');
    assert.equal(metricsFactory.created.length > 0, metrics !== false);
  }
});

test('initTracer after initializeTracer makes the global tracer anew', (t) => {
  setEnvironment(t);
  const tracer = initTracer({ serviceName: 'orders' });
  t.after(() => tracer.close());
  assert.equal(globalTracer(), tracer);
});
