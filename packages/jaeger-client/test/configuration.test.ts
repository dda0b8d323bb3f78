import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tracer as CoreTracer, globalTracer } from '@spoor/core';
import { opentracing as ourOpentracing, type Tracer } from '@spoor/jaeger-client';
import { startCollector } from '@spoor/testing';
import { clients, ours } from './clients.js';

const { initTracer, initTracerFromEnv } = ours;
const reporter = new ours.InMemoryReporter();

function messageOf(config: unknown, options: unknown = { reporter }): string {
  try {
    initTracer(config as never, options as never);
    return 'nothing thrown';
  } catch (error) {
    return (error as Error).message;
  }
}

const faults: [config: unknown, options: unknown, message: string][] = [
  [
    undefined,
    {},
    "initTracer: expected a configuration object, got undefined. Write initTracer({ serviceName: 'orders' }).",
  ],
  [{}, {}, "config.serviceName must be provided. Write initTracer({ serviceName: 'orders' })."],
  [
    { serviceName: 'a', sampler: { type: 'konst', param: 1 } },
    {},
    'sampler.type: expected one of const, probabilistic, ratelimiting, remote, got "konst".',
  ],
  [
    { serviceName: 'a', sampler: { type: 'const' } },
    {},
    "Expecting sampler.param to be a number. Write sampler: { type: 'const', param: 1 }.",
  ],
  [
    { serviceName: 'a', sampler: { type: 'const', param: 0.5 } },
    {},
    'sampler.param: expected 1 (every trace) or 0 (none), got 0.5. Write 1.',
  ],
  [
    { serviceName: 'a', sampler: { param: 0.5 } },
    {},
    "sampler.param: 0.5 means nothing without sampler.type. Write sampler: { type: 'probabilistic', param: 0.5 }.",
  ],
  [
    { serviceName: 'a', reporter: { agentport: 6832 } },
    {},
    'reporter.agentport: unknown option. Did you mean reporter.agentPort?',
  ],
  [
    { serviceName: 'a', reporter: { agentPort: 'abc' } },
    {},
    'reporter.agentPort: expected a whole number from 1 to 65535, got "abc". Write 6832.',
  ],
  [
    { serviceName: 'a', reporter: { collectorEndpoint: 'jaeger:14268' } },
    {},
    'reporter.collectorEndpoint: expected a URL, got "jaeger:14268". Write http://localhost:14268/api/traces.',
  ],
  [
    { serviceName: 'a', sampler: new ours.ConstSampler(true) },
    {},
    'sampler: expected settings, got ConstSampler(always). Write initTracer(config, { sampler }).',
  ],
  [
    { serviceName: 'a' },
    { reporter: {} },
    'options.reporter: expected an object with report(). Write reporter: new InMemoryReporter().',
  ],
  [
    { serviceName: 'a' },
    { reporter, logger: { info() {} } },
    'options.logger: expected an object with error(). Write logger: console.',
  ],
];

for (const [config, options, message] of faults) {
  test(`a configuration that cannot be meant is refused: ${message}`, () => {
    assert.equal(messageOf(config, options), message);
  });
}

