import type { LegacySamplerV1, MetricsFactory, Sampler } from '@spoor/jaeger-client';
import type { Cleanup, CollectedSpan, Collector } from '@spoor/testing';
import type { Client } from './clients.js';
import { type HeaderNames, type Headers, type Operation, usualNames } from './operations.js';

/** What an application sees of a tracer, and the backend of its spans, with ids that depend on no chance. */
export interface Observed {
  /** One entry per operation. */
  readonly steps: readonly unknown[];
  readonly spans: readonly unknown[];
  readonly counts: Readonly<Record<string, number>>;
  readonly logged: readonly string[];
}

/** How the tracer of a run is made. */
export interface Setup {
  readonly name: string;
  readonly config?: Record<string, unknown>;
  readonly options?: (client: Client) => Record<string, unknown>;
  /** In place of `config.sampler`: what a remote sampler decides with that never asks its server. */
  readonly sampler?: (client: Client) => Sampler | LegacySamplerV1;
  /** True where a trace may be undecided while something is set on its spans. */
  readonly isLate?: boolean;
  readonly names?: HeaderNames;
  /** What is done before the operations. */
  readonly prepare?: (client: Client, tracer: Tracer) => void;
  /** In place of `config.sampler` too: what its server says from the start. */
  readonly startSamplingServer?: (
    t: Cleanup,
  ) => Promise<{ options: object; updated: Promise<void> }>;
}

export type Tracer = InstanceType<Client['Tracer']>;
type Span = InstanceType<Client['Span']>;
type SpanContext = InstanceType<Client['SpanContext']>;

/** Names for ids, in the order in which they are seen. */
class Labels {
  readonly #labels = new Map<string, string>();

