import assert from 'node:assert/strict';
import { createServer as createSecureServer } from 'node:https';
import { type TestContext, test } from 'node:test';
import {
  ConstSampler,
  initTracer,
  ProbabilisticSampler,
  RemoteSampler,
  type RemoteSamplerOptions,
  type Sampler,
  type Tracer,
  type TracingConfig,
} from '@spoor/core';
import {
  jaegerStrategies,
  listen,
  localhostCertificate,
  type SamplingServer,
  startSamplingServer,
} from '@spoor/testing';
import {
  createTestTracer,
  deferred,
  RecordedLog,
  runScript,
  setEnvironment,
  unusedPort,
} from './helpers.js';

const { probabilistic, rateLimiting, perOperation } = jaegerStrategies;

/** A sampler that only asks when it is told to, and a tracer that uses it. */
function create(t: TestContext, url: string, options: RemoteSamplerOptions = {}) {
  const sampler = new RemoteSampler({ url, refreshIntervalMs: 0, ...options });
  const all = createTestTracer({ sampler });
  t.after(() => all.tracer.close());
  return { sampler, ...all };
}

/** What a new trace gets of the sampler; undefined when it is not kept. */
function rootTags(tracer: Tracer, name = 'charge'): readonly unknown[] | undefined {
  const span = tracer.startSpan(name);
  return span.isSampled() ? span.tags : undefined;
}

const tagsOf = (type: string, param: number): unknown[] => [
  ...['sampler.type', type, 'sampler.param', param],
];

const shapes: { name: string; answer: object; tags: unknown[] | undefined }[] = [
  {
    name: 'probabilistic as Jaeger 2.16 and newer',
    answer: probabilistic(1),
    tags: tagsOf('probabilistic', 1),
  },
  {
    name: 'probabilistic as Jaeger 2.0 to 2.15, with a number',
    answer: { strategyType: 0, probabilisticSampling: { samplingRate: 1 } },
    tags: tagsOf('probabilistic', 1),
  },
  {
    name: 'probabilistic as an old agent, with nulls',
    answer: {
      strategyType: 0,
      probabilisticSampling: { samplingRate: 1 },
      rateLimitingSampling: null,
      operationSampling: null,
    },
    tags: tagsOf('probabilistic', 1),
  },
  {
    name: 'a probability of zero',
    answer: probabilistic(0),
    tags: undefined,
  },
  {
    name: 'rate limiting as Jaeger 2.16 and newer',
    answer: rateLimiting(5),
    tags: tagsOf('ratelimiting', 5),
  },
  {
    name: 'rate limiting with a number',
    answer: { strategyType: 1, rateLimitingSampling: { maxTracesPerSecond: 5 } },
    tags: tagsOf('ratelimiting', 5),
  },
  {
    name: 'rate limiting with a number as a text, in lower case, without a type',
    answer: { strategyType: 'rate_limiting', rateLimitingSampling: { maxTracesPerSecond: 5 } },
    tags: tagsOf('ratelimiting', 5),
  },
  {
    name: 'a strategy without a type',
    answer: { probabilisticSampling: { samplingRate: 1 } },
    tags: tagsOf('probabilistic', 1),
  },
  {
    name: 'rates of operations, which win over the others',
    answer: perOperation({ charge: 1 }, { defaultRate: 0 }),
    tags: tagsOf('probabilistic', 1),
  },
  {
    name: 'adaptive sampling, with nothing but rates of operations and a number',
    answer: {
      strategyType: 0,
      operationSampling: {
        defaultSamplingProbability: 0.001,
        defaultLowerBoundTracesPerSecond: 0.0166,
        perOperationStrategies: [
          { operation: 'charge', probabilisticSampling: { samplingRate: 1 } },
        ],
      },
    },
    tags: tagsOf('probabilistic', 1),
  },
  {
    name: 'rates of operations without defaults and list',
    answer: { operationSampling: { perOperationStrategies: null } },
    // One in ten minutes at least.
    tags: tagsOf('lowerbound', 0.001),
  },
];

