import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type TestContext, test } from 'node:test';
import { initTracer, NullReporter, type TracerDescription, type TracingConfig } from '@spoor/core';
import { options } from '@spoor/core/internal';
import { listen } from '@spoor/testing';
import { RecordedLog, setEnvironment } from './helpers.js';

/** What a tracer that is made with these variables says of itself, and what it has logged. */
function describe(
  t: TestContext,
  variables: Record<string, string>,
  config: TracingConfig = {},
): TracerDescription & { errors: string[]; values: Record<string, unknown> } {
  setEnvironment(t, { JAEGER_SERVICE_NAME: 'orders', ...variables });
  const logger = new RecordedLog();
  const tracer = initTracer(config, { logger });
  t.after(() => tracer.close());
  const description = tracer.describe();
  const written = Object.entries(description.settings).filter(([, { from }]) => from !== 'default');
  return {
    ...description,
    errors: logger.errors,
    values: Object.fromEntries(written.map(([path, { value, from }]) => [path, [value, from]])),
  };
}

test('each variable of Jaeger sets its option', (t) => {
  const variables = {
    JAEGER_SERVICE_NAME: 'orders',
    JAEGER_DISABLED: 'F',
    JAEGER_TRACEID_128BIT: 't',
    JAEGER_RPC_METRICS: 'False',
    JAEGER_PROPAGATION: 'W3C,jaeger',
    JAEGER_TAGS: 'region=eu',
    JAEGER_SAMPLER_TYPE: 'probabilistic',
    JAEGER_SAMPLER_PARAM: '0.5',
    JAEGER_SAMPLING_ENDPOINT: 'http://127.0.0.1:1/sampling',
    JAEGER_SAMPLER_MANAGER_HOST_PORT: '127.0.0.1:1',
    JAEGER_SAMPLER_SAMPLING_PATH: '/strategies',
    JAEGER_SAMPLER_REFRESH_INTERVAL: '1m',
    JAEGER_SAMPLER_MAX_OPERATIONS: '50',
    JAEGER_REPORTER_LOG_SPANS: 'false',
    JAEGER_AGENT_HOST: '127.0.0.1',
    JAEGER_AGENT_PORT: '7000',
    JAEGER_AGENT_SOCKET_TYPE: 'udp4',
    JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL: '1m30s',
    JAEGER_REPORTER_ATTEMPT_RECONNECTING_DISABLED: 'true',
    JAEGER_ENDPOINT: 'http://127.0.0.1:1/api/traces',
    JAEGER_REPORTER_PROTOCOL: 'Thrift',
    JAEGER_USER: 'someone',
    JAEGER_PASSWORD: 'password1',
    JAEGER_AUTH_TOKEN: 'token1',
    JAEGER_REPORTER_TIMEOUT: '2s',
    JAEGER_REPORTER_FLUSH_INTERVAL: '500ms',
    JAEGER_REPORTER_MAX_QUEUE_SIZE: '1000',
    JAEGER_REPORTER_MAX_QUEUE_BYTES: '70000',
    JAEGER_REPORTER_MAX_PACKET_SIZE: '9000',
    JAEGER_REPORTER_MAX_BATCH_SPANS: '100',
    JAEGER_REPORTER_HEADERS: 'x-tenant=orders,x-note=a%2Cb',
    JAEGER_SHARE_RPC_SPAN: 'true',
    JAEGER_TRACE_CONTEXT_HEADER_NAME: 'x-trace',
    JAEGER_TRACE_BAGGAGE_HEADER_PREFIX: 'x-baggage-',
    JAEGER_DEBUG_HEADER: 'x-debug',
    JAEGER_BAGGAGE_HEADER: 'x-baggage',
    JAEGER_SAMPLER_OPERATION_NAME_LATE_BINDING: 'false',
    JAEGER_THROTTLER_HOST: '127.0.0.1',
    JAEGER_THROTTLER_PORT: '1',
    JAEGER_THROTTLER_REFRESH_INTERVAL: '10s',
    JAEGER_LIMITS_MAX_TAG_VALUE_LENGTH: '100',
    JAEGER_LIMITS_MAX_TRACEBACK_LENGTH: '200',
    JAEGER_LIMITS_MAX_TAGS_PER_SPAN: '30',
    JAEGER_LIMITS_MAX_LOGS_PER_SPAN: '40',
    JAEGER_LIMITS_MAX_SPAN_BYTES: '5000',
    JAEGER_BAGGAGE_RESTRICTIONS_HOST_PORT: '127.0.0.1:1',
    JAEGER_BAGGAGE_RESTRICTIONS_REFRESH_INTERVAL: '2m',
    JAEGER_BAGGAGE_RESTRICTIONS_DENY_BAGGAGE_ON_INITIALIZATION_FAILURE: 'true',
  };
  const { values, errors } = describe(t, variables);
  assert.deepEqual(values, {
    serviceName: ['orders', 'JAEGER_SERVICE_NAME'],
    disable: [false, 'JAEGER_DISABLED'],
    traceId128bit: [true, 'JAEGER_TRACEID_128BIT'],
    rpcMetrics: [false, 'JAEGER_RPC_METRICS'],
    propagation: [{ extract: ['w3c', 'jaeger'], inject: ['w3c', 'jaeger'] }, 'JAEGER_PROPAGATION'],
    'tags.region': ['eu', 'JAEGER_TAGS'],
    'sampler.type': ['probabilistic', 'JAEGER_SAMPLER_TYPE'],
    'sampler.param': [0.5, 'JAEGER_SAMPLER_PARAM'],
    'sampler.samplingServerURL': ['http://127.0.0.1:1/sampling', 'JAEGER_SAMPLING_ENDPOINT'],
    'sampler.hostPort': ['127.0.0.1:1', 'JAEGER_SAMPLER_MANAGER_HOST_PORT'],
    'sampler.samplingPath': ['/strategies', 'JAEGER_SAMPLER_SAMPLING_PATH'],
    'sampler.refreshIntervalMs': [60_000, 'JAEGER_SAMPLER_REFRESH_INTERVAL'],
    'sampler.maxOperations': [50, 'JAEGER_SAMPLER_MAX_OPERATIONS'],
    'reporter.logSpans': [false, 'JAEGER_REPORTER_LOG_SPANS'],
    'reporter.agentHost': ['127.0.0.1', 'JAEGER_AGENT_HOST'],
    'reporter.agentPort': [7000, 'JAEGER_AGENT_PORT'],
    'reporter.agentSocketType': ['udp4', 'JAEGER_AGENT_SOCKET_TYPE'],
    'reporter.attemptReconnectIntervalMs': [90_000, 'JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL'],
    'reporter.disableAttemptReconnecting': [true, 'JAEGER_REPORTER_ATTEMPT_RECONNECTING_DISABLED'],
    'reporter.collectorEndpoint': ['http://127.0.0.1:1/api/traces', 'JAEGER_ENDPOINT'],
    'reporter.protocol': ['thrift', 'JAEGER_REPORTER_PROTOCOL'],
    'reporter.username': ['someone', 'JAEGER_USER'],
    'reporter.password': ['***', 'JAEGER_PASSWORD'],
    'reporter.authToken': ['***', 'JAEGER_AUTH_TOKEN'],
    'reporter.timeoutMs': [2000, 'JAEGER_REPORTER_TIMEOUT'],
    'reporter.flushIntervalMs': [500, 'JAEGER_REPORTER_FLUSH_INTERVAL'],
    'reporter.maxQueueSpans': [1000, 'JAEGER_REPORTER_MAX_QUEUE_SIZE'],
    'reporter.maxQueueBytes': [70_000, 'JAEGER_REPORTER_MAX_QUEUE_BYTES'],
    'reporter.maxPacketSize': [9000, 'JAEGER_REPORTER_MAX_PACKET_SIZE'],
    'reporter.maxBatchSpans': [100, 'JAEGER_REPORTER_MAX_BATCH_SPANS'],
    'reporter.headers': [{ 'x-tenant': '***', 'x-note': '***' }, 'JAEGER_REPORTER_HEADERS'],
    shareRpcSpan: [true, 'JAEGER_SHARE_RPC_SPAN'],
    'headers.traceContextHeaderName': ['x-trace', 'JAEGER_TRACE_CONTEXT_HEADER_NAME'],
    'headers.traceBaggageHeaderPrefix': ['x-baggage-', 'JAEGER_TRACE_BAGGAGE_HEADER_PREFIX'],
    'headers.jaegerDebugHeader': ['x-debug', 'JAEGER_DEBUG_HEADER'],
    'headers.jaegerBaggageHeader': ['x-baggage', 'JAEGER_BAGGAGE_HEADER'],
    'sampler.operationNameLateBinding': [false, 'JAEGER_SAMPLER_OPERATION_NAME_LATE_BINDING'],
    'throttler.host': ['127.0.0.1', 'JAEGER_THROTTLER_HOST'],
    'throttler.port': [1, 'JAEGER_THROTTLER_PORT'],
    'throttler.refreshIntervalMs': [10_000, 'JAEGER_THROTTLER_REFRESH_INTERVAL'],
    'limits.maxTagValueLength': [100, 'JAEGER_LIMITS_MAX_TAG_VALUE_LENGTH'],
    'limits.maxTracebackLength': [200, 'JAEGER_LIMITS_MAX_TRACEBACK_LENGTH'],
    'limits.maxTagsPerSpan': [30, 'JAEGER_LIMITS_MAX_TAGS_PER_SPAN'],
    'limits.maxLogsPerSpan': [40, 'JAEGER_LIMITS_MAX_LOGS_PER_SPAN'],
    'limits.maxSpanBytes': [5000, 'JAEGER_LIMITS_MAX_SPAN_BYTES'],
    'baggageRestrictions.hostPort': ['127.0.0.1:1', 'JAEGER_BAGGAGE_RESTRICTIONS_HOST_PORT'],
    'baggageRestrictions.refreshIntervalMs': [
      120_000,
      'JAEGER_BAGGAGE_RESTRICTIONS_REFRESH_INTERVAL',
    ],
    'baggageRestrictions.denyBaggageOnInitializationFailure': [
      true,
      'JAEGER_BAGGAGE_RESTRICTIONS_DENY_BAGGAGE_ON_INITIALIZATION_FAILURE',
    ],
  });
  assert.deepEqual(errors, []);
});

