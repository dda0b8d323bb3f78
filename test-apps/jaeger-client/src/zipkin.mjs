// Zipkin's headers, metrics for Prometheus, a reporter and a sampler of one's own; from an ES module.
import jaeger from 'jaeger-client';
import promClient from 'prom-client';

const { FORMAT_HTTP_HEADERS, FORMAT_TEXT_MAP } = jaeger.opentracing;

/** Hands on what was slow, and remembers the rest. */
class SlowOnly {
  fast = [];
  #next;

  constructor(next) {
    this.#next = next;
  }

  report(span) {
    if (span._duration >= 100) this.#next.report(span);
    else this.fast.push(`${span.serviceName}.${span.operationName}`);
  }

  setProcess(serviceName, tags) {
    console.log('process', serviceName, tags.map(({ key }) => key).join());
    this.#next.setProcess(serviceName, tags);
  }

  close(callback) {
    this.#next.close(callback);
  }

  toString() {
    return 'SlowOnly';
  }
}

class NotHealth {
  name() {
    return 'NotHealth';
  }

  isSampled(operation, tags) {
    tags['sampler.type'] = 'not-health';
    return operation !== 'health';
  }

  close(callback) {
    callback?.();
  }
}

const metrics = new jaeger.PrometheusMetricsFactory(promClient, 'shop');
const memory = new jaeger.InMemoryReporter();
const slow = new SlowOnly(memory);
const tracer = jaeger.initTracer(
  { serviceName: 'shop', sampler: undefined },
  { reporter: slow, sampler: new NotHealth(), refreshInterval: 0, metrics, logger: console },
);
for (const format of [FORMAT_HTTP_HEADERS, FORMAT_TEXT_MAP]) {
  const codec = new jaeger.ZipkinB3TextMapCodec({ urlEncoding: format === FORMAT_HTTP_HEADERS });
  tracer.registerInjector(format, codec);
  tracer.registerExtractor(format, codec);
}

const start = Date.now() - 1000;
const headers = {
  'X-B3-TraceId': '463ac35c9f6413ad48485a3953bb6124',
  'X-B3-SpanId': 'a2fb4a1d1a96d312',
  'X-B3-ParentSpanId': '0020000000000001',
  'X-B3-Sampled': '1',
};
const parent = tracer.extract(FORMAT_HTTP_HEADERS, headers);
console.log(parent.traceIdStr, parent.spanIdStr, parent.isSampled(), parent.isRemote());
const server = tracer.startSpan('buy', {
  childOf: parent,
  startTime: start,
  tags: { 'span.kind': 'server', weight: 1.5 },
});
const client = tracer.startSpan('charge', { childOf: server, startTime: start + 10 });
const carrier = {};
tracer.inject(client.context(), FORMAT_HTTP_HEADERS, carrier);
console.log(carrier['x-b3-traceid'], carrier['x-b3-sampled'], Object.keys(carrier).sort().join());
client.finish(start + 40);
server.log({ event: 'paid' }, start + 50).finish(start + 300);
tracer.startSpan('health').finish();
tracer.startSpan('root', { startTime: start }).finish(start + 200);

console.log(memory.spans.map((span) => span.operationName).join(), slow.fast.join());
console.log(jaeger.TestUtils.hasTags(memory.spans[0], { weight: 1.5, 'span.kind': 'server' }));
console.log(jaeger.TestUtils.getTags(memory.spans[1], ['sampler.type']));
const wanted = /^shop_jaeger:(traces|started_spans|finished_spans).*[1-9]$/;
const lines = (await promClient.register.metrics()).split('\n').filter((line) => wanted.test(line));
console.log(lines.sort().join('\n'));
tracer.close(() => console.log('closed'));
