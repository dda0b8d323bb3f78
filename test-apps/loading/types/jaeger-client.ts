import jaeger, {
  type Extractor,
  type Injector,
  initTracer,
  initTracerFromEnv,
  type JaegerTracer,
  type Logger,
  type MetricsFactory,
  opentracing,
  type Reporter,
  type ReporterConfig,
  type SamplerConfig,
  TextMapCodec,
  type TracingConfig,
  type TracingOptions,
  ZipkinB3TextMapCodec,
} from '@spoor/jaeger-client';

// What compiles with @types/jaeger-client.

const sampler: SamplerConfig = { type: 'const', param: 1 };
const reporter: ReporterConfig = { logSpans: true, agentHost: 'localhost', agentPort: 6832 };
const config: TracingConfig = { serviceName: 'orders', sampler, reporter, shareRpcSpan: true };
const logger: Logger = { info: (_message: string) => {}, error: (_message: string) => {} };

class Counting implements MetricsFactory {
  createCounter(_name: string, _tags: unknown) {
    return { increment: (_delta?: number) => {} };
  }
  createGauge(_name: string, _tags: unknown) {
    return { update: (_value: number) => {} };
  }
  createTimer(_name: string, _tags: unknown) {
    return { record: (_value: number) => {} };
  }
}

class Own implements Reporter {
  report(span: opentracing.Span): void {
    span.context().toSpanId();
  }
  close(callback?: () => void): void {
    callback?.();
  }
  setProcess(_serviceName: string, _tags: unknown): void {}
}

class OwnCodec implements Injector, Extractor {
  inject(spanContext: opentracing.SpanContext, carrier: Record<string, string>): void {
    carrier.trace = spanContext.toTraceId();
  }
  extract(_carrier: Record<string, string>): opentracing.SpanContext | null {
    return null;
  }
}

const options: TracingOptions = {
  tags: { version: '1' },
  logger,
  metrics: new Counting(),
  reporter: new Own(),
  traceId128bit: true,
  contextKey: 'x-trace',
};
const tracer: JaegerTracer = initTracer(config, options);
const fromEnv: opentracing.Tracer = initTracerFromEnv(config, {});
const codec = new ZipkinB3TextMapCodec({ urlEncoding: true });
tracer.registerInjector(opentracing.FORMAT_HTTP_HEADERS, codec);
tracer.registerExtractor(opentracing.FORMAT_HTTP_HEADERS, new TextMapCodec({ urlEncoding: true }));
tracer.registerInjector('own', new OwnCodec());
const parent: opentracing.SpanContext | null = tracer.extract(opentracing.FORMAT_HTTP_HEADERS, {});
const span: opentracing.Span = tracer.startSpan('a', parent === null ? {} : { childOf: parent });
tracer.inject(span, opentracing.FORMAT_TEXT_MAP, {});
void tracer.close(() => {});
jaeger.initTracer({ serviceName: 'orders' }, { reporter: new jaeger.InMemoryReporter() });

export { fromEnv };

// @ts-expect-error a sampler's parameter is a number
initTracer({ sampler: { type: 'const', param: 'all' } });
// @ts-expect-error there is no such key
initTracer({ reporter: { agentport: 6832 } });
