import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConstSampler,
  DefaultBaggageRestrictions,
  DefaultThrottler,
  InMemoryReporter,
  initTracer,
  PrioritySampler,
  SpoorError,
} from '@spoor/core';
import { setEnvironment } from './helpers.js';

/** The message with which a configuration is refused. */
function refusal(config: unknown, options?: unknown): string {
  try {
    initTracer(config as never, options as never);
  } catch (error) {
    assert.ok(error instanceof SpoorError);
    assert.deepEqual([error.name, error.code], ['SpoorError', 'SPOOR_CONFIG']);
    return error.message;
  }
  assert.fail('the configuration was accepted');
}

/** What `orders` with these settings is refused for. */
function refusals(table: [Record<string, unknown>, string][]): void {
  for (const [config, message] of table) {
    assert.equal(refusal({ serviceName: 'orders', ...config }), message);
  }
}

test('a configuration without a service name is refused', (t) => {
  setEnvironment(t);
  const missing =
    "serviceName: is missing. Write initTracer({ serviceName: 'orders' }) or set JAEGER_SERVICE_NAME.";
  assert.equal(refusal(undefined), missing);
  assert.equal(refusal({}), missing);
  assert.equal(refusal({ serviceName: undefined }), missing);
  for (const [name, shown] of [
    ['', '""'],
    ['\t', '"\\t"'],
    [5, '5'],
    [null, 'null'],
  ]) {
    assert.equal(
      refusal({ serviceName: name }),
      `serviceName: expected a text, got ${shown}. Write a text that is not empty.`,
    );
  }
});

test('what is no object is refused', (t) => {
  setEnvironment(t);
  for (const [config, shown] of [
    ['orders', '"orders"'],
    [null, 'null'],
    [7, '7'],
    [[], '[]'],
  ]) {
    assert.equal(
      refusal(config),
      `initTracer: expected a configuration object, got ${shown}. Write initTracer({ serviceName: 'orders' }).`,
    );
  }
  refusals([
    [
      { sampler: 'const' },
      'sampler: expected an object, got "const". Write { type, param, samplingServerURL, hostPort, host, port, samplingPath, refreshIntervalMs, maxOperations, operationNameLateBinding }.',
    ],
    [
      { sampler: null },
      'sampler: expected an object, got null. Write { type, param, samplingServerURL, hostPort, host, port, samplingPath, refreshIntervalMs, maxOperations, operationNameLateBinding }.',
    ],
    [
      { reporter: [] },
      'reporter: expected an object, got []. Write { logSpans, agentHost, agentPort, agentSocketType, attemptReconnectIntervalMs, disableAttemptReconnecting, collectorEndpoint, protocol, username, password, authToken, headers, timeoutMs, flushIntervalMs, maxPacketSize, maxBatchSpans, maxQueueBytes, maxQueueSpans }.',
    ],
    [
      { limits: 5 },
      'limits: expected an object, got 5. Write { maxTagValueLength, maxTracebackLength, maxTagsPerSpan, maxLogsPerSpan, maxSpanBytes }.',
    ],
    [{ tags: 'a' }, 'tags: expected an object, got "a". Write { region: \'eu\' }.'],
    [{ tags: [1] }, "tags: expected an object, got [ 1 ]. Write { region: 'eu' }."],
  ]);
});

test('an unknown key is refused with the nearest known one', (t) => {
  setEnvironment(t);
  refusals([
    [{ samplr: {} }, 'samplr: unknown option. Did you mean sampler?'],
    [{ servicename: 'a' }, 'servicename: unknown option. Did you mean serviceName?'],
    [
      { reporter: { flushInterval: 1 } },
      'reporter.flushInterval: unknown option. Did you mean reporter.flushIntervalMs?',
    ],
    [
      { reporter: { 'agent-host': 'a' } },
      'reporter.agent-host: unknown option. Did you mean reporter.agentHost?',
    ],
    [
      { somethingElse: 1 },
      'somethingElse: unknown option. Write one of serviceName, disable, tags, propagation, traceId128bit, shareRpcSpan, rpcMetrics, headers, sampler, throttler, limits, baggageRestrictions, reporter.',
    ],
    [
      { sampler: { x: 1 } },
      'sampler.x: unknown option. Write one of type, param, samplingServerURL, hostPort, host, port, samplingPath, refreshIntervalMs, maxOperations, operationNameLateBinding.',
    ],
  ]);
});