/** With these variables, and no others of the kind. */
function withVariables<T>(variables: Record<string, string>, work: () => T): T {
  Object.assign(process.env, variables);
  try {
    return work();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

test('the environment says what the code leaves out, to either package', async (t) => {
  for (const [, client] of clients) {
    const collector = await startCollector(t);
    const variables = {
      JAEGER_SERVICE_NAME: 'from-environment',
      JAEGER_SAMPLER_TYPE: 'const',
      JAEGER_SAMPLER_PARAM: '1',
      JAEGER_AGENT_HOST: '127.0.0.1',
      JAEGER_AGENT_PORT: String(collector.port),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of the variable
      JAEGER_TAGS: 'region=eu, stage=${SPOOR_TEST_STAGE:dev}',
    };
    const tracer = withVariables(variables, () => client.initTracerFromEnv());
    tracer.startSpan('a').finish();
    await new Promise<void>((resolve) => void tracer.close(resolve));
    const [span] = await collector.received(1);
    const { region, stage } = span!.processTags;
    assert.deepEqual([span!.serviceName, region, stage], ['from-environment', 'eu', 'dev']);
  }
});

test('initTracer looks at no variable, initTracerFromEnv lets the code win', () => {
  const variables = { JAEGER_SERVICE_NAME: 'wrong', JAEGER_DISABLED: 'true' };
  const named = withVariables(variables, () => initTracer({ serviceName: 'orders' }, { reporter }));
  assert.equal(named.serviceName, 'orders');
  const config = { serviceName: 'orders', sampler: { type: 'const', param: 1 } };
  const kept = withVariables({ ...variables, JAEGER_DISABLED: 'false' }, () =>
    initTracerFromEnv(config, { reporter }),
  );
  assert.deepEqual([kept.serviceName, kept.startSpan('a').context().isSampled()], ['orders', true]);
  named.close();
  kept.close();
});

test('calls are not counted, as they never were, and the variable is passed over', () => {
  const names: string[] = [];
  const metrics = {
    createCounter: (name: string) => {
      names.push(name);
      return { increment() {} };
    },
    createGauge: () => ({ update() {} }),
  };
  process.env.JAEGER_RPC_METRICS = 'true';
  try {
    const config = { serviceName: 'a', sampler: { type: 'const', param: 0 } };
    const tracer = initTracerFromEnv(config, { reporter, metrics });
    const span = tracer.startSpan('call', { tags: { 'span.kind': 'server' } });
    assert.ok(span instanceof ours.opentracing.Span);
    assert.equal(span.isWritable(), false);
    span.finish();
  } finally {
    delete process.env.JAEGER_RPC_METRICS;
  }
  assert.ok(names.includes('jaeger:traces'));
  assert.ok(names.every((name) => !name.startsWith('jaeger-rpc')));
});

test('a variable that cannot be meant is refused by its name', () => {
  const config = { serviceName: 'orders' };
  for (const [name, value, message] of [
    [
      'JAEGER_SAMPLER_PARAM',
      'x',
      'JAEGER_SAMPLER_PARAM: expected a number of 0 or more, got "x". Write 1 or 0.1.',
    ],
    [
      'JAEGER_DISABLED',
      'maybe',
      'JAEGER_DISABLED: expected true or false, got "maybe". Write true or false.',
    ],
    ['JAEGER_TAGS', 'a', 'JAEGER_TAGS: the entry "a" has no "=". Write key=value,key=value.'],
  ] as const) {
    const init = (): Tracer => initTracerFromEnv(config, { reporter });
    assert.throws(() => withVariables({ [name]: value }, init), { message });
  }
});

test('without a sampler one trace in a thousand is kept', () => {
  const tracer = initTracer({ serviceName: 'orders' }, { reporter, refreshInterval: 0 });
  let count = 0;
  for (let i = 0; i < 20_000; i++) if (tracer.startSpan('a').context().isSampled()) count++;
  assert.ok(count > 0 && count < 80, `${count} of 20000`);
  tracer.close();
});

test('a disabled tracer takes every call, writes no header and keeps nothing', async () => {
  const tracer = initTracer({ disable: true });
  const carrier = {};
  const span = tracer.startSpan('a', {
    childOf: tracer.extract('http_headers', { 'uber-trace-id': '1:2:0:1' })!,
  });
  tracer.inject(span, 'http_headers', carrier);
  span.setTag('a', 1).log({ event: 'b' }).finish();
  assert.deepEqual([carrier, span.context().isSampled()], [{}, false]);
  await new Promise<void>((resolve) => void tracer.close(resolve));
});

test("Spoor's middleware finds the first tracer, and OpenTracing's global one is the application's to set", () => {
  const tracer = globalTracer();
  assert.ok(tracer instanceof CoreTracer && tracer instanceof ours.Tracer);
  assert.equal(ourOpentracing.globalTracer().startSpan('a') instanceof ours.Span, false);
  const headers = { 'uber-trace-id': '000000000000000a:000000000000000b:0:1', 'uberctx-user': '7' };
  const context = tracer.extractRequest(headers, Object.entries(headers).flat());
  assert.deepEqual([context?.toTraceId(), context?.baggage], ['000000000000000a', { user: '7' }]);
  assert.equal(tracer.extractRequest({}, []), undefined);
});
