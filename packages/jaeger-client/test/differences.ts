import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cleanup, type CollectedSpan, listen, startCollector } from '@spoor/testing';
import type { Client } from './clients.js';

/** What is not as in `jaeger-client`, on purpose. */
export interface Difference {
  /** As in the table of the README. */
  readonly name: string;
  /** Runs with either client, and gives what differs. */
  readonly show: (client: Client, t: Cleanup) => unknown;
  readonly theirs: unknown;
  readonly ours: unknown;
}

type Config = Parameters<Client['initTracer']>[0];
type Options = NonNullable<Parameters<Client['initTracer']>[1]>;
type Tracer = InstanceType<Client['Tracer']>;

const keepAll = { type: 'const', param: 1 };

/** A tracer whose spans are not sent, and those of them that have finished. */
function inMemory(client: Client, options: Options = {}) {
  const reporter = new client.InMemoryReporter();
  const tracer = client.initTracer(
    { serviceName: 'orders', sampler: keepAll },
    { reporter, ...options },
  );
  return { tracer, spans: () => reporter.spans };
}

/** The spans that `work` makes, as the agent decodes them. */
async function sent(
  client: Client,
  t: Cleanup,
  work: (tracer: Tracer) => void,
): Promise<readonly CollectedSpan[]> {
  const collector = await startCollector(t);
  const reporter = { agentHost: '127.0.0.1', agentPort: collector.port };
  const tracer = client.initTracer({ serviceName: 'orders', sampler: keepAll, reporter });
  work(tracer);
  await new Promise<void>((resolve) => tracer.close(resolve));
  return collector.received(1);
}

function outcome<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    return `throws ${(error as Error).constructor.name}`;
  }
}

/** Whether it throws; what else it gives, lives only here. */
function refuses(config: object, client: Client, options: Options = {}): string {
  return outcome(() => {
    const tracer = client.initTracer(config as Config, { ...inMemoryReporter(client), ...options });
    const isSampled = tracer.startSpan('a').context().isSampled?.();
    tracer.close?.();
    return `takes it, and ${isSampled ? 'keeps' : 'drops'} every trace`;
  });
}

const inMemoryReporter = (client: Client): Options => ({ reporter: new client.InMemoryReporter() });