test('a known key at the wrong place is refused with the right place', (t) => {
  setEnvironment(t);
  refusals([
    [{ agentHost: 'a' }, 'agentHost: unknown option. Did you mean reporter.agentHost?'],
    [
      { maxTagValueLength: 1 },
      'maxTagValueLength: unknown option. Did you mean limits.maxTagValueLength?',
    ],
    [{ param: 1 }, 'param: unknown option. Did you mean sampler.param?'],
    [{ sampler: { tags: {} } }, 'sampler.tags: unknown option. Did you mean tags?'],
    [
      { reporter: { traceId128bit: true } },
      'reporter.traceId128bit: unknown option. Did you mean traceId128bit?',
    ],
  ]);
});

test('a sampler that cannot be meant is refused', (t) => {
  setEnvironment(t);
  const words = 'Write "const" or "probabilistic" or "ratelimiting" or "remote".';
  refusals([
    [
      { sampler: { type: 'probablistic', param: 1 } },
      'sampler.type: unknown sampler "probablistic". Did you mean "probabilistic"?',
    ],
    [
      { sampler: { type: 'remote', param: 2 } },
      'sampler.param: expected a number from 0 to 1, got 2. Write 0.1 to keep one trace in ten.',
    ],
    [{ sampler: { type: 5 } }, `sampler.type: unknown sampler 5. ${words}`],
    [
      { sampler: { type: 'probabilistic', param: 2 } },
      'sampler.param: expected a number from 0 to 1, got 2. Write 0.1 to keep one trace in ten.',
    ],
    [
      { sampler: { type: 'probabilistic' } },
      "sampler.param: is missing. Write sampler: { type: 'probabilistic', param: 1 }.",
    ],
    [
      { sampler: { type: 'ratelimiting', param: -1 } },
      'sampler.param: expected traces per second as a number of 0 or more, got -1. Write 100 to keep up to 100 new traces a second.',
    ],
    [
      { sampler: { type: 'const', param: 0.5 } },
      'sampler.param: expected 1 (every trace) or 0 (none), got 0.5. Write 1.',
    ],
    [
      { sampler: { type: 'const', param: '1' } },
      'sampler.param: expected a number, got "1". Write 1 or 0.1 without quotes.',
    ],
    [
      { sampler: { param: 0.5 } },
      "sampler.param: 0.5 means nothing without sampler.type. Write sampler: { type: 'probabilistic', param: 0.5 }.",
    ],
  ]);
});