test('every option has a variable', () => {
  const without = Object.values(options).filter(
    ({ variable, oldVariables }) => variable === undefined && oldVariables.length === 0,
  );
  assert.deepEqual(without, []);
});

test('a variable of the throttler or of the baggage restrictions asks for them, as their object does', (t) => {
  const isForced = (variables: Record<string, string>): boolean => {
    setEnvironment(t, { JAEGER_SERVICE_NAME: 'orders', ...variables });
    const tracer = initTracer();
    t.after(() => tracer.close());
    const span = tracer.startSpan('a').setTag('sampling.priority', 1);
    span.setBaggageItem('tenant', 'a');
    return span.context().isDebug() && span.getBaggageItem('tenant') === 'a';
  };
  assert.equal(isForced({}), true);
  // Nobody gives credits there.
  assert.equal(isForced({ JAEGER_THROTTLER_PORT: '1' }), false);
  const name = 'JAEGER_BAGGAGE_RESTRICTIONS_DENY_BAGGAGE_ON_INITIALIZATION_FAILURE';
  assert.equal(isForced({ [name]: 'true' }), false);
});

test('JAEGER_REPORTER_HEADERS is a list, and no message shows what is in it', async (t) => {
  const requests: IncomingHttpHeaders[] = [];
  const server = createServer((req, res) => {
    requests.push(req.headers);
    res.writeHead(202).end();
  });
  setEnvironment(t, {
    JAEGER_SERVICE_NAME: 'orders',
    JAEGER_SAMPLER_TYPE: 'const',
    JAEGER_SAMPLER_PARAM: '1',
    JAEGER_ENDPOINT: await listen(t, server),
    JAEGER_REPORTER_HEADERS: ' x-tenant = orders ,, x-note=a%2Cb%3D=',
  });
  const tracer = initTracer();
  tracer.startSpan('a').finish();
  await tracer.close();
  assert.deepEqual([requests[0]!['x-tenant'], requests[0]!['x-note']], ['orders', 'a,b==']);
  process.env.JAEGER_REPORTER_HEADERS = 'x tenant=secret';
  assert.throws(() => initTracer(), {
    message:
      'JAEGER_REPORTER_HEADERS: "x tenant" or its value cannot be sent. Write x-tenant=orders.',
  });
  for (const secret of ['secret', '=secret', 'x-tenant=%secret', 'x-a=b,secret']) {
    process.env.JAEGER_REPORTER_HEADERS = secret;
    assert.throws(() => initTracer(), {
      code: 'SPOOR_CONFIG',
      message:
        'JAEGER_REPORTER_HEADERS: an entry cannot be read. Write key=value,key=value, with %2C for a comma and %25 for a percent sign.',
    });
  }
});