  add(hex: string | null | undefined, label: string): void {
    const id = stripped(hex);
    if (id !== '' && !this.#labels.has(id)) this.#labels.set(id, label);
  }

  of(hex: string | null | undefined): string {
    const id = stripped(hex);
    return this.#labels.get(id) ?? id;
  }

  /** `{trace}:{span}:{parent}:{flags}` */
  ofContext(text: string): string {
    const [trace, span, parent, flags] = text.split(':');
    return [this.of(trace), this.of(span), this.of(parent), flags].join(':');
  }
}

/** Zeros in front are no difference, and neither is upper case. */
function stripped(hex: string | null | undefined): string {
  return String(hex ?? '')
    .toLowerCase()
    .replace(/^0+/, '');
}

export async function runOperations(
  t: Cleanup,
  client: Client,
  setup: Setup,
  operations: readonly Operation[],
  collector: Collector,
): Promise<Observed> {
  const counts: Record<string, number> = {};
  const logged: string[] = [];
  const logger = {
    info: (message: string) => logged.push(`info ${message}`),
    error: (message: string) => logged.push(`error ${message}`),
  };
  const { options = () => ({}), config = {}, sampler } = setup;
  const samplingServer = await setup.startSamplingServer?.(t);
  const tracer = client.initTracer(
    {
      serviceName: 'orders',
      ...(sampler === undefined &&
        samplingServer === undefined && { sampler: { type: 'const', param: 1 } }),
      reporter: { agentHost: '127.0.0.1', agentPort: collector.port, flushIntervalMs: 20 },
      ...config,
    },
    {
      logger,
      metrics: countingFactory(counts),
      ...samplingServer?.options,
      ...(sampler !== undefined && { sampler: sampler(client), refreshInterval: 0 }),
      ...options(client),
    },
  );
  setup.prepare?.(client, tracer);
  await samplingServer?.updated;
  const labels = new Labels();
  const spans: Span[] = [];
  const extracted: SpanContext[] = [];
  const { names = usualNames } = setup;
  const run: Run = { counts, client, tracer, labels, spans, extracted, names };
  const steps: unknown[] = [];
  for (const operation of operations) {
    steps.push(perform(operation, run));
  }
  await new Promise<void>((resolve) => tracer.close(resolve));
  const reported = counts['jaeger:finished_spans'] ?? 0;
  const received = await collector.received(reported).catch((error: Error) => {
    throw new Error(`${error.message}\n${logged.join('\n')}`);
  });
  for (const [i, span] of spans.entries())
    logged.forEach((line, j) => {
      logged[j] = line.replaceAll(String(span.context()), `context of span ${i}`);
    });
  return {
    steps,
    counts,
    logged,
    spans: received.map((span) => describeSpan(span, labels, setup)).sort(byId),
  };
}

const decodingErrors = 'jaeger:span_context_decoding_errors';

/** True where nobody could take the ids for others than those that were meant. */
function isStrict(headers: Headers, { context }: HeaderNames): boolean {
  const of = (name: string): string | undefined =>
    Object.entries(headers).find(([header]) => header.toLowerCase() === name)?.[1];
  const [trace = '', span = '', parent = '0', flags = '0', ...rest] =
    context === 'b3'
      ? [of('x-b3-traceid'), of('x-b3-spanid'), of('x-b3-parentspanid')]
      : of(context)!.replaceAll('%3A', ':').split(':');
  return (
    rest.length === 0 &&
    /^[\da-f]{1,32}$/i.test(trace) &&
    [span, parent].every((id) => /^[\da-f]{1,16}$/i.test(id)) &&
    /^[\da-f]{1,2}$/i.test(flags) &&
    stripped(trace) !== '' &&
    stripped(span) !== ''
  );
}

interface Run {
  readonly counts: Record<string, number>;
  readonly client: Client;
  readonly tracer: Tracer;
  readonly labels: Labels;
  readonly spans: Span[];
  readonly extracted: SpanContext[];
  readonly names: HeaderNames;
}

/** Does it, and returns what can be seen of it. */
function perform(operation: Operation, run: Run): unknown {
  const { client, tracer, labels, spans, extracted } = run;
  const { opentracing } = client;
  if (operation.do === 'start') {
    const { name, tags, startTime } = operation;
    const span = tracer.startSpan(name, { ...parentOf(operation.parent, run), tags, startTime });
    const context = span.context();
    labels.add(context.traceIdStr, `trace ${spans.length}`);
    labels.add(context.spanIdStr, `span ${spans.length}`);
    spans.push(span);
    return describeContext(context, labels);
  }
  if (operation.do === 'extract') {
    const context = tracer.extract(operation.format, operation.headers)!;
    if (!context.isValid || isStrict(operation.headers, run.names)) {
      extracted.push(context);
      return describeContext(context, labels);
    }
    // Named difference: strict-contexts. A codec of the application's counts nowhere.
    if (run.names.context !== 'b3')
      run.counts[decodingErrors] = (run.counts[decodingErrors] ?? 0) + 1;
    const empty = new client.SpanContext();
    empty.baggage = context.baggage;
    empty.debugId = context.debugId;
    empty._setRemote(true);
    extracted.push(empty);
    return describeContext(empty, labels);
  }
  const span = spans[operation.of]!;
  switch (operation.do) {
    case 'tag':
      return span.setTag(operation.key, operation.value) === span && flagsOf(span);
    case 'tags':
      return span.addTags(operation.tags) === span && flagsOf(span);
    case 'log':
      return span.log(operation.fields, operation.time) === span;
    case 'event':
      return span.logEvent(operation.name, operation.payload);
    case 'name':
      return [span.setOperationName(operation.name) === span, span.operationName, flagsOf(span)];
    case 'baggage':
      span.setBaggageItem(operation.key, operation.value);
      return [span.getBaggageItem(operation.key), span.getBaggageItem('never-set')];
    case 'finish':
      return span.finish(operation.time);
    case 'inject': {
      const carrier: Record<string, string> = {};
      const what = operation.asSpan ? span : span.context();
      tracer.inject(what as InstanceType<typeof opentracing.Span>, operation.format, carrier);
      for (const [name, value] of Object.entries(carrier)) {
        if (name === run.names.context) carrier[name] = labels.ofContext(value);
        else if (/^x-b3-.*id$/.test(name)) carrier[name] = labels.of(value);
      }
      return withPlainKeys(carrier);
    }
  }
}

function parentOf(parent: Extract<Operation, { do: 'start' }>['parent'], run: Run): object {
  const { client, spans, extracted } = run;
  switch (parent.kind) {
    case 'none':
      return {};
    case 'span':
      return { childOf: spans[parent.of] };
    case 'context':
      return { childOf: spans[parent.of]!.context() };
    case 'extracted':
      return { childOf: extracted[parent.of] };
    case 'references':
      return {
        references: parent.list.map(
          ({ type, of }) => new client.opentracing.Reference(type, spans[of]!.context()),
        ),
      };
  }
}

function flagsOf(span: Span): number {
  return span.context().flags;
}

function describeContext(context: SpanContext, labels: Labels): unknown {
  return {
    text: context.isValid ? labels.ofContext(context.toString()) : 'none',
    // Named difference: half-contexts.
    ids: context.isValid
      ? [context.traceIdStr, context.spanIdStr, context.parentIdStr].map((id) => labels.of(id))
      : [],
    bytes: context.isValid
      ? [context.traceId, context.spanId, context.parentId].map((id) =>
          labels.of(id?.toString('hex')),
        )
      : [],
    is: [
      context.isValid,
      context.isRemote(),
      context.isDebugIDContainerOnly(),
      // Named difference: half-contexts.
      ...(context.isValid
        ? [context.isSampled(), context.isDebug(), context.isFirehose(), context.samplingFinalized]
        : []),
    ],
    openTracing: context.isValid
      ? [labels.of(context.toTraceId()), labels.of(context.toSpanId())]
      : [],
    baggage: withPlainKeys(context.baggage),
    debugId: context.isValid ? '' : context.debugId,
  };
}

/** Named difference: baggage-keys. */
function withPlainKeys(baggage: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(baggage).map(([key, value]) => [key.trim(), value]));
}

