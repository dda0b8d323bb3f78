import * as core from '@spoor/core';
import { type SpanInUse, spansInUse } from '@spoor/testing';
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

/** A span of a tracer for one test. */
export const traced: (isSampled?: boolean) => SpanInUse<core.Span, core.RecordedSpan> =
  spansInUse(core);
