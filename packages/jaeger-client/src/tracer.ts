import {
  type Baggage,
  Tracer as CoreTracer,
  Propagation,
  type Sampler,
  type SpanReference,
  type StartSpanOptions,
} from '@spoor/core';
import { messageOf, type Parent } from '@spoor/core/internal';
import opentracing from 'opentracing';
import { toCoreReporter } from './adapt-reporter.js';
import { type AnySampler, toCoreSampler } from './adapt-sampler.js';
import { toCoreThrottler } from './adapt-throttler.js';
import { NoopReporter } from './reporters.js';
import { ConstSampler } from './samplers.js';
import { Span } from './span.js';
import { SpanContext } from './span-context.js';
import { TextMapCodec } from './text-map-codec.js';
import type { Extractor, Injector, Logger, MetricsFactory, Reporter, Throttler } from './types.js';

/** The fourth argument of {@link Tracer}. */
export interface TracerOptions {
  /** Process tags. */
  tags?: Record<string, unknown> | undefined;
  /** @default nothing is counted */
  metrics?: MetricsFactory | undefined;
  /** @default nothing is logged */
  logger?: Logger | undefined;
  /** The header of ids and flags. @default 'uber-trace-id' */
  contextKey?: string | null | undefined;
  /** In front of the key of each baggage item. @default 'uberctx-' */
  baggagePrefix?: string | null | undefined;
  /** New traces get 128-bit ids. @default false */
  traceId128bit?: boolean | undefined;
  /** Server spans take over the ids of the client's, as Zipkin has it. @default false */
  shareRpcSpan?: boolean | undefined;
  /** @default allows everything */
  debugThrottler?: Throttler | undefined;
}

const silentLogger: Logger = { info() {}, error() {} };

/**
 * Starts spans, and carries their context between processes. Is a tracer of `@spoor/core` too: Spoor's middleware and patches
 * take it.
 */
export class Tracer extends CoreTracer {
  readonly #injectors = new Map<string, Injector>();
  readonly #extractors = new Map<string, Extractor>();
  readonly #logger: Logger;
  /** Undefined where it may decide late. */
  readonly #samplerAtOnce: Sampler | undefined;

  constructor(
    serviceName: string,
    reporter: Reporter = new NoopReporter(),
    sampler: AnySampler = new ConstSampler(false),
    options: TracerOptions = {},
  ) {
    const logger = options.logger ?? silentLogger;
    const coreSampler = toCoreSampler(sampler);
    super(serviceName, {
      reporter: toCoreReporter(reporter),
      sampler: coreSampler,
      throttler: toCoreThrottler(options.debugThrottler),
      logger,
      metrics: options.metrics,
      tags: options.tags,
      traceId128bit: options.traceId128bit,
      shareRpcSpan: options.shareRpcSpan,
      // Injectors and extractors are registered by format, and decide alone.
      propagation: new Propagation([], []),
    });
    this.#logger = logger;
    this.#samplerAtOnce = 'isSampled' in coreSampler ? coreSampler : undefined;
    const { contextKey, baggagePrefix } = options;
    const codecOptions = { contextKey, baggagePrefix, metrics: this.context.metrics };
    const textCodec = new TextMapCodec(codecOptions);
    const httpCodec = new TextMapCodec({ ...codecOptions, urlEncoding: true });
    this.#register(opentracing.FORMAT_TEXT_MAP, textCodec);
    this.#register(opentracing.FORMAT_HTTP_HEADERS, httpCodec);
    this.#register(opentracing.FORMAT_BINARY, { inject() {}, extract: () => null });
  }

  /** Writes `format` with `injector` from now on. */
  registerInjector(format: string, injector: Injector): void {
    this.#injectors.set(format, injector);
  }

  /** Reads `format` with `extractor` from now on. */
  registerExtractor(format: string, extractor: Extractor): void {
    this.#extractors.set(format, extractor);
  }

  /** Milliseconds since the epoch, fractions included. */
  now(): number {
    return this.clock.wallMs();
  }

  override startSpan(operationName: string, options?: StartSpanOptions): Span {
    // As `createSpan` makes it.
    return super.startSpan(operationName, options) as Span;
  }

  protected override createSpan(
    operationName: string,
    parent: Parent | undefined,
    references: readonly SpanReference[] | undefined,
    baggage: Baggage | undefined,
    isParentItself: boolean,
  ): Span {
    return new Span(this, operationName, parent, references, baggage, isParentItself);
  }

  override inject(
    spanContext: opentracing.SpanContext | opentracing.Span,
    format: string,
    carrier: unknown,
  ): void {
    const context = spanContext instanceof Span ? spanContext.context() : spanContext;
    const injector = this.#injectors.get(format);
    if (!(context instanceof SpanContext)) return;
    if (injector === undefined) {
      // It says what is wrong with the format.
      super.inject(context, format, carrier);
      return;
    }
    try {
      injector.inject(context, carrier);
    } catch (error) {
      this.context.faults.report('inject', `the injector of ${format} threw: ${messageOf(error)}.`);
    }
  }

  /** What the extractor of `format` finds: those of this package give an empty context where there is none. */
  override extract(format: string, carrier: unknown): SpanContext | null {
    const extractor = this.#extractors.get(format);
    if (extractor === undefined) {
      // It says what is wrong with the format.
      super.extract(format, carrier);
      return null;
    }
    try {
      const context = extractor.extract(carrier);
      if (!(context instanceof SpanContext)) return null;
      context._setRemote(true);
      return context;
    } catch (error) {
      this.context.faults.report(
        'extract',
        `the extractor of ${format} threw: ${messageOf(error)}.`,
      );
      return null;
    }
  }

  override extractRequest(
    headers: object,
    _rawHeaders?: readonly string[],
  ): SpanContext | undefined {
    const context = this.extract(opentracing.FORMAT_HTTP_HEADERS, headers);
    if (context === null) return undefined;
    const isOfUse = context.isValid || context.debugId !== '' || hasItems(context.baggage);
    return isOfUse ? context : undefined;
  }

  /** For {@link Span}: below a context that was made by hand, about which nobody has decided. */
  decideAtOnce(span: Span): void {
    if (this.#samplerAtOnce === undefined) return;
    const sample = this.sample(span.traceId2, span.traceId3, span.operationName) !== 0;
    span.apply({ sample, retryable: false, tags: this.#samplerAtOnce.tags });
  }

  override reportSecondFinish(span: Span): void {
    this.#logger.error(
      `operation=${span.operationName},context=${span.context()}#You can only call finish() on a span once.`,
    );
  }

  #register(format: string, codec: Injector & Extractor): void {
    this.registerInjector(format, codec);
    this.registerExtractor(format, codec);
  }
}

function hasItems(baggage: object): boolean {
  for (const _key in baggage) return true;
  return false;
}
