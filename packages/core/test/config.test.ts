import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import {
  ConstSampler,
  globalTracer,
  type InitOptions,
  InMemoryReporter,
  initTracer,
  initTracerFromEnv,
  type Tracer,
  type TracingConfig,
} from '@spoor/core';
import { decodeEmitBatch, startCollector } from '@spoor/testing';
import { RecordedLog, setEnvironment, unusedPort } from './helpers.js';

const always = { type: 'const', param: 1 } as const;

/** A tracer that keeps spans in memory and is closed after the test. */
function init(
  t: TestContext,
  config: TracingConfig | undefined,
  options: InitOptions = {},
): { tracer: Tracer; reporter: InMemoryReporter } {
  const reporter = new InMemoryReporter();
  const tracer = initTracer(config, { reporter, ...options });
  t.after(() => tracer.close());
  return { tracer, reporter };
}

/** The tags that a new trace gets of its sampler, which are none if it is not kept. */
function samplerTags(t: TestContext, config: TracingConfig): unknown {
  const { tracer, reporter } = init(t, config);
  tracer.startSpan('a').finish();
  return reporter.spans[0]?.tags;
}

function processTags({ process: { tags } }: Tracer): Record<string, unknown> {
  const all = Object.fromEntries(
    Array.from({ length: tags.length / 2 }, (_, i) => [tags[2 * i], tags[2 * i + 1]]),
  );
  for (const own of ['jaeger.version', 'hostname', 'ip', 'client-uuid']) delete all[own];
  return all;
}

test('a service name is enough', (t) => {
  setEnvironment(t);
  const { tracer, reporter } = init(t, { serviceName: 'orders' });
  const span = tracer.startSpan('charge');
  span.finish();
  assert.equal(tracer.serviceName, 'orders');
  assert.deepEqual(reporter.spans[0]?.tags, {
    'sampler.type': 'ratelimiting',
    'sampler.param': 100,
  });
  assert.equal(span.context().toTraceId().length, 16);
  const carrier = {};
  tracer.inject(span, 'http_headers', carrier);
  assert.deepEqual(Object.keys(carrier), ['uber-trace-id', 'traceparent']);
});

test('by default a hundred new traces a second are kept', (t) => {
  setEnvironment(t);
  const { tracer, reporter } = init(t, { serviceName: 'orders' });
  const now = performance.now();
  t.mock.method(performance, 'now', () => now);
  for (let i = 0; i < 500; i++) tracer.startSpan('charge').finish();
  assert.equal(reporter.spans.length, 100);
});

test('initTracer sets the global tracer, and initTracerFromEnv is the same function', (t) => {
  setEnvironment(t);
  const { tracer } = init(t, { serviceName: 'orders' });
  assert.equal(globalTracer(), tracer);
  assert.equal(initTracerFromEnv, initTracer);
});

test('each sampler can be chosen', (t) => {
  setEnvironment(t);
  const tags = (sampler: TracingConfig['sampler']): unknown =>
    samplerTags(t, { serviceName: 'orders', sampler });
  assert.deepEqual(tags(always), { 'sampler.type': 'const', 'sampler.param': true });
  assert.deepEqual(tags({ type: 'const', param: true }), tags(always));
  assert.deepEqual(tags({ type: 'const', param: 0 }), undefined);
  assert.deepEqual(tags({ type: 'const', param: false }), undefined);
  assert.deepEqual(tags({ type: 'probabilistic', param: 1 }), {
    'sampler.type': 'probabilistic',
    'sampler.param': 1,
  });
  assert.deepEqual(tags({ type: 'RateLimiting' as never, param: 2.5 }), {
    'sampler.type': 'ratelimiting',
    'sampler.param': 2.5,
  });
});

test('variables set what the code leaves out', async (t) => {
  const collector = await startCollector(t);
  setEnvironment(t, {
    JAEGER_SERVICE_NAME: 'from-env',
    JAEGER_SAMPLER_TYPE: 'const',
    JAEGER_SAMPLER_PARAM: '1',
    JAEGER_AGENT_HOST: collector.host,
    JAEGER_AGENT_PORT: String(collector.port),
    JAEGER_REPORTER_FLUSH_INTERVAL: '5',
    JAEGER_REPORTER_LOG_SPANS: 'TRUE',
    JAEGER_TRACEID_128BIT: '1',
    JAEGER_PROPAGATION: 'w3c',
    JAEGER_TAGS: 'region=eu',
  });
  const logger = new RecordedLog();
  const tracer = initTracer(undefined, { logger });
  t.after(() => tracer.close());
  const sent = tracer.startSpan('charge');
  sent.finish();

  const [span] = await collector.received(1);
  assert.equal(span?.serviceName, 'from-env');
  assert.deepEqual(span?.tags, { 'sampler.type': 'const', 'sampler.param': true });
  assert.equal(span?.processTags.region, 'eu');
  assert.equal(span?.traceId.length, 32);
  assert.deepEqual(logger.infos, [`Reporting span ${sent} from-env.charge`]);
  const carrier = {};
  tracer.inject(sent, 'text_map', carrier);
  assert.deepEqual(Object.keys(carrier), ['traceparent']);
});

