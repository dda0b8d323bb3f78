import {
  ConstSampler,
  InMemoryReporter,
  type RecordedSpan,
  type Span,
  setGlobalTracer,
  Tracer,
} from '@spoor/core';
import winston3 from 'winston';
import winston32 from 'winston-3.2';
import Transport from 'winston-transport';

/** The newest, and the first with all that is tested here, by the types of the newest. */
export const versions: readonly { name: string; library: string; winston: typeof winston3 }[] = [
  { name: 'winston 3.19', library: 'winston', winston: winston3 },
  {
    name: 'winston 3.2',
    library: 'winston-3.2',
    winston: winston32 as unknown as typeof winston3,
  },
];

export type LogRecord = Record<string, unknown>;

const messageKey = Symbol.for('message');

/** A transport that keeps what it is to write, as a file would have it. */
export class Destination extends Transport {
  readonly lines: string[] = [];

  override log(info: Record<symbol, string>, next: () => void): void {
    this.lines.push(info[messageKey]!);
    next();
  }

  get records(): readonly LogRecord[] {
    return this.lines.map((line) => JSON.parse(line) as LogRecord);
  }
}

export interface Traced {
  readonly span: Span;
  /** Of `span`, as records have them. */
  readonly ids: { readonly trace_id: string; readonly span_id: string };
  /** Runs `fn` in `span`. */
  within<T>(fn: () => T): T;
  /** Finishes `span` and returns what was recorded of it. */
  finished(): RecordedSpan;
}

/** A span of a tracer for one test. */
export function traced(isSampled = true): Traced {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(isSampled) });
  setGlobalTracer(tracer);
  const span = tracer.startSpan('request');
  return {
    span,
    ids: { trace_id: span.context().toTraceId(), span_id: span.context().toSpanId() },
    within: (fn) => tracer.withSpan(span, fn),
    finished() {
      span.finish();
      return reporter.spans[0]!;
    },
  };
}
