interface SpanLike {
  context(): { toTraceId(): string; toSpanId(): string };
  finish(): void;
}

interface TracerLike<Span> {
  startSpan(operationName: string): Span;
  withSpan<T>(span: Span, fn: () => T): T;
}

/** What is needed of a tracing library: its names are those of `@spoor/core`. */
export interface TracingLibrary<Span, Recorded, Sampler, Tracer extends TracerLike<Span>> {
  readonly InMemoryReporter: new () => { readonly spans: readonly Recorded[] };
  readonly ConstSampler: new (isSampled: boolean) => Sampler;
  readonly Tracer: new (serviceName: string, options: never) => Tracer;
  setGlobalTracer(tracer: Tracer): unknown;
}

/** A span, and what log records in it must have. */
export interface SpanInUse<Span, Recorded> {
  readonly span: Span;
  /** Of `span`, as records have them. */
  readonly ids: { readonly trace_id: string; readonly span_id: string };
  /** Runs `fn` in `span`. */
  within<T>(fn: () => T): T;
  /** Finishes `span` and returns what was recorded of it. */
  finished(): Recorded;
}

/** Makes a function that starts a span of a new tracer, which becomes the global one: for tests of loggers. */
export function spansInUse<
  Span extends SpanLike,
  Recorded,
  Sampler,
  Tracer extends TracerLike<Span>,
>(
  library: TracingLibrary<Span, Recorded, Sampler, Tracer>,
): (isSampled?: boolean) => SpanInUse<Span, Recorded> {
  return (isSampled = true) => {
    const reporter = new library.InMemoryReporter();
    const sampler = new library.ConstSampler(isSampled);
    const tracer = new library.Tracer('test', { reporter, sampler } as never);
    library.setGlobalTracer(tracer);
    const span = tracer.startSpan('request');
    const context = span.context();
    return {
      span,
      ids: { trace_id: context.toTraceId(), span_id: context.toSpanId() },
      within: (fn) => tracer.withSpan(span, fn),
      finished() {
        span.finish();
        return reporter.spans[0]!;
      },
    };
  };
}
