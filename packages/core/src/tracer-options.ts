import type { BaggageRestrictions } from './baggage/baggage-restrictions.js';
import type { Logger } from './logger.js';
import type { MetricsFactory } from './metrics/metrics-factory.js';
import type { Observer } from './observer.js';
import type * as opentracing from './opentracing.js';
import type { Propagation } from './propagation/propagation.js';
import type { Reporter } from './reporting/reporter.js';
import type { LateSampler } from './sampling/late-sampler.js';
import type { Sampler } from './sampling/sampler.js';
import type { Throttler } from './sampling/throttler.js';
import type { SpanLimitOptions } from './span-limits.js';
import type { Tags } from './tags.js';
import type { DescribedSetting } from './tracer-description.js';

/** OpenTracing's options of `startSpan`, and one of ours. */
export interface StartSpanOptions {
  /** The parent; wins over `references` and over the active span. */
  childOf?: opentracing.Span | opentracing.SpanContext | null | undefined;
  /** The first `child_of` is the parent, else the first `follows_from`. All are reported. */
  references?: opentracing.Reference[] | undefined;
  /** Set on the span before `startSpan` returns. */
  tags?: Tags | undefined;
  /** Milliseconds since the epoch, fractions allowed. @default now */
  startTime?: number | Date | undefined;
  /** True starts a new trace where no parent is given, even while a span is active. @default false */
  ignoreActiveSpan?: boolean | undefined;
  /** True starts a new trace whatever else is given; `references` are reported and none of them is the parent. @default false */
  newTrace?: boolean | undefined;
}

/** What a `Tracer` is made of; `initTracer` makes all of it from a configuration. */
export interface TracerOptions {
  /** @default a reporter that drops every span */
  reporter?: Reporter | undefined;
  /** @default a sampler that keeps nothing */
  sampler?: Sampler | LateSampler | undefined;
  /** Who allows `sampling.priority` and `jaeger-debug-id`. @default every `sampling.priority`, ten `jaeger-debug-id` a second */
  throttler?: Throttler | undefined;
  /**
   * True lets `sampling.priority` keep a trace without the debug flag, and without asking the throttler. @default false
   *
   * @see jaeger-client-go, the option of the same name
   */
  noDebugFlagOnForcedSampling?: boolean | undefined;
  /** @default the console */
  logger?: Logger | undefined;
  /** @default nothing is counted */
  metrics?: MetricsFactory | undefined;
  /** Told of every span, sampled or not. @default none, which costs nothing */
  observers?: readonly Observer[] | undefined;
  /** Process tags, sent with every batch beside `hostname`, `ip`, `jaeger.version` and `client-uuid`. */
  tags?: Tags | undefined;
  /** New traces get 128-bit ids instead of 64-bit ones. @default false */
  traceId128bit?: boolean | undefined;
  /**
   * True gives the server's span of a call the ids of the client's, as Zipkin has it, where the span is started with the tag
   * `span.kind=server`. @default false
   */
  shareRpcSpan?: boolean | undefined;
  /** What `setBaggageItem` may set. @default every key, values up to 2048 characters */
  baggageRestrictions?: BaggageRestrictions | undefined;
  /** What one span may hold. */
  limits?: SpanLimitOptions | undefined;
  /** Header formats to read (the first that is there) and to write (all). @default Jaeger, then W3C */
  propagation?: Propagation | undefined;
  /** For `tracer.describe()`: the settings that the parts are made of. @default none */
  describeSettings?: (() => Record<string, DescribedSetting>) | undefined;
}