test('a sampling server that cannot be meant is refused', (t) => {
  setEnvironment(t);
  const port = (path: string, shown: string): string =>
    `${path}: expected a whole number from 1 to 65535, got ${shown}. Write 5778, the port of a sampling server.`;
  refusals([
    [
      { sampler: { samplingServerURL: 'collector:5778/sampling' } },
      'sampler.samplingServerURL: "collector:5778/sampling" has no scheme. Write http://collector:5778/sampling.',
    ],
    [
      { sampler: { samplingServerURL: 'ftp://collector' } },
      'sampler.samplingServerURL: expected an http URL, got "ftp://collector". Write http://localhost:5778/sampling.',
    ],
    [
      { sampler: { hostPort: 'a b:c' } },
      'sampler.hostPort: expected a host and a port, got "a b:c". Write localhost:5778.',
    ],
    [
      { sampler: { host: 'a b' } },
      'sampler.host: expected the name or address of a machine, got "a b". Write localhost.',
    ],
    [{ sampler: { port: 0 } }, port('sampler.port', '0')],
    [{ throttler: { port: 'x' } }, port('throttler.port', '"x"')],
    [
      { sampler: { refreshIntervalMs: -1 } },
      'sampler.refreshIntervalMs: expected a whole number from 0 to 86400000, got -1. Write 60000 to ask once a minute.',
    ],
    [
      { sampler: { refreshIntervalMs: '1 minute' } },
      'sampler.refreshIntervalMs: expected a whole number from 0 to 86400000, got "1 minute". Write 60000 to ask once a minute.',
    ],
    [
      { sampler: { maxOperations: 0.5 } },
      'sampler.maxOperations: expected a whole number from 0 to 1000000, got 0.5. Write 2000.',
    ],
    [
      { sampler: { refreshInterval: 5 } },
      'sampler.refreshInterval: unknown option. Did you mean sampler.refreshIntervalMs?',
    ],
    [
      { throttler: true },
      'throttler: expected an object, got true. Write { host, port, refreshIntervalMs }.',
    ],
    [
      { throttler: new DefaultThrottler() },
      'throttler: expected settings, got DefaultThrottler {}. Write initTracer(config, { throttler }).',
    ],
    [
      { sampler: new PrioritySampler([]) },
      'sampler: expected settings, got PrioritySampler {}. Write initTracer(config, { sampler }).',
    ],
  ]);
  const table: [Record<string, string>, string][] = [
    [
      { JAEGER_SAMPLING_ENDPOINT: 'collector:5778' },
      'JAEGER_SAMPLING_ENDPOINT: "collector:5778" has no scheme. Write http://collector:5778.',
    ],
    [
      { JAEGER_SAMPLER_REFRESH_INTERVAL: 'soon' },
      'JAEGER_SAMPLER_REFRESH_INTERVAL: expected a whole number from 0 to 86400000, got "soon". Write 60000 to ask once a minute.',
    ],
  ];
  for (const [variables, message] of table) {
    setEnvironment(t, variables);
    assert.equal(refusal({ serviceName: 'orders' }), message);
  }
});

test('a value of the wrong type or range is refused', (t) => {
  setEnvironment(t);
  const port = (shown: string): string =>
    `reporter.agentPort: expected a whole number from 1 to 65535, got ${shown}. Write 6831, the port of a Jaeger agent.`;
  const flag = (path: string, shown: string): string =>
    `${path}: expected true or false, got ${shown}. Write true or false.`;
  refusals([
    [{ reporter: { agentPort: 70_000 } }, port('70000')],
    [{ reporter: { agentPort: 0 } }, port('0')],
    [{ reporter: { agentPort: 1.5 } }, port('1.5')],
    [{ reporter: { agentPort: 'x' } }, port('"x"')],
    [{ reporter: { agentPort: '' } }, port('""')],
    [{ reporter: { agentPort: '0x1AAF' } }, port('"0x1AAF"')],
    [{ reporter: { agentPort: '6831.0' } }, port('"6831.0"')],
    [{ reporter: { agentPort: '1e3' } }, port('"1e3"')],
    [{ reporter: { agentPort: null } }, port('null')],
    [{ reporter: { agentPort: [6831] } }, port('[ 6831 ]')],
    [
      { reporter: { agentHost: '' } },
      'reporter.agentHost: expected a text, got "". Write a text that is not empty.',
    ],
    [
      { reporter: { flushIntervalMs: 0 } },
      'reporter.flushIntervalMs: expected a whole number from 1 to 3600000, got 0. Write 1000 to send once a second.',
    ],
    [
      { reporter: { maxPacketSize: 65_001 } },
      'reporter.maxPacketSize: expected a whole number from 1000 to 65000, got 65001. Write 65000, what a Jaeger agent takes.',
    ],
    [
      { reporter: { maxQueueBytes: 10 } },
      'reporter.maxQueueBytes: expected a whole number from 65000 to 2147483648, got 10. Write 8388608 for eight megabytes.',
    ],
    [
      { reporter: { agentSocketType: 'udp' } },
      'reporter.agentSocketType: unknown socket type "udp". Did you mean "udp4"?',
    ],
    [
      { reporter: { collectorEndpoint: 'http://a%zz:b@collector.example' } },
      'reporter.collectorEndpoint: the credentials in the URL cannot be decoded. Write %25 for a percent sign.',
    ],
    [
      { reporter: { headers: { 'x y': 'secret' } } },
      "reporter.headers: \"x y\" or its value cannot be sent. Write { 'x-tenant': 'orders' }.",
    ],
    [
      { reporter: { headers: { 'x-tenant': 'a\r\nb' } } },
      "reporter.headers: \"x-tenant\" or its value cannot be sent. Write { 'x-tenant': 'orders' }.",
    ],
    [
      { reporter: { headers: 'a: b' } },
      "reporter.headers: expected an object, got \"a: b\". Write { 'x-tenant': 'orders' }.",
    ],
    [
      { limits: { maxTagValueLength: 0 } },
      'limits.maxTagValueLength: expected a whole number from 1 to 1000000, got 0. Write 16384.',
    ],
    [
      { limits: { maxLogsPerSpan: 'many' } },
      'limits.maxLogsPerSpan: expected a whole number from 1 to 100000, got "many". Write 1000.',
    ],
    [
      { limits: { maxSpanBytes: 10 } },
      'limits.maxSpanBytes: expected a whole number from 1000 to 16777216, got 10. Write 58500, what fits into a packet.',
    ],
    [{ shareRpcSpan: 1 }, flag('shareRpcSpan', '1')],
    [{ reporter: { logSpans: 'yes' } }, flag('reporter.logSpans', '"yes"')],
    [{ disable: 'true' }, flag('disable', '"true"')],
    [{ traceId128bit: 1 }, flag('traceId128bit', '1')],
  ]);
});