test('a deprecated name works, and one line each says which name is right', (t) => {
  const { values, errors } = describe(t, {
    JAEGER_DISABLE: 'false',
    JAEGER_REPORTER_AGENT_HOST: 'old.example',
    JAEGER_REPORTER_AGENT_PORT: '7000',
    JAEGER_REPORTER_ENDPOINT: 'http://127.0.0.1:1/api/traces',
    JAEGER_REPORTER_USER: 'someone',
    JAEGER_REPORTER_PASSWORD: 'password1',
    JAEGER_SAMPLER_HOST: '127.0.0.1',
    JAEGER_SAMPLER_PORT: '1',
  });
  assert.deepEqual(values, {
    serviceName: ['orders', 'JAEGER_SERVICE_NAME'],
    disable: [false, 'JAEGER_DISABLE'],
    'sampler.host': ['127.0.0.1', 'JAEGER_SAMPLER_HOST'],
    'sampler.port': [1, 'JAEGER_SAMPLER_PORT'],
    'reporter.agentHost': ['old.example', 'JAEGER_REPORTER_AGENT_HOST'],
    'reporter.agentPort': [7000, 'JAEGER_REPORTER_AGENT_PORT'],
    'reporter.collectorEndpoint': ['http://127.0.0.1:1/api/traces', 'JAEGER_REPORTER_ENDPOINT'],
    'reporter.username': ['someone', 'JAEGER_REPORTER_USER'],
    'reporter.password': ['***', 'JAEGER_REPORTER_PASSWORD'],
  });
  assert.deepEqual(errors, [
    'spoor: JAEGER_DISABLE: is deprecated. Write JAEGER_DISABLED.',
    'spoor: JAEGER_SAMPLER_HOST: is deprecated. Write JAEGER_SAMPLER_MANAGER_HOST_PORT.',
    'spoor: JAEGER_SAMPLER_PORT: is deprecated. Write JAEGER_SAMPLER_MANAGER_HOST_PORT.',
    'spoor: JAEGER_REPORTER_AGENT_HOST: is deprecated. Write JAEGER_AGENT_HOST.',
    'spoor: JAEGER_REPORTER_AGENT_PORT: is deprecated. Write JAEGER_AGENT_PORT.',
    'spoor: JAEGER_REPORTER_ENDPOINT: is deprecated. Write JAEGER_ENDPOINT.',
    'spoor: JAEGER_REPORTER_USER: is deprecated. Write JAEGER_USER.',
    'spoor: JAEGER_REPORTER_PASSWORD: is deprecated. Write JAEGER_PASSWORD.',
  ]);
});

