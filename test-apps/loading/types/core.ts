import {
  type Baggage,
  Config,
  ConstSampler,
  type Counter,
  type FinishedSpan,
  type globalTracer,
  InMemoryReporter,
  initTracer,
  initTracerFromEnv,
  type MetricsFactory,
  opentracing,
  type Reporter,
  type ReporterConfig,
  type Sampler,
  type Span,
  type SpanContext,
  SpoorError,
  type Tracer,
  type TracingConfig,
  withSpan,
} from '@spoor/core';
import { same } from './same.js';

interface Order {
  id: number;
  customer?: string;
}
declare const order: Order;
declare const maybe: string | undefined;

const everyReporterOption: Required<ReporterConfig> = {
  logSpans: true,
  agentHost: 'agent',
  agentPort: 6831,
  agentSocketType: 'udp6',
  attemptReconnectIntervalMs: 30_000,
  disableAttemptReconnecting: false,
  collectorEndpoint: 'http://collector:14268/api/traces',
  protocol: 'thrift',
  username: 'orders',
  password: 'secret',
  authToken: 'token',
  headers: { 'x-tenant': 'orders' },
  timeoutMs: 5000,
  flushIntervalMs: 1000,
  maxPacketSize: 65_000,
  maxQueueBytes: 8_388_608,
  maxQueueSpans: 1000,
  maxBatchSpans: 100,
};
const everyOption: Required<TracingConfig> = {
  serviceName: 'orders',
  disable: false,
  sampler: { type: 'probabilistic', param: 0.5 },
  throttler: { host: 'agent', port: 5778, refreshIntervalMs: 5000 },
  reporter: everyReporterOption,
  tags: { region: 'eu', shard: 7, canary: true },
  propagation: ['jaeger', 'w3c'],
  headers: { traceContextHeaderName: 'x-trace' },
  traceId128bit: true,
  shareRpcSpan: false,
  rpcMetrics: true,
  limits: {
    maxTagValueLength: 1024,
    maxTracebackLength: 4096,
    maxTagsPerSpan: 100,
    maxLogsPerSpan: 100,
    maxSpanBytes: 10_000,
  },
  baggageRestrictions: {
    hostPort: 'agent:5778',
    refreshIntervalMs: 60_000,
    denyBaggageOnInitializationFailure: true,
  },
};
const tracer = initTracer(everyOption, {
  reporter: new InMemoryReporter(),
  sampler: new ConstSampler(true),
  logger: console,
  tags: { region: 'eu' },
  traceId128bit: true,
});
same<typeof tracer, Tracer>(true);
const _from: string | undefined = tracer.describe().settings['reporter.agentHost']?.from;
const _asOpenTracing: opentracing.Tracer = tracer;
initTracer();
initTracerFromEnv({ serviceName: maybe, reporter: { agentHost: maybe } });
initTracer({ propagation: 'w3c', sampler: { type: 'const', param: true } });

// @ts-expect-error a typing error in an option
initTracer({ servicename: 'orders' });
// @ts-expect-error a text where a number belongs
initTracer({ reporter: { agentPort: '6831' } });
// @ts-expect-error no such sampler
initTracer({ sampler: { type: 'always' } });
// @ts-expect-error no such format
initTracer({ propagation: ['zipkin'] });
// @ts-expect-error a reporter belongs into the second argument
initTracer({ reporter: new InMemoryReporter() });
// @ts-expect-error and settings into the first
initTracer({}, { reporter: { logSpans: true } });
// @ts-expect-error a logger needs both methods
initTracer({}, { logger: { error() {} } });

const python = new Config({
  config: {
    service_name: 'orders',
    enabled: true,
    logging: true,
    metrics: true,
    sampler: { type: 'const', param: 1 },
    sampling_refresh_interval: 60,
    max_operations: 2000,
    throttler: {},
    local_agent: { reporting_host: 'agent', reporting_port: '6831', sampling_port: 5778 },
    reporter_batch_size: 10,
    reporter_queue_size: 100,
    reporter_flush_interval: 1,
    propagation: 'b3',
    trace_id_header: 'x-trace',
    baggage_header_prefix: 'x-baggage-',
    debug_id_header: 'x-debug',
    generate_128bit_trace_id: true,
    tags: { region: 'eu' },
    max_tag_value_length: 1024,
    max_traceback_length: 4096,
  },
  serviceName: 'orders',
  validate: true,
  logger: console,
});
same<ReturnType<typeof python.initializeTracer>, Tracer>(true);
// @ts-expect-error that is the key of Python's client
new Config({ service_name: 'orders' });
// @ts-expect-error an unknown key
new Config({ config: { samplr: {} } });

