import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Config,
  ConstSampler,
  InMemoryReporter,
  initTracer,
  Tracer,
  type TracingConfig,
} from '@spoor/core';
import { RecordedLog, setEnvironment } from './helpers.js';

test('a tracer describes its parts, and says of each setting where it was written', (t) => {
  setEnvironment(t, { JAEGER_AGENT_HOST: '127.0.0.1', JAEGER_TAGS: 'region=eu,zone=a1' });
  const tracer = initTracer(
    { serviceName: 'orders', sampler: { type: 'const', param: 1 }, tags: { zone: 'b2' } },
    { tags: { version: 7, big: 7n }, traceId128bit: true },
  );
  t.after(() => tracer.close());
  const { settings, ...parts } = tracer.describe();
  assert.deepEqual(parts, {
    serviceName: 'orders',
    sampler: 'ConstSampler(always)',
    reporter: 'RemoteReporter(UdpTransport(127.0.0.1:6831))',
  });
  for (const [path, value, from] of [
    ['serviceName', 'orders', 'code'],
    ['sampler.type', 'const', 'code'],
    ['sampler.param', 1, 'code'],
    ['traceId128bit', true, 'code'],
    ['reporter.agentHost', '127.0.0.1', 'JAEGER_AGENT_HOST'],
    ['reporter.agentPort', 6831, 'default'],
    ['reporter.password', null, 'default'],
    ['propagation', { extract: ['jaeger', 'w3c'], inject: ['jaeger', 'w3c'] }, 'default'],
    ['tags.region', 'eu', 'JAEGER_TAGS'],
    ['tags.zone', 'b2', 'code'],
    ['tags.version', 7, 'code'],
    ['tags.big', '7', 'code'],
  ] as const) {
    assert.deepEqual(settings[path], { value, from }, path);
  }
});

test('a description is fit for JSON and shows no secret', (t) => {
  setEnvironment(t, { JAEGER_AUTH_TOKEN: 'hush-1' });
  const reporter = {
    collectorEndpoint:
      'https://someone:hush-2@collector.example/api/traces?format=thrift&key=hush-3',
    username: 'someone',
    password: 'hush-4',
    headers: { 'x-api-key': 'hush-5' },
  };
  const tracer = initTracer({ serviceName: 'orders', reporter });
  t.after(() => tracer.close());
  const description = tracer.describe();
  const json = JSON.stringify(description);
  assert.doesNotMatch(json, /hush/);
  assert.deepEqual(JSON.parse(json), description);
  const { settings } = description;
  assert.deepEqual(
    [
      settings['reporter.collectorEndpoint'],
      settings['reporter.password'],
      settings['reporter.authToken'],
      settings['reporter.headers'],
    ],
    [
      { value: 'https://***@collector.example/api/traces?format=***&key=***', from: 'code' },
      { value: '***', from: 'code' },
      { value: '***', from: 'JAEGER_AUTH_TOKEN' },
      { value: { 'x-api-key': '***' }, from: 'code' },
    ],
  );
});

test('parts of the user, a disabled tracer and one made by hand are described too', (t) => {
  setEnvironment(t);
  const own = { isSampled: () => true, tags: [] };
  class Own {
    report(): void {}
    flush = async (): Promise<void> => {};
    close = async (): Promise<void> => {};
  }
  const tracer = initTracer({ serviceName: 'orders' }, { sampler: own, reporter: new Own() });
  assert.deepEqual([tracer.describe().sampler, tracer.describe().reporter], ['Object', 'Own']);
  const disabled = initTracer({ disable: true }).describe();
  assert.deepEqual(
    [disabled.sampler, disabled.reporter, disabled.settings.disable],
    ['ConstSampler(never)', 'NullReporter', { value: true, from: 'code' }],
  );
  const byHand = new Tracer('a', {
    sampler: new ConstSampler(true),
    reporter: new InMemoryReporter(),
  });
  assert.deepEqual(byHand.describe(), {
    serviceName: 'a',
    sampler: 'ConstSampler(always)',
    reporter: 'InMemoryReporter',
    settings: {},
  });
});

test("settings under the names of Go's client are those of the same meaning", (t) => {
  setEnvironment(t);
  const config = {
    serviceName: 'orders',
    traceid_128bit: true,
    sampler: { type: 'const', param: 1 },
    reporter: {
      localAgentHostPort: '[::1]:7000',
      queueSize: 50,
      bufferFlushInterval: '2s',
      attemptReconnectInterval: '1m',
      user: 'someone',
      http_headers: { 'x-tenant': 'a' },
    },
  } as TracingConfig;
  const logger = new RecordedLog();
  const tracer = initTracer(config, { logger });
  t.after(() => tracer.close());
  const { settings } = tracer.describe();
  const values = (...paths: string[]): unknown[] => paths.map((path) => settings[path]?.value);
  assert.deepEqual(
    values('traceId128bit', 'reporter.agentHost', 'reporter.agentPort', 'reporter.maxQueueSpans'),
    [true, '::1', 7000, 50],
  );
  assert.deepEqual(
    values(
      'reporter.flushIntervalMs',
      'reporter.attemptReconnectIntervalMs',
      'reporter.username',
      'reporter.headers',
    ),
    [2000, 60_000, 'someone', { 'x-tenant': '***' }],
  );
  assert.deepEqual(logger.errors, []);
  const disabled = initTracer({ disabled: true } as TracingConfig);
  assert.equal(disabled.describe().reporter, 'NullReporter');
});

test('a configuration of Python is described by the same paths', (t) => {
  setEnvironment(t);
  const config = { local_agent: { reporting_port: '7000' }, reporter_flush_interval: 0.5 };
  const tracer = new Config({ config, serviceName: 'orders', validate: true }).newTracer();
  t.after(() => tracer.close());
  const { settings } = tracer.describe();
  assert.deepEqual(
    [settings.serviceName, settings['reporter.agentPort'], settings['reporter.flushIntervalMs']],
    [
      { value: 'orders', from: 'code' },
      { value: 7000, from: 'code' },
      { value: 500, from: 'code' },
    ],
  );
});
