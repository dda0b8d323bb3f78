import * as core from '@spoor/core';
import { type SpanInUse, spansInUse } from '@spoor/testing';
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

/** A span of a tracer for one test. */
export const traced: (isSampled?: boolean) => SpanInUse<core.Span, core.RecordedSpan> =
  spansInUse(core);