const formatAdvice =
  'Write "jaeger" or "w3c" or "b3" or "b3single" or "tracecontext" or "baggage".';

test('formats and header names that cannot be meant are refused', (t) => {
  setEnvironment(t);
  const headerName = (shown: string): string =>
    `expected the name of a header, got ${shown}. Write letters, digits and "-".`;
  refusals([
    [{ propagation: 'zipkin' }, `propagation: unknown format "zipkin". ${formatAdvice}`],
    [{ propagation: '' }, `propagation: unknown format "". ${formatAdvice}`],
    [{ propagation: null }, `propagation: unknown format "null". ${formatAdvice}`],
    [{ propagation: [7] }, `propagation: unknown format 7. ${formatAdvice}`],
    [{ propagation: ['jaeger', 'w3'] }, 'propagation: unknown format "w3". Did you mean "w3c"?'],
    [
      { propagation: { inject: 'jeager' } },
      'propagation: unknown format "jeager". Did you mean "jaeger"?',
    ],
    [
      { propagation: { extrct: 'b3' } },
      'propagation.extrct: unknown option. Did you mean propagation.extract?',
    ],
    [
      { headers: { traceContextHeader: 'a' } },
      'headers.traceContextHeader: unknown option. Did you mean headers.traceContextHeaderName?',
    ],
    [
      { headers: { jaegerDebugHeader: 'a b' } },
      `headers.jaegerDebugHeader: ${headerName('"a b"')}`,
    ],
    [
      { headers: { traceBaggageHeaderPrefix: '' } },
      `headers.traceBaggageHeaderPrefix: ${headerName('""')}`,
    ],
    [{ headers: { jaegerBaggageHeader: 7 } }, `headers.jaegerBaggageHeader: ${headerName('7')}`],
  ]);
  assert.equal(
    refusal({ serviceName: 'orders' }, { contextKey: 'trace:id' }),
    `options.contextKey: ${headerName('"trace:id"')}`,
  );
  assert.equal(
    refusal({ serviceName: 'orders' }, { baggagePrefix: null }),
    `options.baggagePrefix: ${headerName('null')}`,
  );
});