test('a variable with a typing error is named with the one that was meant, others of Jaeger are let be', (t) => {
  const { errors } = describe(t, {
    JAEGER_SAMPLR_TYPE: 'const',
    JAEGER_AGENT_HOSTS: 'agent',
    JAEGER_SERVICE_HOST: '10.3.240.7',
    JAEGER_SERVICE_PORT: '16686',
    JAEGER_AGENT_SERVICE_PORT: '5775',
    JAEGER_AGENT_PORT_6831_UDP_PORT: '6831',
    JAEGER_QUERY_PORT: 'tcp://10.3.240.7:16686',
    JAEGER_ADMIN_PORT: '14269',
    JAEGER_SENDER_FACTORY: 'http',
  });
  assert.deepEqual(errors, [
    'spoor: JAEGER_SAMPLR_TYPE: unknown variable. Did you mean JAEGER_SAMPLER_TYPE?',
    'spoor: JAEGER_AGENT_HOSTS: unknown variable. Did you mean JAEGER_AGENT_HOST?',
  ]);
});

test('the new name of a variable wins over its old one', (t) => {
  const { values } = describe(t, {
    JAEGER_AGENT_HOST: 'new.example',
    JAEGER_REPORTER_AGENT_HOST: 'old.example',
  });
  assert.deepEqual(values['reporter.agentHost'], ['new.example', 'JAEGER_AGENT_HOST']);
});

test('an entry of JAEGER_TAGS that cannot be read is left out, and named', (t) => {
  const { values, errors } = describe(t, { JAEGER_TAGS: 'region=eu, novalue ,=x, zone=a1' });
  assert.deepEqual(values, {
    serviceName: ['orders', 'JAEGER_SERVICE_NAME'],
    'tags.region': ['eu', 'JAEGER_TAGS'],
    'tags.zone': ['a1', 'JAEGER_TAGS'],
  });
  assert.deepEqual(errors, [
    'spoor: JAEGER_TAGS: the entry "novalue" has no "=" and is left out. Write key=value,key=value.',
    'spoor: JAEGER_TAGS: the entry "=x" has no key and is left out. Write key=value,key=value.',
  ]);
});

