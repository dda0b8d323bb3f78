import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { LegacySamplerV1, Sampler } from '@spoor/jaeger-client';
import { type Cleanup, listen, startCollector } from '@spoor/testing';
import { type Client, ours, theirs } from './clients.js';
import { randomOperations } from './operations.js';
import { Random } from './random.js';
import { runOperations, type Setup, type Tracer } from './run-operations.js';

type AnySampler = Sampler | LegacySamplerV1;

const sampler = (type: string, param: number): Setup => ({
  name: `${type} ${param}`,
  config: { sampler: { type, param } },
});

const tagSamplers = ({ ConstSampler, experimental }: Client): AnySampler[] => [
  new experimental.TagEqualsSampler('user', [
    { tagValue: 'text' },
    { tagValue: true, firehose: true },
  ]),
  experimental.TagEqualsSampler.fromStrategy({
    key: 'span.kind',
    values: { server: { firehose: false }, client: { firehose: true } },
  }),
  new ConstSampler(false),
];

/** Says yes at some names, as samplers of the first kind were written. */
const byName: LegacySamplerV1 = {
  name: () => 'ByName',
  isSampled(operation, tags) {
    if (!operation.startsWith('GET')) return false;
    Object.assign(tags, { 'sampler.type': 'by-name', 'sampler.param': operation.length });
    return true;
  },
  close: (callback) => callback?.(),
};

/** Says yes late, at a name or at a tag, as samplers of the second kind were written. */
const byNameOrTag: Sampler = {
  apiVersion: 'SAMPLER_API_V2',
  onCreateSpan: () => ({ sample: false, retryable: true, tags: null }),
  onSetOperationName: (_span, name) => ({
    sample: name === 'SELECT',
    retryable: name !== 'a',
    tags: { 'sampler.type': 'late' },
  }),
  onSetTag: (span, key, value) => ({
    sample: key === 'k' && value === 12n && span.operationName !== 'a',
    retryable: true,
    tags: {},
  }),
  close: (callback) => callback?.(),
};

/** Answers every request, and says when a sampler has followed. */
async function startSamplingServer(
  t: Cleanup,
  strategy: object,
): Promise<{ options: object; updated: Promise<void> }> {
  const server = createServer((_request, response) => {
    response.setHeader('connection', 'close').end(JSON.stringify(strategy));
  });
  const { hostname: host, port } = new URL(await listen(t, server));
  let onSamplerUpdate = (): void => {};
  const updated = new Promise<void>((resolve) => {
    onSamplerUpdate = resolve;
  });
  return {
    options: { hostPort: `${host}:${port}`, refreshInterval: 20, onSamplerUpdate },
    updated,
  };
}

function useB3(client: Client, tracer: Tracer, options: { baggagePrefix?: string } = {}): void {
  for (const format of ['text_map', 'http_headers']) {
    const urlEncoding = format === 'http_headers';
    const codec = new client.ZipkinB3TextMapCodec({ urlEncoding, ...options });
    tracer.registerInjector(format, codec);
    tracer.registerExtractor(format, codec);
  }
}

const setups: readonly Setup[] = [
  sampler('const', 1),
  sampler('const', 0),
  sampler('probabilistic', 1),
  sampler('probabilistic', 0),
  sampler('ratelimiting', 0),
  {
    name: 'headers with other names',
    names: { context: 'x-trace', baggagePrefix: 'x-bag-' },
    options: () => ({ contextKey: 'X-Trace', baggagePrefix: 'X-Bag-' }),
  },
  {
    name: 'B3 headers',
    names: { context: 'b3', baggagePrefix: 'uberctx-' },
    prepare: useB3,
  },
  {
    name: 'B3 headers, with another prefix for baggage',
    names: { context: 'b3', baggagePrefix: 'baggage-' },
    prepare: (client, tracer) => useB3(client, tracer, { baggagePrefix: 'baggage-' }),
  },
  { name: '128-bit trace ids', options: () => ({ traceId128bit: true }) },
  { name: 'one span for both sides of a call', options: () => ({ shareRpcSpan: true }) },
  {
    name: 'a throttler that allows every other trace',
    options: () => {
      let count = 0;
      return { throttler: { isAllowed: () => count++ % 2 === 0, setProcess() {}, close() {} } };
    },
  },
  {
    name: 'samplers by tag',
    isLate: true,
    sampler: ({ experimental, ...client }) =>
      new experimental.PrioritySampler(tagSamplers({ experimental, ...client })),
  },
  {
    name: 'samplers by tag, and undecided to the end',
    isLate: true,
    sampler: ({ experimental, ...client }) =>
      new experimental.PrioritySampler(tagSamplers({ experimental, ...client }).slice(0, 2)),
  },
  {
    name: 'rates per operation, of a sampling server',
    isLate: true,
    startSamplingServer: (t) =>
      startSamplingServer(t, {
        strategyType: 'PROBABILISTIC',
        operationSampling: {
          defaultSamplingProbability: 0,
          defaultLowerBoundTracesPerSecond: 0,
          perOperationStrategies: ['SELECT', 'GET /users'].map((operation) => ({
            operation,
            probabilisticSampling: { samplingRate: 1 },
          })),
        },
      }),
  },
  {
    name: 'one rate, of a sampling server',
    startSamplingServer: (t) =>
      startSamplingServer(t, {
        strategyType: 'PROBABILISTIC',
        probabilisticSampling: { samplingRate: 1 },
      }),
  },
  { name: 'a sampler of the first kind', sampler: () => byName },
  { name: 'a sampler of the second kind', isLate: true, sampler: () => byNameOrTag },
  {
    name: 'samplers of both kinds',
    isLate: true,
    sampler: ({ experimental }) => new experimental.PrioritySampler([byNameOrTag, byName]),
  },
];

for (const setup of setups) {
  test(`random operations: the same spans, flags, headers and counts as jaeger-client, ${setup.name}`, async (t) => {
    const theirCollector = await startCollector(t);
    const ourCollector = await startCollector(t);
    for (let seed = 1; seed <= 12; seed++) {
      const operations = randomOperations(new Random(seed), 200, setup.names);
      theirCollector.clear();
      ourCollector.clear();
      const expected = await runOperations(t, theirs, setup, operations, theirCollector);
      const actual = await runOperations(t, ours, setup, operations, ourCollector);
      for (const [i, operation] of operations.entries()) {
        same(actual.steps[i], expected.steps[i], `seed ${seed}, operation ${i}`, operation);
      }
      for (const what of ['spans', 'counts', 'logged'] as const) {
        same(actual[what], expected[what], `seed ${seed}, ${what}`);
      }
    }
  });
}

function same(actual: unknown, expected: unknown, where: string, operation?: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  assert.deepEqual(
    actual,
    expected,
    `${where} ${operation === undefined ? '' : inspect(operation)}`,
  );
}
