import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Config,
  type ConfigOptions,
  ConstSampler,
  globalTracer,
  initTracer,
  type PythonConfig,
} from '@spoor/core';
import { startCollector } from '@spoor/testing';
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
    message: /^headers\.traceContextHeaderName: expected the name of a header, got 7/,
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
      'config.local_agent.something: unknown option. Write one of reporting_host, reporting_port.',
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
    [{ local_agent: { reporting_port: 70_000 } }, /expected a whole number from 1 to 65535/],
    [{ local_agent: { reporting_port: 'x' } }, /expected a whole number from 1 to 65535/],
    [{ reporter_flush_interval: 'soon' }, /expected a whole number from 1 to 3600000/],
    [{ enabled: 'false' }, /expected true or false, got "false"/],
    [{ logging: 'yes' }, /expected true or false, got "yes"/],
    [{ sampler: { type: 'consst' } }, /Did you mean "const"\?$/],
    [{ propagation: 'jeager' }, /Did you mean "jaeger"\?$/],
  ];
  for (const [config, message] of table) {
    for (const validate of [false, true]) {
      assert.throws(() => newTracer(t, config, { validate }), { code: 'SPOOR_CONFIG', message });
    }
  }
  assert.throws(() => new Config({}).newTracer(), /^SpoorError: serviceName: is missing\./);
});

test('initTracer after initializeTracer makes the global tracer anew', (t) => {
  setEnvironment(t);
  const tracer = initTracer({ serviceName: 'orders' });
  t.after(() => tracer.close());
  assert.equal(globalTracer(), tracer);
});
