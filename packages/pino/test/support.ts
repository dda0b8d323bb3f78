import {
  ConstSampler,
  InMemoryReporter,
  type RecordedSpan,
  type Span,
  setGlobalTracer,
  Tracer,
} from '@spoor/core';
import { pino as pino10 } from 'pino';
import { pino as pino8 } from 'pino-8';
import { pino as pino9 } from 'pino-9';

/** Every major, by the types of the newest. */
export const majors: readonly { name: string; library: string; pino: typeof pino10 }[] = [
  { name: 'pino 10', library: 'pino', pino: pino10 },
  { name: 'pino 9', library: 'pino-9', pino: pino9 as unknown as typeof pino10 },
  { name: 'pino 8', library: 'pino-8', pino: pino8 as unknown as typeof pino10 },
];

export type LogRecord = Record<string, unknown>;

/** Where a logger writes to; each line is read by itself, and must say each thing once. */
export class Destination {
  readonly lines: string[] = [];

  write(line: string): void {
    this.lines.push(line);
  }

  /** What was written, without what pino adds to every record. */
  get records(): readonly LogRecord[] {
    return this.lines.map((line) => {
      const { time, pid, hostname, ...record } = JSON.parse(line) as LogRecord;
      return record;
    });
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