test("OpenTelemetry's resource names the service and gives process tags where Jaeger's variables do not", (t) => {
  const OTEL_RESOURCE_ATTRIBUTES =
    'service.name=from%20attributes,team=a%2Cb,region=us,broken,bad=%zz,query=a=b';
  const first = describe(t, {
    JAEGER_SERVICE_NAME: '',
    JAEGER_TAGS: 'region=eu',
    OTEL_RESOURCE_ATTRIBUTES,
  });
  assert.deepEqual(first.values, {
    serviceName: ['from attributes', 'OTEL_RESOURCE_ATTRIBUTES'],
    'tags.team': ['a,b', 'OTEL_RESOURCE_ATTRIBUTES'],
    'tags.region': ['eu', 'JAEGER_TAGS'],
    'tags.query': ['a=b', 'OTEL_RESOURCE_ATTRIBUTES'],
  });
  assert.deepEqual(first.errors, [
    'spoor: OTEL_RESOURCE_ATTRIBUTES: the entry "broken" is left out. Write key=value, with %2C for a comma.',
    'spoor: OTEL_RESOURCE_ATTRIBUTES: the entry "bad=%zz" is left out. Write key=value, with %2C for a comma.',
  ]);
  const OTEL_SERVICE_NAME = 'from-name';
  const named = { JAEGER_SERVICE_NAME: '', OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES };
  assert.equal(describe(t, named).serviceName, 'from-name');
  assert.equal(describe(t, { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES }).serviceName, 'orders');
});

test('OTEL_PROPAGATORS that cannot be meant are left out with a warning', (t) => {
  for (const [names, message] of [
    ['tracecontex', 'unknown propagator "tracecontex". Did you mean "tracecontext"?'],
    [
      'jaeger,xray',
      'unknown propagator "xray". Write "tracecontext" or "baggage" or "b3" or "b3multi" or "jaeger" or "none".',
    ],
  ] as const) {
    const { settings, errors } = describe(t, { OTEL_PROPAGATORS: names });
    assert.equal(settings.propagation?.from, 'default');
    assert.deepEqual(errors, [`spoor: OTEL_PROPAGATORS: ${message} It is ignored.`]);
  }
  const { settings } = describe(t, { OTEL_PROPAGATORS: 'b3,none' });
  assert.deepEqual(settings.propagation, {
    value: { extract: ['b3single'], inject: ['b3single'] },
    from: 'OTEL_PROPAGATORS',
  });
});

test("each of OpenTelemetry's samplers is the one of Jaeger that decides alike", (t) => {
  const table: [Record<string, string>, string][] = [
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, 'ConstSampler(always)'],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_on' }, 'ConstSampler(always)'],
    [{ OTEL_TRACES_SAMPLER: 'Always_Off' }, 'ConstSampler(never)'],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 'ConstSampler(never)'],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, 'ProbabilisticSampler(samplingRate=1)'],
    [
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
      'ProbabilisticSampler(samplingRate=0.25)',
    ],
  ];
  for (const [variables, sampler] of table) {
    const { sampler: made, errors } = describe(t, variables);
    assert.deepEqual([made, errors], [sampler, []]);
  }
});

test("OpenTelemetry's jaeger_remote is the remote sampler", (t) => {
  const { values, errors } = describe(t, {
    OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote',
    OTEL_TRACES_SAMPLER_ARG:
      'endpoint=http://127.0.0.1:1, pollingIntervalMs=5000,initialSamplingRate=0.25,other=1',
  });
  assert.deepEqual(values, {
    serviceName: ['orders', 'JAEGER_SERVICE_NAME'],
    'sampler.type': ['remote', 'OTEL_TRACES_SAMPLER'],
    'sampler.param': [0.25, 'OTEL_TRACES_SAMPLER_ARG'],
    'sampler.samplingServerURL': ['http://127.0.0.1:1/sampling', 'OTEL_TRACES_SAMPLER_ARG'],
    'sampler.refreshIntervalMs': [5000, 'OTEL_TRACES_SAMPLER_ARG'],
  });
  assert.deepEqual(errors, [
    'spoor: OTEL_TRACES_SAMPLER_ARG: the entry "other=1" is left out. Write endpoint=http://localhost:5778/sampling,pollingIntervalMs=60000,initialSamplingRate=0.1.',
  ]);
});