const span = tracer.startSpan('charge', {
  childOf: tracer.activeSpan(),
  references: [opentracing.followsFrom(tracer.startSpan('before').context())],
  tags: { 'order.id': 7 },
  startTime: Date.now(),
  ignoreActiveSpan: true,
  newTrace: false,
});
same<typeof span, Span>(true);
tracer.startSpan('charge', { childOf: null, tags: order });
tracer.startSpan('charge', { childOf: span.context(), tags: undefined });
tracer.startSpan('charge', { childOf: tracer.extract('http_headers', {}) });
// @ts-expect-error a span needs a name
tracer.startSpan();
// @ts-expect-error OpenTracing calls it childOf
tracer.startSpan('charge', { parent: span });
tracer.startSpan('charge', { startTime: new Date() }).finish(new Date());
// @ts-expect-error times are numbers, or dates
tracer.startSpan('charge', { startTime: 'now' });
// @ts-expect-error tags have names
tracer.startSpan('charge', { tags: 'vip' });

// Whatever a program has at hand can be a tag.
for (const value of [
  'text',
  7,
  7n,
  true,
  null,
  undefined,
  new Date(),
  new Error('no'),
  order,
  [1],
]) {
  span.setTag('value', value);
}
span.setTag('bytes', new Uint8Array(2)).addTags(order).setOperationName('charge order').log(order);
span.log({ event: 'error', 'error.object': new Error('no') }, Date.now());
span.setBaggageItem('tenant', 'acme').setBaggageItem('tenant', null);
same<ReturnType<typeof span.getBaggageItem>, string | undefined>(true);
same<ReturnType<typeof span.context>, SpanContext>(true);
same<SpanContext['baggage'], Baggage | undefined>(true);
// @ts-expect-error names are texts
span.setTag(7, 'value');
// @ts-expect-error log takes fields
span.log('message');
// @ts-expect-error baggage is text
span.setBaggageItem('tenant', 7);
span.finish();

same<ReturnType<typeof globalTracer>, Tracer | undefined>(true);
const inside = withSpan(span, async () => 7);
same<typeof inside, Promise<number>>(true);
const insideToo = tracer.withSpan(undefined, () => 'text' as const);
same<typeof insideToo, 'text'>(true);
const flushed = tracer.flush();
same<typeof flushed, Promise<void>>(true);
void tracer.close(() => {});

class OwnReporter implements Reporter {
  report(finished: FinishedSpan): void {
    same<typeof finished.durationMs, number>(true);
    // @ts-expect-error a reporter only reads
    finished.durationMs = 0;
  }
  async flush(): Promise<void> {}
  async close(): Promise<void> {}
}
class OwnSampler implements Sampler {
  readonly tags = ['sampler.type', 'own'];
  isSampled(_high: number, _low: number, operationName: string): boolean {
    return operationName !== 'health';
  }
}
const counter: Counter = {
  increment(delta = 1) {
    same<typeof delta, number>(true);
  },
};
/** As they were written for jaeger-client, timers included. */
const metrics: MetricsFactory = {
  createCounter: () => counter,
  createGauge: () => ({ update() {} }),
  createTimer: () => ({ record() {} }),
};
initTracer({}, { reporter: new OwnReporter(), sampler: new OwnSampler(), metrics });
new Config({ metricsFactory: metrics });
// @ts-expect-error a factory makes gauges too
initTracer({}, { metrics: { createCounter: () => counter } });

declare const caught: unknown;
if (caught instanceof SpoorError) same<typeof caught.code, 'SPOOR_CONFIG'>(true);

// @ts-expect-error a Buffer of the application has what Node's types say, and no more
Buffer.alloc(1).utf8Write('a', 0);