test('port 6832 of an agent is sent Thrift binary, which it takes there', async (t) => {
  setEnvironment(t);
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  // An address on which nobody else listens.
  socket.bind(6832, '127.68.32.1');
  await once(socket, 'listening');
  const reporter = { agentHost: '127.68.32.1', agentPort: 6832 };
  const tracer = initTracer({ serviceName: 'orders', sampler: always, reporter });
  t.after(() => tracer.close());
  tracer.startSpan('charge').finish();
  const [[packet]] = await Promise.all([once(socket, 'message'), tracer.flush()]);
  const [span] = decodeEmitBatch(packet).spans;
  assert.deepEqual([packet.toString('hex', 0, 4), span?.operationName], ['80010004', 'charge']);
});

test('what the code says wins over the variables, key by key', async (t) => {
  const collector = await startCollector(t);
  setEnvironment(t, {
    JAEGER_SERVICE_NAME: 'from-env',
    JAEGER_SAMPLER_TYPE: 'probabilistic',
    JAEGER_SAMPLER_PARAM: '1',
    JAEGER_AGENT_HOST: collector.host,
    JAEGER_AGENT_PORT: String(await unusedPort()),
    JAEGER_REPORTER_LOG_SPANS: 'true',
    JAEGER_TRACEID_128BIT: 'true',
    JAEGER_PROPAGATION: 'w3c',
  });
  const logger = new RecordedLog();
  const config: TracingConfig = {
    serviceName: 'from-code',
    sampler: { type: 'const' },
    reporter: { agentPort: collector.port, logSpans: false },
    traceId128bit: false,
    propagation: ['jaeger'],
  };
  const tracer = initTracer(config, { logger });
  t.after(() => tracer.close());
  const sent = tracer.startSpan('charge');
  sent.finish();
  await tracer.flush();

  const [span] = await collector.received(1);
  assert.equal(span?.serviceName, 'from-code');
  assert.deepEqual(span?.tags, { 'sampler.type': 'const', 'sampler.param': true });
  assert.equal(span?.traceId.length, 16);
  assert.deepEqual(logger.infos, []);
  const carrier = {};
  tracer.inject(sent, 'text_map', carrier);
  assert.deepEqual(Object.keys(carrier), ['uber-trace-id']);
});

test('OTEL_SERVICE_NAME names the service where nothing of Jaeger does', (t) => {
  setEnvironment(t, { OTEL_SERVICE_NAME: 'from-otel' });
  assert.equal(init(t, undefined).tracer.serviceName, 'from-otel');
  setEnvironment(t, { OTEL_SERVICE_NAME: 'from-otel', JAEGER_SERVICE_NAME: 'from-jaeger' });
  assert.equal(init(t, undefined).tracer.serviceName, 'from-jaeger');
  assert.equal(init(t, { serviceName: 'from-code' }).tracer.serviceName, 'from-code');
});

test('an empty variable counts as one that is not set', (t) => {
  setEnvironment(t, { JAEGER_AGENT_PORT: '', JAEGER_SAMPLER_TYPE: '', JAEGER_TAGS: '' });
  assert.deepEqual(samplerTags(t, { serviceName: 'orders' }), {
    'sampler.type': 'ratelimiting',
    'sampler.param': 100,
  });
});

test("a port that Kubernetes sets for a service called jaeger-agent is nobody's choice", (t) => {
  setEnvironment(t, { JAEGER_AGENT_PORT: 'tcp://10.3.240.7:5775' });
  const tracer = initTracer({ serviceName: 'orders' });
  t.after(() => tracer.close());
  assert.deepEqual(tracer.describe().settings['reporter.agentPort'], {
    value: 6831,
    from: 'default',
  });
});

test('JAEGER_TAGS takes values with equals signs, and variables with defaults', (t) => {
  setEnvironment(t, {
    JAEGER_TAGS:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of this variable
      ' region = eu ,query=a=b,zone=${SPOOR_TEST_ZONE:none},rack=${SPOOR_TEST_RACK:r:1},gone=${SPOOR_TEST_GONE},empty=,,',
    SPOOR_TEST_ZONE: 'a1',
  });
  assert.deepEqual(processTags(init(t, { serviceName: 'orders' }).tracer), {
    region: 'eu',
    query: 'a=b',
    zone: 'a1',
    rack: 'r:1',
    empty: '',
  });
});

test('process tags add up: options win over the configuration, that over JAEGER_TAGS', (t) => {
  setEnvironment(t, { JAEGER_TAGS: 'a=env,b=env,c=env' });
  const config = { serviceName: 'orders', tags: { b: 'config', c: 'config', d: 4 } };
  const { tracer } = init(t, config, { tags: { c: 'options', e: true } });
  assert.deepEqual(processTags(tracer), { a: 'env', b: 'config', c: 'options', d: 4, e: true });
});