test("a sampler of OpenTelemetry's that cannot be meant is left out with a warning", (t) => {
  const table: [Record<string, string>, RegExp][] = [
    [
      { OTEL_TRACES_SAMPLER: 'traceidratoi' },
      /OTEL_TRACES_SAMPLER: unknown sampler "traceidratoi", ignored\. Did you mean traceidratio\?$/,
    ],
    [
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '25%' },
      /OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1, got "25%"; every trace is kept\./,
    ],
  ];
  for (const [variables, message] of table) {
    const { errors } = describe(t, variables);
    assert.equal(errors.length, 1);
    assert.match(errors[0]!, message);
  }
});

test("what is said of a sampler for Jaeger wins over all that is said for OpenTelemetry's", (t) => {
  const otel = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' };
  const jaeger = { JAEGER_SAMPLER_TYPE: 'const', JAEGER_SAMPLER_PARAM: '1' };
  assert.equal(describe(t, { ...otel, ...jaeger }).sampler, 'ConstSampler(always)');
  const inCode = { sampler: { type: 'ratelimiting', param: 2 } } as const;
  assert.equal(describe(t, otel, inCode).sampler, 'RateLimitingSampler(maxTracesPerSecond=2)');
});

test('OTEL_SDK_DISABLED gives a tracer that does nothing, for true alone', (t) => {
  assert.equal(describe(t, { OTEL_SDK_DISABLED: 'TRUE' }).reporter, 'NullReporter');
  assert.notEqual(describe(t, { OTEL_SDK_DISABLED: '1' }).reporter, 'NullReporter');
  const both = { OTEL_SDK_DISABLED: 'true', JAEGER_DISABLED: 'false' };
  assert.notEqual(describe(t, both).reporter, 'NullReporter');
});

const otlp = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example:4318' };

test('who asks for OTLP by a variable of OpenTelemetry, and has no package for it, is told where spans go instead', (t) => {
  const { errors, values } = describe(t, otlp);
  assert.deepEqual(errors, [
    'spoor: OTEL_EXPORTER_OTLP_ENDPOINT: asks for OTLP, which is a package of its own; spans go to the Jaeger agent at localhost:6831. Run npm install @spoor/otlp, or set JAEGER_AGENT_HOST, or JAEGER_ENDPOINT for a collector, to say where.',
  ]);
  assert.deepEqual(Object.keys(values), ['serviceName']);
});

test('who says for Jaeger where spans go, and who makes a reporter, hears nothing of OTLP', (t) => {
  for (const said of [{ JAEGER_AGENT_HOST: 'localhost' }, { JAEGER_AGENT_PORT: '6831' }]) {
    assert.deepEqual(describe(t, { ...otlp, ...said }).errors, []);
  }
  const inCode = { reporter: { collectorEndpoint: 'http://127.0.0.1:1/api/traces' } };
  assert.deepEqual(describe(t, otlp, inCode).errors, []);
  setEnvironment(t, { JAEGER_SERVICE_NAME: 'orders', ...otlp });
  const logger = new RecordedLog();
  const tracer = initTracer({}, { logger, reporter: new NullReporter() });
  t.after(() => tracer.close());
  assert.deepEqual(logger.errors, []);
});

test('who asks for OTLP otherwise, and has no package for it, is refused with its name', (t) => {
  for (const [variables, config, message] of [
    [
      { JAEGER_ENDPOINT: 'http://127.0.0.1:1/v1/traces' },
      {},
      'JAEGER_ENDPOINT: asks for OTLP, which is a package of its own. Run npm install @spoor/otlp; in a bundle, hand over a reporter of it: initTracer(config, { reporter: otlpReporter() }).',
    ],
    [
      {},
      { reporter: { collectorEndpoint: 'http://127.0.0.1:1/otlp', protocol: 'otlp' } },
      'reporter.protocol: asks for OTLP, which is a package of its own. Run npm install @spoor/otlp; in a bundle, hand over a reporter of it: initTracer(config, { reporter: otlpReporter() }).',
    ],
    [
      { JAEGER_REPORTER_PROTOCOL: 'otlp' },
      {},
      'JAEGER_REPORTER_PROTOCOL: otlp means nothing without reporter.collectorEndpoint. Write http://localhost:4318/v1/traces into that.',
    ],
    [
      { JAEGER_REPORTER_PROTOCOL: 'oltp' },
      {},
      'JAEGER_REPORTER_PROTOCOL: unknown protocol "oltp". Did you mean "otlp"?',
    ],
  ] as const) {
    assert.throws(() => describe(t, variables, config), { code: 'SPOOR_CONFIG', message });
  }
});