for (const { name, answer, tags } of shapes) {
  test(`a server is followed: ${name}`, async (t) => {
    const server = await startSamplingServer(t, answer);
    const initialSampler = new ConstSampler(false);
    const { sampler, tracer, metrics, log } = create(t, server.url, { initialSampler });
    await sampler.refresh();
    assert.deepEqual(rootTags(tracer), tags);
    assert.deepEqual(server.requests, ['/sampling?service=orders']);
    assert.deepEqual([metrics.counts['jaeger:sampler_queries result=ok'], log.errors], [1, []]);
    assert.equal(metrics.counts['jaeger:sampler_updates result=ok'], 1);
  });
}

const strange: { name: string; answer: string; reason: RegExp }[] = [
  { name: 'no JSON', answer: 'junk', reason: /\(Unexpected token/ },
  { name: 'nothing', answer: '', reason: /\(Unexpected end of JSON input\)/ },
  { name: 'a number', answer: '0', reason: /\(it holds no strategy\)/ },
  { name: 'false', answer: 'false', reason: /\(it holds no strategy\)/ },
  { name: 'null', answer: 'null', reason: /\(it holds no strategy\)/ },
  { name: 'an empty object', answer: '{}', reason: /\(it holds no strategy\)/ },
  {
    name: 'a type alone',
    answer: '{"strategyType":"PROBABILISTIC"}',
    reason: /\(it holds no strategy\)/,
  },
  {
    name: 'a rate as a text',
    answer: '{"probabilisticSampling":{"samplingRate":"0.5"}}',
    reason: /\(samplingRate is "0\.5"\)/,
  },
  {
    name: 'a rate above one',
    answer: '{"probabilisticSampling":{"samplingRate":5}}',
    reason: /\(samplingRate is 5\)/,
  },
  {
    name: 'a missing rate',
    answer: '{"probabilisticSampling":{}}',
    reason: /\(samplingRate is undefined\)/,
  },
  {
    name: 'a negative limit',
    answer: '{"rateLimitingSampling":{"maxTracesPerSecond":-1}}',
    reason: /\(maxTracesPerSecond is -1\)/,
  },
  {
    name: 'a list that is none',
    answer: '{"operationSampling":{"perOperationStrategies":{}}}',
    reason: /\(perOperationStrategies is no list\)/,
  },
  {
    name: 'an operation without a name',
    answer: '{"operationSampling":{"perOperationStrategies":[{}]}}',
    reason: /\(an operation has no name\)/,
  },
];

test('what is not understood is counted and logged, and the last good strategy stays', async (t) => {
  const server = await startSamplingServer(t, perOperation({ charge: 1 }, { defaultRate: 0 }));
  const url = new URL(server.url);
  for (const { name, answer, reason } of strange) {
    server.answer(perOperation({ charge: 1 }, { defaultRate: 0 }));
    const { sampler, tracer, metrics, log } = create(t, url.href);
    await sampler.refresh();
    server.answer(answer);
    await sampler.refresh();
    assert.deepEqual(rootTags(tracer), tagsOf('probabilistic', 1), name);
    assert.equal(metrics.counts['jaeger:sampler_updates result=err'], 1, name);
    assert.equal(metrics.counts['jaeger:sampler_queries result=ok'], 2, name);
    assert.equal(log.errors.length, 1, name);
    assert.match(log.errors[0]!, reason);
    assert.match(
      log.errors[0]!,
      /^spoor: the answer of the sampling server at http:\/\/127\.0\.0\.1:\d+\/sampling was not understood \(.*\); PerOperationSampler\(maxOperations=2000\) goes on\. Is it a Jaeger server\?$/,
    );
  }
});

test('one bad rate of an operation changes none of the others', async (t) => {
  const server = await startSamplingServer(t, perOperation({ a: 1, b: 1 }));
  const { sampler, tracer } = create(t, server.url);
  await sampler.refresh();
  server.answer(perOperation({ a: 0, b: 7 }));
  await sampler.refresh();
  assert.deepEqual(rootTags(tracer, 'a'), tagsOf('probabilistic', 1));
});

test('a sampler of the same kind is changed in place, and only a change is counted', async (t) => {
  const server = await startSamplingServer(t);
  const updates: unknown[] = [];
  const { sampler, metrics } = create(t, server.url, {
    onUpdate: (current) => updates.push(current),
  });
  const updated = (): number | undefined => metrics.counts['jaeger:sampler_updates result=ok'];
  for (const [first, second] of [
    [probabilistic(0.1), probabilistic(0.2)],
    [rateLimiting(1), rateLimiting(2)],
    [perOperation({ a: 0.1 }), perOperation({ a: 0.2 })],
  ] as const) {
    const before = updated() ?? 0;
    server.answer(first);
    await sampler.refresh();
    const kept = sampler.sampler;
    await sampler.refresh();
    assert.equal(updated(), before + 1);
    server.answer(second);
    await sampler.refresh();
    assert.equal(sampler.sampler, kept);
    assert.equal(updated(), before + 2);
    assert.deepEqual(updates.splice(0), [kept, kept, kept]);
  }
});

test('the service name is part of the address, whatever is in it', async (t) => {
  const server = await startSamplingServer(t);
  const sampler = new RemoteSampler({ url: `${server.url}?x=1`, refreshIntervalMs: 0 });
  const { tracer } = createTestTracer({ sampler });
  t.after(() => tracer.close());
  await sampler.refresh();
  assert.deepEqual(server.requests, ['/sampling?x=1&service=orders']);
  assert.equal(server.headers['uber-trace-id'], undefined);
});

const failures: {
  name: string;
  reason: RegExp;
  answer?: Parameters<SamplingServer['answer']>[0];
  timeoutMs?: number;
}[] = [
  {
    name: 'a wrong status, whatever the body',
    reason: /the answer is 500/,
    answer: (_request, response) => {
      response.writeHead(500).end(JSON.stringify(probabilistic(1)));
    },
  },
  {
    name: 'a redirect',
    reason: /the answer is 302/,
    answer: (_request, response) => {
      response.writeHead(302, { location: '/' }).end();
    },
  },
  { name: 'no answer', reason: /no answer in 150 ms/, answer: () => {}, timeoutMs: 150 },
  {
    name: 'an answer that never ends',
    reason: /no answer in 150 ms/,
    answer: (_request, response) => {
      response.write('{');
    },
    timeoutMs: 150,
  },
  {
    name: 'an answer that is too large',
    reason: /the answer is larger than 1048576 bytes/,
    answer: `"${'x'.repeat(1024 * 1024)}"`,
  },
  {
    name: 'a connection that is closed',
    reason: /socket hang up/,
    answer: (request) => {
      request.socket.destroy();
    },
  },
  {
    name: 'an answer that is cut off',
    reason: /aborted/,
    answer: (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{', () => request.socket.destroy());
    },
  },
];

for (const { name, reason, answer, timeoutMs } of failures) {
  test(`a query that fails leaves the sampler as it was, and is logged once: ${name}`, async (t) => {
    const server = await startSamplingServer(t, answer);
    const { sampler, tracer, metrics, log } = create(t, server.url, {
      timeoutMs,
      initialSampler: new ProbabilisticSampler(1),
    });
    await sampler.refresh();
    await sampler.refresh();
    assert.deepEqual(rootTags(tracer), tagsOf('probabilistic', 1));
    assert.equal(metrics.counts['jaeger:sampler_queries result=err'], 2);
    assert.equal(log.errors.length, 1);
    assert.match(log.errors[0]!, reason);
    assert.match(
      log.errors[0]!,
      /^spoor: the sampling server at \S+ does not answer \(.*\); ProbabilisticSampler\(samplingRate=1\) goes on until it does\. Set JAEGER_SAMPLING_ENDPOINT if it is elsewhere\.$/,
    );
  });
}

test('where nobody asked for a server, none is missed; one that has answered is', async (t) => {
  const server = await startSamplingServer(t, (_request, response) => {
    response.writeHead(503).end();
  });
  const { sampler, log } = create(t, server.url, { isOptional: true });
  await sampler.refresh();
  assert.deepEqual(log.errors, []);
  server.answer(probabilistic(1));
  await sampler.refresh();
  server.answer((_request, response) => {
    response.writeHead(503).end();
  });
  await sampler.refresh();
  assert.equal(log.errors.length, 1);
});

test('a password or a token in the address is not logged', async (t) => {
  const url = `http://user:secret@127.0.0.1:${await unusedPort()}/sampling?token=secret`;
  const { sampler, log } = create(t, url);
  await sampler.refresh();
  assert.equal(log.errors.length, 1);
  assert.doesNotMatch(log.errors[0]!, /secret/);
});

test('until a server has answered up to a hundred new traces a second are kept', async (t) => {
  const now = performance.now();
  t.mock.method(performance, 'now', () => now);
  const { tracer } = create(t, 'http://localhost:1/sampling');
  let kept = 0;
  for (let i = 0; i < 500; i++) if (tracer.startSpan('a').isSampled()) kept++;
  assert.equal(kept, 100);
});

test('a span that is not sampled by a plain strategy keeps nothing', async (t) => {
  const server = await startSamplingServer(t, probabilistic(0));
  const { sampler, tracer } = create(t, server.url);
  await sampler.refresh();
  const span = tracer.startSpan('charge', { tags: { a: 1 } }).setTag('b', 2);
  assert.deepEqual([span.isUndecided(), span.isWritable(), span.tags], [false, false, []]);
});

test('rates of operations are applied to the name that a span gets late', async (t) => {
  const server = await startSamplingServer(t, perOperation({ checkout: 1 }, { defaultRate: 0 }));
  const late = create(t, server.url);
  await late.sampler.refresh();
  const span = late.tracer.startSpan('GET').setTag('a', 1).setOperationName('checkout');
  assert.deepEqual(span.tags, ['a', 1, ...tagsOf('probabilistic', 1)]);

  const early = create(t, server.url, { operationNameLateBinding: false, maxOperations: 5 });
  await early.sampler.refresh();
  assert.equal(early.tracer.startSpan('GET').isUndecided(), false);
  assert.equal(String(early.sampler.sampler), 'PerOperationSampler(maxOperations=5)');
});

test('the server is asked right after the start and again and again, until the tracer is closed', async (t) => {
  // Nothing of the tracer's holds the process while the test waits.
  const keepAlive = setTimeout(() => {}, 5000);
  t.after(() => clearTimeout(keepAlive));
  const server = await startSamplingServer(t, probabilistic(0));
  const sampler = new RemoteSampler({ url: server.url, refreshIntervalMs: 10 });
  const { tracer } = createTestTracer({ sampler });
  assert.deepEqual(server.requests, []);
  await server.asked(3);
  await tracer.close();
  const count = server.requests.length;
  await sampler.refresh();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(server.requests.length, count);
});

test('closing the tracer ends a query that is on its way, without a word', async (t) => {
  const server = await startSamplingServer(t, () => {});
  const { sampler, tracer, log, metrics } = create(t, server.url);
  const query = sampler.refresh();
  await server.asked(1);
  await tracer.close();
  await query;
  assert.deepEqual([log.errors, metrics.counts], [[], {}]);
});

test('strategies can be served over HTTPS', async (t) => {
  const { key, cert } = localhostCertificate;
  const secure = createSecureServer({ key, cert }, (_request, response) => {
    response.end(JSON.stringify(probabilistic(1)));
  });
  const address = (await listen(t, secure)).replace('http://127.0.0.1', 'https://localhost');
  const { sampler, log } = create(t, `${address}/sampling`);
  await sampler.refresh();
  // The certificate is nobody's: that it is looked at is what shows.
  assert.match(log.errors[0]!, /self.signed certificate|unable to verify/);
});

test('a strategy of another kind can be given a sampler', async (t) => {
  const server = await startSamplingServer(t, { strategyType: 'EVERYTHING' });
  const events: string[] = [];
  const own: Sampler = {
    tags: ['sampler.type', 'own'],
    isSampled: () => true,
    start: ({ process }) => events.push(`start ${process.serviceName}`),
    close: () => events.push('close'),
  };
  const { sampler, tracer, metrics } = create(t, server.url, {
    createSampler: (strategy) =>
      (strategy as { strategyType: string }).strategyType === 'EVERYTHING' ? own : undefined,
  });
  await sampler.refresh();
  await sampler.refresh();
  assert.deepEqual(rootTags(tracer), ['sampler.type', 'own']);
  assert.equal(metrics.counts['jaeger:sampler_updates result=ok'], 1);
  server.answer(probabilistic(1));
  await sampler.refresh();
  assert.deepEqual(rootTags(tracer), tagsOf('probabilistic', 1));
  assert.deepEqual(events, ['start orders', 'close']);
});

test('an address that is none is refused', () => {
  for (const url of ['localhost:5778', 'ftp://x', '']) {
    assert.throws(() => new RemoteSampler({ url }), {
      code: 'SPOOR_CONFIG',
      message: `RemoteSampler: expected an http URL, got "${url}". Write http://localhost:5778/sampling.`,
    });
  }
});

test('a process ends while a server keeps it waiting', async (t) => {
  const server = await startSamplingServer(t, () => {});
  const script = `
    import { initTracer } from '@spoor/core';
    const tracer = initTracer({ serviceName: 'orders' });
    process.stdin.resume().once('end', () => tracer.startSpan('a').finish());
  `;
  const env = { JAEGER_SAMPLING_ENDPOINT: server.url };
  const { elapsedMs, stderr } = await runScript(script, { env, inputEnds: server.asked(1) });
  assert.ok(elapsedMs < 4000, `${elapsedMs} ms`);
  assert.match(stderr, /^(spoor: no Jaeger agent listens .*\n)?$/);
  assert.deepEqual(server.requests, ['/sampling?service=orders']);
});

test('the start of a process loads no HTTP client', async (t) => {
  const server = await startSamplingServer(t);
  const script = `
    import { initTracer } from '@spoor/core';
    initTracer({ serviceName: 'orders' });
    const isLoaded = () => process.moduleLoadList.includes('NativeModule _http_client');
    const atStart = isLoaded();
    process.stdin.resume().once('end', () => console.log(atStart, isLoaded()));
  `;
  const env = { JAEGER_SAMPLING_ENDPOINT: server.url };
  const { stdout } = await runScript(script, { env, inputEnds: server.asked(1) });
  assert.equal(stdout, 'false true\n');
});

/** The requests of a tracer that is configured so. */
async function requestOf(
  t: TestContext,
  server: SamplingServer,
  config: Omit<TracingConfig, 'serviceName'>,
  variables: Record<string, string> = {},
): Promise<string | undefined> {
  setEnvironment(t, variables);
  const before = server.requests.length;
  const logger = new RecordedLog();
  const tracer = initTracer({ serviceName: 'a b', ...config }, { logger });
  await server.asked(before + 1);
  await tracer.close();
  return server.requests[before];
}

test('the server can be named in every way of every client', async (t) => {
  const keepAlive = setTimeout(() => {}, 5000);
  t.after(() => clearTimeout(keepAlive));
  const server = await startSamplingServer(t);
  const { port } = server;
  const nowhere = 'http://localhost:1/x';
  const sampler = (options: TracingConfig['sampler']): TracingConfig => ({ sampler: options });
  const table: [TracingConfig, Record<string, string>, string][] = [
    [sampler({ samplingServerURL: server.url }), {}, '/sampling'],
    [sampler({ samplingServerURL: `http://127.0.0.1:${port}/x/y` }), {}, '/x/y'],
    [sampler({ hostPort: `127.0.0.1:${port}` }), {}, '/sampling'],
    [
      sampler({ hostPort: `127.0.0.1:${port}`, samplingPath: '/api/sampling' }),
      {},
      '/api/sampling',
    ],
    [sampler({ hostPort: `http://127.0.0.1:${port}/x` }), {}, '/x'],
    [sampler({ host: '127.0.0.1', port, samplingPath: 'x' }), {}, '/x'],
    [sampler({ port }), {}, '/sampling'],
    [sampler({ type: 'remote', param: 0.5, port }), {}, '/sampling'],
    [{ ...sampler({ port }), reporter: { agentHost: '127.0.0.1' } }, {}, '/sampling'],
    [{}, { JAEGER_SAMPLING_ENDPOINT: server.url }, '/sampling'],
    [{}, { JAEGER_SAMPLER_MANAGER_HOST_PORT: `127.0.0.1:${port}` }, '/sampling'],
    [{}, { JAEGER_SAMPLER_MANAGER_HOST_PORT: server.url }, '/sampling'],
    [{}, { JAEGER_SAMPLER_PORT: String(port), JAEGER_SAMPLER_SAMPLING_PATH: '/p' }, '/p'],
    [{}, { JAEGER_SAMPLER_PORT: String(port), JAEGER_AGENT_HOST: '127.0.0.1' }, '/sampling'],
    [
      {},
      { JAEGER_SAMPLING_ENDPOINT: server.url, JAEGER_SAMPLER_MANAGER_HOST_PORT: 'localhost:1' },
      '/sampling',
    ],
    [
      sampler({ hostPort: `127.0.0.1:${port}` }),
      { JAEGER_SAMPLING_ENDPOINT: nowhere },
      '/sampling',
    ],
  ];
  for (const [config, variables, path] of table) {
    const request = await requestOf(t, server, config, variables);
    assert.equal(request, `${path}?service=a+b`, JSON.stringify([config, variables]));
  }
});

test('the interval, the number of operations and the first share can be set', async (t) => {
  const keepAlive = setTimeout(() => {}, 5000);
  t.after(() => clearTimeout(keepAlive));
  const server = await startSamplingServer(t, perOperation({ a: 1 }, { defaultRate: 1 }));
  setEnvironment(t, {
    JAEGER_SAMPLER_TYPE: 'remote',
    JAEGER_SAMPLER_PARAM: '0',
    JAEGER_SAMPLING_ENDPOINT: server.url,
    JAEGER_SAMPLER_REFRESH_INTERVAL: '0.02s',
    JAEGER_SAMPLER_MAX_OPERATIONS: '1',
  });
  const tracer = initTracer({ serviceName: 'orders' }, { logger: new RecordedLog() });
  t.after(() => tracer.close());
  assert.equal(tracer.startSpan('b').isSampled(), false);
  await server.asked(3);
  assert.equal(tracer.startSpan('b').isSampled(), true);
});

test('who asks while an answer is awaited gets that one: the server is asked once', async (t) => {
  const answer = deferred<void>();
  const server = await startSamplingServer(t, async (_request, response) => {
    await answer.promise;
    response.end(JSON.stringify(probabilistic(1)));
  });
  const { sampler } = create(t, server.url);
  const refreshed = Promise.all([sampler.refresh(), sampler.refresh()]);
  await server.asked(1);
  answer.resolve();
  await refreshed;
  assert.equal(server.requests.length, 1);
  await sampler.refresh();
  assert.equal(server.requests.length, 2);
});