test('a long value is shown in short, on one line', (t) => {
  setEnvironment(t);
  refusals([
    [
      { disable: `a\n${'x'.repeat(1000)}` },
      `disable: expected true or false, got "a\\n${'x'.repeat(73)}.... Write true or false.`,
    ],
  ]);
});

test('a wrong variable is refused by its name', (t) => {
  const table: [Record<string, string>, string][] = [
    [
      { JAEGER_AGENT_PORT: '70000' },
      'JAEGER_AGENT_PORT: expected a whole number from 1 to 65535, got "70000". Write 6831, the port of a Jaeger agent.',
    ],
    [
      { JAEGER_SAMPLER_TYPE: 'probabilistic', JAEGER_SAMPLER_PARAM: '2' },
      'JAEGER_SAMPLER_PARAM: expected a number from 0 to 1, got 2. Write 0.1 to keep one trace in ten.',
    ],
    [
      { JAEGER_SAMPLER_PARAM: '0,1' },
      'JAEGER_SAMPLER_PARAM: expected a number, got "0,1". Write 1 or 0.1.',
    ],
    [
      { JAEGER_SAMPLER_TYPE: 'ratelimitng', JAEGER_SAMPLER_PARAM: '1' },
      'JAEGER_SAMPLER_TYPE: unknown sampler "ratelimitng". Did you mean "ratelimiting"?',
    ],
    [
      { JAEGER_DISABLED: 'yes' },
      'JAEGER_DISABLED: expected true or false, got "yes". Write true or false.',
    ],
    [
      { JAEGER_PROPAGATION: 'jaeger,b3multi' },
      `JAEGER_PROPAGATION: unknown format "b3multi". ${formatAdvice}`,
    ],
    [
      { JAEGER_REPORTER_FLUSH_INTERVAL: '1 sec' },
      'JAEGER_REPORTER_FLUSH_INTERVAL: expected a whole number from 1 to 3600000, got "1 sec". Write 1000 to send once a second.',
    ],
  ];
  for (const [variables, message] of table) {
    setEnvironment(t, variables);
    assert.equal(refusal({ serviceName: 'orders' }), message);
  }
});

test('a user without a password, or the other way round, is refused', (t) => {
  const collectorEndpoint = 'http://127.0.0.1:1/api/traces';
  setEnvironment(t);
  refusals([
    [
      { reporter: { collectorEndpoint, username: 'someone' } },
      'reporter.username: means nothing without reporter.password. Write both, or neither.',
    ],
    [
      { reporter: { collectorEndpoint, password: 'password1' } },
      'reporter.password: means nothing without reporter.username. Write both, or neither.',
    ],
  ]);
  setEnvironment(t, { JAEGER_ENDPOINT: collectorEndpoint, JAEGER_USER: 'someone' });
  refusals([[{}, 'JAEGER_USER: means nothing without reporter.password. Write both, or neither.']]);

  for (const reporter of [
    { collectorEndpoint: 'http://someone@127.0.0.1:1/', password: 'password1' },
    { collectorEndpoint, authToken: 'token1' },
    { collectorEndpoint, username: 'someone', password: 'password1' },
  ]) {
    void initTracer({ serviceName: 'orders', reporter }).close();
  }
});

