import type { Reporter as CoreReporter, FinishedSpan, ReporterContext, TagList } from '@spoor/core';
import { messageOf } from '@spoor/core/internal';

/** A sender as `jaeger-client` has it: it gets each span as the object that Thrift's libraries write. */
export interface Sender {
  /** Calls back with the number of spans that it has dealt with, and the error if they are lost. */
  append(span: ThriftSpan, callback: SenderCallback): void;
  flush(callback: SenderCallback): void;
  close(): void;
  setProcess(process: { serviceName: string; tags: ThriftTag[] }): void;
}

/** Called with how many spans were dealt with, and with an error where they are lost. */
export type SenderCallback = (spanCount: number, error?: unknown) => void;

/** @see jaeger-idl jaeger.thrift, Tag */
export interface ThriftTag {
  key: string;
  vType: 'STRING' | 'DOUBLE' | 'BOOL' | 'BINARY';
  vStr: string;
  vDouble: number;
  vBool: boolean;
  vLong: Buffer;
  vBinary: Buffer;
}

/** @see jaeger-idl jaeger.thrift, Span */
export interface ThriftSpan {
  traceIdLow: Buffer;
  traceIdHigh: Buffer;
  spanId: Buffer;
  parentSpanId: Buffer;
  operationName: string;
  references: {
    refType: 'CHILD_OF' | 'FOLLOWS_FROM';
    traceIdLow: Buffer;
    traceIdHigh: Buffer;
    spanId: Buffer;
  }[];
  flags: number;
  /** Microseconds, as are all times. */
  startTime: Buffer;
  duration: Buffer;
  tags: ThriftTag[];
  logs: { timestamp: Buffer; fields: ThriftTag[] }[];
}

/** Gives spans to a sender of the user's. */
export class SenderReporter implements CoreReporter {
  readonly #sender: Sender;
  readonly #flushIntervalMs: number;
  #context: ReporterContext | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(sender: Sender, flushIntervalMs: number) {
    this.#sender = sender;
    this.#flushIntervalMs = flushIntervalMs;
  }

  start(context: ReporterContext): void {
    this.#context = context;
    const { serviceName, tags } = context.process;
    this.#sender.setProcess({ serviceName, tags: thriftTags(tags) });
    this.#timer = setInterval(() => void this.flush(), this.#flushIntervalMs);
    this.#timer.unref();
  }

  report(span: FinishedSpan): void {
    this.#sender.append(thriftSpan(span), (spanCount, error) => this.#count(spanCount, error));
  }

  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#sender.flush((spanCount, error) => {
        this.#count(spanCount, error);
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    this.#sender.close();
  }

  toString(): string {
    return 'RemoteReporter';
  }

  #count(spanCount: number, error: unknown): void {
    if (error === undefined || error === null) {
      this.#context?.metrics.spansReported(spanCount);
      return;
    }
    this.#context?.metrics.spansFailed(spanCount);
    this.#context?.faults.report('sender', `the sender has lost spans: ${messageOf(error)}.`);
  }
}

function thriftSpan(span: FinishedSpan): ThriftSpan {
  return {
    traceIdLow: int64(span.traceId2, span.traceId3),
    traceIdHigh: int64(span.traceId0, span.traceId1),
    spanId: int64(span.spanId0, span.spanId1),
    parentSpanId: int64(span.parentId0, span.parentId1),
    operationName: span.operationName,
    references: (span.references ?? []).map(({ type, context }) => ({
      refType: type === 'child_of' ? 'CHILD_OF' : 'FOLLOWS_FROM',
      traceIdLow: int64(context.traceId2, context.traceId3),
      traceIdHigh: int64(context.traceId0, context.traceId1),
      spanId: int64(context.spanId0, context.spanId1),
    })),
    flags: span.flags,
    startTime: microseconds(span.startTimeMs),
    duration: microseconds(span.durationMs),
    tags: thriftTags(span.tags),
    logs: (span.logs ?? []).map(({ timestampMs, fields }) => ({
      timestamp: microseconds(timestampMs),
      fields: thriftTags(fields),
    })),
  };
}

function thriftTags(list: Readonly<TagList>): ThriftTag[] {
  const tags: ThriftTag[] = [];
  for (let i = 0; i < list.length; i += 2) {
    const value = list[i + 1]!;
    // All fields are there: writers that were made for these objects expect it.
    const tag: ThriftTag = {
      key: String(list[i]),
      vType: 'STRING',
      vStr: '',
      vDouble: 0,
      vBool: false,
      vLong: Buffer.alloc(8),
      vBinary: Buffer.alloc(8),
    };
    if (typeof value === 'string') tag.vStr = value;
    else if (typeof value === 'number') Object.assign(tag, { vType: 'DOUBLE', vDouble: value });
    else if (typeof value === 'boolean') Object.assign(tag, { vType: 'BOOL', vBool: value });
    else Object.assign(tag, { vType: 'BINARY', vBinary: Buffer.from(value) });
    tags.push(tag);
  }
  return tags;
}

function int64(high: number, low: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(high, 0);
  bytes.writeInt32BE(low, 4);
  return bytes;
}

function microseconds(timeMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(Math.round(timeMs * 1000)));
  return bytes;
}