/** With these variables, and no others of the kind. */
function withVariables<T>(variables: Record<string, string>, work: () => T): T {
  Object.assign(process.env, variables);
  try {
    return work();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

function withRandom<T>(value: number, work: () => T): T {
  const { random } = Math;
  Math.random = () => value;
  try {
    return work();
  } finally {
    Math.random = random;
  }
}

/** The counters that were touched. */
function counting(): { metrics: NonNullable<Options['metrics']>; names: Set<string> } {
  const names = new Set<string>();
  return {
    names,
    metrics: {
      createCounter: (name, tags = {}) => ({
        increment: () => void names.add([name, ...Object.values(tags)].join(' ')),
      }),
      createGauge: () => ({ update() {} }),
    },
  };
}

const header = (client: Client, headers: object, name = 'http_headers') =>
  inMemory(client).tracer.extract(name, headers)!;

export const differences: readonly Difference[] = [
  {
    name: 'faults-stay-inside',
    show(client) {
      const reporter = {
        report() {
          throw new RangeError('full');
        },
        close: (callback?: () => void) => callback?.(),
        setProcess() {},
      };
      const { tracer } = inMemory(client, { reporter });
      return outcome(() => tracer.startSpan('a').finish() ?? 'goes on');
    },
    theirs: 'throws RangeError',
    ours: 'goes on',
  },
  {
    name: 'unknown-formats',
    show: (client) => outcome(() => inMemory(client).tracer.extract('pigeon', {})),
    theirs: 'throws Error',
    ours: null,
  },
  {
    name: 'foreign-parents',
    show(client) {
      const childOf = new client.opentracing.Tracer().startSpan('of nobody');
      return outcome(() => inMemory(client).tracer.startSpan('a', { childOf }).context().isValid);
    },
    theirs: 'throws TypeError',
    ours: true,
  },
  {
    name: 'spans-in-references',
    show(client) {
      const { tracer } = inMemory(client);
      const parent = tracer.startSpan('parent');
      const references = [client.opentracing.childOf(parent)];
      return outcome(
        () =>
          tracer.startSpan('a', { references }).context().parentIdStr ===
          parent.context().spanIdStr,
      );
    },
    theirs: 'throws TypeError',
    ours: true,
  },
  {
    name: 'opentracing-classes',
    show: (client) => inMemory(client).tracer instanceof client.opentracing.Tracer,
    theirs: false,
    ours: true,
  },
  {
    name: 'values-when-they-are-set',
    async show(client, t) {
      const value = { state: 'new' };
      const [span] = await sent(client, t, (tracer) => {
        const open = tracer.startSpan('a').setTag('order', value);
        value.state = 'paid';
        open.finish();
      });
      return span?.tags.order;
    },
    theirs: '{"state":"paid"}',
    ours: '{"state":"new"}',
  },
  {
    name: 'cycles',
    async show(client, t) {
      const value: Record<string, unknown> = {};
      value.self = value;
      let thrown = '';
      const [span] = await sent(client, t, (tracer) => {
        thrown = outcome(() => tracer.startSpan('a').setTag('order', value).finish() ?? '');
        tracer.startSpan('b').finish();
      });
      return thrown || span?.tags.order;
    },
    theirs: 'throws TypeError',
    ours: '{"self":"[circular]"}',
  },
  {
    name: 'errors-as-tags',
    async show(client, t) {
      const error = new Error('no stock');
      const [span] = await sent(client, t, (tracer) => {
        tracer.startSpan('a').setTag('error.object', error).finish();
      });
      return String(span?.tags['error.object']).split('\n')[0];
    },
    theirs: '{}',
    ours: 'Error: no stock',
  },
  {
    name: 'bytes',
    async show(client, t) {
      const [span] = await sent(client, t, (tracer) => {
        tracer
          .startSpan('a')
          .setTag('key', new Uint8Array([1, 2]))
          .finish();
      });
      return span?.tagTypes.key;
    },
    theirs: 'string',
    ours: 'binary',
  },
  {
    name: 'whole-numbers',
    async show(client, t) {
      const [span] = await sent(client, t, (tracer) => {
        tracer.startSpan('a').setTag('count', 3).finish();
      });
      return span?.tagTypes.count;
    },
    theirs: 'double',
    ours: 'long',
  },
  {
    name: 'long-values',
    async show(client, t) {
      const [span] = await sent(client, t, (tracer) => {
        tracer.startSpan('a').setTag('text', 'x'.repeat(20_000)).finish();
      });
      return [String(span?.tags.text).length, span?.tags['spoor.cut_values']];
    },
    theirs: [20_000, undefined],
    ours: [16_384, 1],
  },
  {
    name: 'large-spans',
    async show(client, t) {
      const spans = await sent(client, t, (tracer) => {
        const large = tracer.startSpan('large');
        for (let i = 0; i < 9; i++) large.setTag('text', 'x'.repeat(10_000));
        large.finish();
        tracer.startSpan('small').finish();
      });
      return spans[0]?.operationName;
    },
    theirs: 'small',
    ours: 'large',
  },
  {
    name: 'names-that-are-no-text',
    async show(client, t) {
      const spans = await sent(client, t, (tracer) => {
        tracer.startSpan(undefined as unknown as string).finish();
        tracer.startSpan('b').finish();
      });
      return spans[0]?.operationName;
    },
    theirs: 'b',
    ours: 'undefined',
  },
  {
    name: 'time-zero',
    show: (client) => inMemory(client).tracer.startSpan('a', { startTime: 0 })._startTime < 1e12,
    theirs: false,
    ours: true,
  },
  {
    name: 'finish-before-start',
    show(client) {
      const span = inMemory(client).tracer.startSpan('a', { startTime: 2000 });
      span.finish(1000);
      return span._duration;
    },
    theirs: -1000,
    ours: 0,
  },
  {
    name: 'after-the-finish',
    show(client) {
      const { tracer, spans } = inMemory(client);
      const span = tracer.startSpan('a');
      span.finish();
      span.setTag('late', true);
      return client.TestUtils.hasTags(spans()[0]!, { late: true });
    },
    theirs: true,
    ours: false,
  },
  {
    name: 'second-finish',
    show(client) {
      const errors: string[] = [];
      const logger = { info() {}, error: (message: string) => void errors.push(message) };
      const options = { ...inMemoryReporter(client), logger };
      const config = { serviceName: 'orders', sampler: { type: 'const', param: 0 } };
      const span = client.initTracer(config, options).startSpan('a');
      span.finish();
      span.finish();
      return errors.length;
    },
    theirs: 0,
    ours: 1,
  },
  {
    name: 'priority-of-zero',
    show(client) {
      const { tracer, spans } = inMemory(client);
      const span = tracer.startSpan('a').addTags({ 'sampling.priority': 0 });
      span.setTag('sampling.priority', 1).finish();
      return spans()[0]?._tags.filter(({ key }) => key === 'sampling.priority').length;
    },
    theirs: 2,
    ours: 1,
  },
  {
    name: 'baggage-of-undecided-spans',
    show(client) {
      const reporter = new client.InMemoryReporter();
      const sampler = new client.experimental.TagEqualsSampler('k', [{ tagValue: 'v' }]);
      const tracer = new client.Tracer('orders', reporter, sampler);
      tracer.startSpan('a').setBaggageItem('b', '1').setTag('k', 'v').finish();
      return reporter.spans[0]?._logs.length;
    },
    theirs: 0,
    ours: 1,
  },
  {
    name: 'baggage-that-was-empty',
    show(client) {
      const { tracer, spans } = inMemory(client);
      const span = tracer.startSpan('a').setBaggageItem('b', '').setBaggageItem('b', '1');
      span.finish();
      return spans()[0]?._logs[1]?.fields.map(({ key }) => key);
    },
    theirs: ['event', 'key', 'value'],
    ours: ['event', 'key', 'value', 'override'],
  },
  {
    name: 'baggage-without-a-value',
    show(client) {
      const span = inMemory(client).tracer.startSpan('a').setBaggageItem('b', '1');
      return outcome(() => span.setBaggageItem('b', null as unknown as string).getBaggageItem('b'));
    },
    theirs: 'throws TypeError',
    ours: undefined,
  },
  {
    name: 'baggage-keys',
    show: (client) => Object.keys(header(client, { 'uberctx-User_Id': '7' }).baggage),
    theirs: ['User_Id'],
    ours: ['user-id'],
  },
  {
    name: 'ids-with-all-digits',
    show(client) {
      const carrier = {};
      const context = client.SpanContext.fromString('1f:2:0:1')!;
      inMemory(client).tracer.inject(context, 'text_map', carrier);
      return carrier;
    },
    theirs: { 'uber-trace-id': '1f:2:0:1' },
    ours: { 'uber-trace-id': '000000000000001f:0000000000000002:0:1' },
  },
  {
    name: 'strict-contexts',
    show: (client) => header(client, { 'uber-trace-id': '1g:2z:0:1' }).isValid,
    theirs: true,
    ours: false,
  },
  {
    name: 'empty-contexts',
    show(client) {
      const carrier = {};
      inMemory(client).tracer.inject(header(client, {}), 'text_map', carrier);
      return carrier;
    },
    theirs: { 'uber-trace-id': 'undefined:undefined:0:0' },
    ours: {},
  },
  {
    name: 'half-contexts',
    show: (client) =>
      new client.ZipkinB3TextMapCodec().extract({ 'x-b3-spanid': '1', 'x-b3-sampled': '1' }).flags,
    theirs: 1,
    ours: 0,
  },
  {
    name: 'b3-single',
    show: (client) => new client.ZipkinB3TextMapCodec().extract({ b3: '1-2-1' }).isValid,
    theirs: false,
    ours: true,
  },
  {
    name: 'debug-id-beside-ids',
    show: (client) =>
      header(client, { 'uber-trace-id': '1:2:0:1', 'jaeger-debug-id': 'me' }).debugId,
    theirs: 'me',
    ours: '',
  },
  {
    name: 'probabilistic-by-trace-id',
    show(client) {
      return withRandom(0, () => {
        const config = { serviceName: 'orders', sampler: { type: 'probabilistic', param: 0.5 } };
        const tracer = client.initTracer(config, inMemoryReporter(client));
        const kept = Array.from({ length: 100 }, () => tracer.startSpan('a').context().isSampled());
        return new Set(kept).size;
      });
    },
    theirs: 1,
    ours: 2,
  },
  {
    name: 'rate-limit-from-the-start',
    show(client) {
      const sampler = withRandom(0, () => new client.RateLimitingSampler(5));
      return Array.from({ length: 9 }, () => sampler.isSampled('a', {})).filter(Boolean).length;
    },
    theirs: 0,
    ours: 5,
  },
  {
    name: 'sampling-server-after-the-start',
    async show(client, t) {
      let requestCount = 0;
      const server = createServer((_request, response) => {
        requestCount++;
        response.end('{}');
      });
      const { host: hostPort } = new URL(await listen(t, server));
      const sampler = { type: 'remote', param: 1, hostPort };
      const tracer = client.initTracer(
        { serviceName: 'orders', sampler },
        inMemoryReporter(client),
      );
      // In steps: where the process was held up, a whole second may be over before its first tenth was used.
      for (let i = 0; i < 10 && requestCount === 0; i++) await sleep(100);
      tracer.close();
      return requestCount;
    },
    theirs: 0,
    ours: 1,
  },
  {
    name: 'settings-that-cannot-be-meant',
    show: (client) => [
      refuses({ serviceName: 'a', sampler: { type: 'Const', param: 2 } }, client),
      refuses({ serviceName: 'a', sampler: { type: 'consistent', param: 1 } }, client),
      refuses({ serviceName: 'a', sampler: { type: 'const', parm: 1, param: 1 } }, client),
    ],
    theirs: [
      'takes it, and drops every trace',
      'takes it, and drops every trace',
      'takes it, and keeps every trace',
    ],
    ours: ['throws SpoorError', 'throws SpoorError', 'throws SpoorError'],
  },
  {
    name: 'case-of-words',
    show: (client) => refuses({ serviceName: 'a', sampler: { type: 'Const', param: 1 } }, client),
    theirs: 'takes it, and drops every trace',
    ours: 'takes it, and keeps every trace',
  },
  {
    name: 'variables-that-say-false',
    show(client) {
      const lines: string[] = [];
      const logger = { info: (line: string) => void lines.push(line), error() {} };
      const tracer = withVariables({ JAEGER_REPORTER_LOG_SPANS: 'false' }, () =>
        client.initTracerFromEnv({ serviceName: 'orders', sampler: keepAll }, { logger }),
      );
      tracer.startSpan('a').finish();
      tracer.close();
      return lines.filter((line) => line.startsWith('Reporting span')).length;
    },
    theirs: 1,
    ours: 0,
  },
  {
    name: 'variables-that-say-true',
    show: (client) =>
      withVariables({ JAEGER_DISABLED: 'TRUE' }, () => {
        const config = { serviceName: 'orders', sampler: keepAll };
        const tracer = client.initTracerFromEnv(config, inMemoryReporter(client));
        return tracer.startSpan('a').context().isSampled();
      }),
    theirs: true,
    ours: false,
  },
  {
    name: 'equals-signs-in-tags',
    show: (client) =>
      withVariables({ JAEGER_TAGS: 'query=a=b' }, () => {
        const reporter = new client.InMemoryReporter();
        const config = { serviceName: 'orders', sampler: keepAll };
        client.initTracerFromEnv(config, { reporter });
        const tags = reporter._process?.tags as { key: string; value?: unknown; vStr?: unknown }[];
        const tag = tags.find(({ key }) => key === 'query');
        return tag?.value ?? tag?.vStr;
      }),
    theirs: 'a',
    ours: 'a=b',
  },
  {
    name: 'options-stay-as-they-are',
    show(client) {
      const { metrics } = counting();
      const options = { ...inMemoryReporter(client), metrics };
      client.initTracer({ serviceName: 'orders', sampler: keepAll }, options);
      return options.metrics === metrics;
    },
    theirs: false,
    ours: true,
  },
  {
    name: 'disabled-tracers-close',
    show: (client) =>
      typeof (client.initTracer({ disable: true }) as { close?: unknown } | undefined)?.close,
    theirs: 'undefined',
    ours: 'function',
  },
  {
    name: 'joined-traces',
    show(client) {
      const { metrics, names } = counting();
      const { tracer } = inMemory(client, { metrics });
      const childOf = tracer.extract('text_map', { 'uber-trace-id': '1:2:0:1' })!;
      tracer.startSpan('a', { childOf });
      return names.has('jaeger:traces joined y');
    },
    theirs: false,
    ours: true,
  },
  {
    name: 'throttled-by-others',
    show(client) {
      const { metrics, names } = counting();
      const throttler = { isAllowed: () => false, setProcess() {}, close() {} };
      inMemory(client, { metrics, throttler }).tracer.startSpan('a').setTag('sampling.priority', 1);
      return names.has('jaeger:throttled_debug_spans');
    },
    theirs: false,
    ours: true,
  },
  {
    name: 'further-counters',
    show(client) {
      const made = new Set<string>();
      const metrics: NonNullable<Options['metrics']> = {
        createCounter(name) {
          made.add(name);
          return { increment() {} };
        },
        createGauge: () => ({ update() {} }),
      };
      inMemory(client, { metrics });
      return made.has('jaeger:reporter_dropped_spans');
    },
    theirs: false,
    ours: true,
  },
  {
    name: 'hyphens-in-namespaces',
    async show(client) {
      const promClient = (await import('prom-client')).default;
      promClient.register.clear();
      const factory = new client.PrometheusMetricsFactory(promClient, 'my-shop');
      const made = outcome(() => {
        factory.createCounter('jaeger:traces', {}).increment(1);
        return promClient.register.getMetricsAsArray()[0]?.name;
      });
      promClient.register.clear();
      return made;
    },
    theirs: 'throws Error',
    ours: 'my_shop_jaeger:traces',
  },
  {
    name: 'name-of-the-client',
    async show(client, t) {
      const [span] = await sent(client, t, (tracer) => tracer.startSpan('a').finish());
      return String(span?.processTags['jaeger.version']).replace(/\d+\.\d+\.\d+.*/, 'x');
    },
    theirs: 'Node-x',
    ours: 'Spoor-Node-x',
  },
];