test('options that cannot be meant are refused', (t) => {
  setEnvironment(t);
  const config = { serviceName: 'orders' };
  const table: [Record<string, unknown>, string][] = [
    [{ reporterr: 1 }, 'options.reporterr: unknown option. Did you mean options.reporter?'],
    [
      { somethingElse: 'x' },
      'options.somethingElse: unknown option. Write one of reporter, sampler, throttler, logger, metrics, observers, baggageRestrictions, noDebugFlagOnForcedSampling, tags, traceId128bit, shareRpcSpan, contextKey, baggagePrefix, hostPort, host, port, samplingPath, refreshInterval, maxOperations.',
    ],
    [
      { observers: { onStartSpan() {} } },
      'options.observers: expected a list of objects with onStartSpan(), got { onStartSpan: [Function: onStartSpan] }. Write observers: [new RpcMetrics(metrics)], or objects of your own.',
    ],
    [
      { observers: [{ onStartSpan() {} }, null] },
      'options.observers: expected a list of objects with onStartSpan(), got null in it. Write observers: [new RpcMetrics(metrics)], or objects of your own.',
    ],
    [
      { reporter: { logSpans: true } },
      'options.reporter: expected an object with report(), got { logSpans: true }. Write reporter: new InMemoryReporter(); settings go into the first argument.',
    ],
    [
      { sampler: { type: 'const', param: 1 } },
      "options.sampler: expected an object with isSampled(), got { type: 'const', param: 1 }. Write sampler: new ConstSampler(true); settings go into the first argument.",
    ],
    [
      { tags: 'region=eu' },
      'options.tags: expected an object, got "region=eu". Write { region: \'eu\' }.',
    ],
    [{ tags: null }, "options.tags: expected an object, got null. Write { region: 'eu' }."],
    [{ tags: ['a'] }, "options.tags: expected an object, got [ 'a' ]. Write { region: 'eu' }."],
    [
      { baggageRestrictions: {} },
      'options.baggageRestrictions: expected an object with getRestriction(), got {}. Write baggageRestrictions: new DefaultBaggageRestrictions(); settings go into the first argument.',
    ],
    [
      { throttler: {} },
      'options.throttler: expected an object with isAllowed(), got {}. Write throttler: new DefaultThrottler(); settings go into the first argument.',
    ],
    [
      { logger: {} },
      'options.logger: expected an object with error(), got {}. Write logger: console.',
    ],
    [
      { metrics: null },
      'options.metrics: expected an object with createCounter(), got null. Write metrics: new PrometheusMetricsFactory() of @spoor/prometheus.',
    ],
    [
      { metrics: { createCounter() {} } },
      'options.metrics: expected an object with createGauge(), got { createCounter: [Function: createCounter] }. Write metrics: new PrometheusMetricsFactory() of @spoor/prometheus.',
    ],
  ];
  for (const [options, message] of table) assert.equal(refusal(config, options), message);
});

test('settings among the options are refused by their name there', (t) => {
  setEnvironment(t);
  assert.equal(
    refusal({ serviceName: 'orders', tags: { a: 1 } }, { tags: 'region=eu' }),
    'options.tags: expected an object, got "region=eu". Write { region: \'eu\' }.',
  );
  assert.equal(
    refusal({ serviceName: 'orders' }, { traceId128bit: 'yes' }),
    'options.traceId128bit: expected true or false, got "yes". Write true or false.',
  );
});

test('two keys that say the same are refused together', (t) => {
  setEnvironment(t);
  refusals([
    [
      { reporter: { username: 'a', user: 'b' } },
      'reporter.user: says the same as reporter.username. Write one of them.',
    ],
    [
      { reporter: { localAgentHostPort: 'a:1', agentPort: 6831 } },
      'reporter.agentPort: says the same as reporter.localAgentHostPort. Write one of them.',
    ],
  ]);
});

test('a reporter or a sampler among the settings is refused with where it goes', (t) => {
  setEnvironment(t);
  refusals([
    [
      { reporter: new InMemoryReporter() },
      'reporter: expected settings, got InMemoryReporter {}. Write initTracer(config, { reporter }).',
    ],
    [
      { baggageRestrictions: new DefaultBaggageRestrictions() },
      'baggageRestrictions: expected settings, got DefaultBaggageRestrictions {}. Write initTracer(config, { baggageRestrictions }).',
    ],
    [
      { sampler: new ConstSampler(true) },
      'sampler: expected settings, got ConstSampler { tags: [Array] }. Write initTracer(config, { sampler }).',
    ],
  ]);
});

test('errors of another copy of the package are recognised', () => {
  class Copy extends Error {}
  const other = Object.defineProperty(new Copy(), Symbol.for('spoor.error'), { value: true });
  assert.ok(other instanceof SpoorError);
  assert.ok(!(new Error('x') instanceof SpoorError));
  assert.ok(!((null as unknown) instanceof SpoorError));
});