function describeSpan(
  span: CollectedSpan,
  labels: Labels,
  { isLate = false }: Setup,
): Record<string, unknown> {
  // Named difference: baggage-of-undecided-spans.
  const logs = span.logs.filter(({ fields }) => !isLate || fields.event !== 'baggage');
  return {
    id: labels.of(span.spanId),
    trace: labels.of(span.traceId),
    parent: labels.of(span.parentSpanId),
    name: span.operationName,
    flags: span.flags,
    startTimeUs: span.startTimeUs,
    durationUs: span.durationUs,
    // Named difference: priority-of-zero.
    tags: span.tagList
      .filter(({ key, value }) => key !== 'sampling.priority' || (value as number) > 0)
      .map(({ key, type, value }) => [key, kindOf(type), withoutSign(value)]),
    logs: logs.map(({ timestampUs, fields }) => ({
      at: timeOf(timestampUs),
      fields: Object.entries(fields).map(([key, value]) => [key, withoutSign(value)]),
    })),
    references: span.references.map(({ type, traceId, spanId }) => ({
      type,
      trace: labels.of(traceId),
      span: labels.of(spanId),
    })),
    service: span.serviceName,
  };
}

/** What was given lies years back; the rest is the moment. */
function timeOf(timestampUs: number): number | 'now' {
  return Math.abs(timestampUs / 1000 - Date.now()) < 60_000 ? 'now' : timestampUs;
}

/** Named difference: numbers-that-are-whole. */
function kindOf(type: string): string {
  return type === 'long' || type === 'double' ? 'number' : type;
}

/** A whole number has no minus zero. */
function withoutSign(value: unknown): unknown {
  return value === 0 ? 0 : value;
}

function byId(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return String(a.id) < String(b.id) ? -1 : 1;
}

/** Named differences: joined-traces, throttled-by-others and further-counters. How often a server is asked is chance. */
function isOurs(key: string): boolean {
  return /traces joined|throttled_debug|sampler_queries|reporter_dropped_spans|baggage_restrictions/.test(
    key,
  );
}

function countingFactory(counts: Record<string, number>): MetricsFactory {
  const counter = (name: string, tags: Record<string, string> = {}) => {
    const key = [name, ...Object.values(tags)].join(' ');
    return {
      increment(delta: number) {
        if (isOurs(key)) return;
        counts[key] = (counts[key] ?? 0) + delta;
      },
    };
  };
  return {
    createCounter: counter,
    createGauge: () => ({ update() {} }),
    createTimer: () => ({ record() {} }),
  };
}