test('limits hold for spans and process tags', (t) => {
  setEnvironment(t);
  const limits = { maxTagValueLength: 4, maxTracebackLength: 6, maxTagsPerSpan: 3 };
  const { tracer, reporter } = init(t, {
    serviceName: 'orders',
    sampler: { type: 'probabilistic', param: 1 },
    tags: { region: 'eu-west' },
    limits: { ...limits, maxLogsPerSpan: 2 },
  });
  const span = tracer.startSpan('charge').setTag('text', '12345678').setTag('a', 1);
  span.log({ event: 'first' }).log({ stack: '12345678' }).log({ event: 'last' }).finish();
  assert.deepEqual(processTags(tracer), { region: 'eu-w' });
  const { tags, logs } = reporter.spans[0]!;
  assert.deepEqual(tags, {
    'sampler.type': 'probabilistic',
    'sampler.param': 1,
    text: '1234',
    'spoor.cut_values': 3,
    'spoor.dropped_tags': 1,
  });
  assert.deepEqual(
    logs.map(({ fields }) => fields.event),
    ['dropped Span logs', 'last'],
  );
});

test('by default a span of plain text fits into a packet, however large that is', async (t) => {
  setEnvironment(t);
  const collector = await startCollector(t);
  const reporter = { agentHost: collector.host, agentPort: collector.port };
  const config = { serviceName: 'orders', sampler: always };
  for (const [index, [maxPacketSize, kept]] of (
    [
      [undefined, 57],
      [9000, 7],
    ] as const
  ).entries()) {
    const tracer = initTracer({ ...config, reporter: { ...reporter, maxPacketSize } });
    t.after(() => tracer.close());
    const span = tracer.startSpan('charge');
    for (let i = 0; i < 100; i++) span.setTag(`key ${i}`, 'x'.repeat(1000));
    span.finish();
    await tracer.flush();
    const sent = (await collector.received(index + 1)).at(-1);
    assert.equal(sent?.tags['spoor.dropped_tags'], 100 - kept);
  }
});

test('shareRpcSpan is a setting and an option, of which the option wins', (t) => {
  setEnvironment(t);
  const isShared = (config: TracingConfig, options: InitOptions = {}): boolean => {
    const { tracer } = init(t, { serviceName: 'orders', sampler: always, ...config }, options);
    const client = tracer.startSpan('client');
    const server = { childOf: client, tags: { 'span.kind': 'server' } };
    return tracer.startSpan('server', server).context().toSpanId() === client.context().toSpanId();
  };
  assert.deepEqual(
    [
      isShared({}),
      isShared({ shareRpcSpan: true }),
      isShared({}, { shareRpcSpan: true }),
      isShared({ shareRpcSpan: true }, { shareRpcSpan: false }),
    ],
    [false, true, true, false],
  );
});

test('objects in the options replace what the configuration would make', (t) => {
  setEnvironment(t);
  const config = {
    serviceName: 'orders',
    sampler: always,
    traceId128bit: false,
  };
  const options = { sampler: new ConstSampler(false), traceId128bit: true };
  const { tracer, reporter } = init(t, config, options);
  const span = tracer.startSpan('a');
  span.finish();
  assert.deepEqual(reporter.spans, []);
  assert.equal(span.context().toTraceId().length, 32);
});

test('a disabled tracer takes every call, keeps nothing, reads and writes no header', async (t) => {
  for (const value of ['true', 'TRUE', '1']) {
    setEnvironment(t, { JAEGER_DISABLED: value });
    const { tracer, reporter } = init(t, { sampler: always });
    const parent = tracer.extract('http_headers', { 'uber-trace-id': '1:2:0:1' });
    const span = tracer.startSpan('charge', { childOf: parent }).setTag('a', 1);
    span.setBaggageItem('b', 'c');
    const carrier = {};
    tracer.inject(span, 'http_headers', carrier);
    span.finish();
    assert.deepEqual([parent, carrier, span.isSampled(), reporter.spans], [null, {}, false, []]);
    await tracer.flush();
    await tracer.close();
  }
});

test('what the code says of disable wins over the variable', (t) => {
  setEnvironment(t, { JAEGER_DISABLED: 'true' });
  const { tracer } = init(t, { serviceName: 'orders', disable: false, sampler: always });
  assert.equal(tracer.startSpan('a').isSampled(), true);
  setEnvironment(t, { JAEGER_DISABLED: 'false' });
  const disabled = init(t, { serviceName: 'orders', disable: true, sampler: always }).tracer;
  assert.equal(disabled.startSpan('a').isSampled(), false);
});

test('the arguments are left as they are and can be used again', (t) => {
  setEnvironment(t, { JAEGER_TAGS: 'a=env', JAEGER_SAMPLER_PARAM: '1' });
  const config = Object.freeze({
    serviceName: 'orders',
    sampler: Object.freeze({ type: 'const' }),
    reporter: Object.freeze({ agentPort: 6831 }),
    tags: Object.freeze({ region: 'eu' }),
    propagation: Object.freeze(['jaeger']),
  }) as TracingConfig;
  const options = Object.freeze({
    tags: Object.freeze({ b: 1 }),
    reporter: new InMemoryReporter(),
  });
  for (const _ of [1, 2]) init(t, config, options);
});
