import { createRequire } from 'node:module';
import type { Int64, TProtocol } from 'thrift';

// The compiler's JavaScript reads leniently: a field that was not on the wire is null, required or
// not.

/** @see jaeger-idl jaeger.thrift, `Tag` */
export interface ThriftTag {
  key: string | null;
  vType: number | null;
  vStr: string | null;
  vDouble: number | null;
  vBool: boolean | null;
  vLong: Int64 | null;
  vBinary: Buffer | null;
}

/** @see jaeger-idl jaeger.thrift, `Log` */
export interface ThriftLog {
  timestamp: Int64 | null;
  fields: ThriftTag[] | null;
}

/** @see jaeger-idl jaeger.thrift, `SpanRef` */
export interface ThriftSpanRef {
  refType: number | null;
  traceIdLow: Int64 | null;
  traceIdHigh: Int64 | null;
  spanId: Int64 | null;
}

/** @see jaeger-idl jaeger.thrift, `Span` */
export interface ThriftSpan {
  traceIdLow: Int64 | null;
  traceIdHigh: Int64 | null;
  spanId: Int64 | null;
  parentSpanId: Int64 | null;
  operationName: string | null;
  references: ThriftSpanRef[] | null;
  flags: number | null;
  startTime: Int64 | null;
  duration: Int64 | null;
  tags: ThriftTag[] | null;
  logs: ThriftLog[] | null;
}

/** @see jaeger-idl jaeger.thrift, `ClientStats` */
export interface ThriftStats {
  fullQueueDroppedSpans: Int64 | null;
  tooLargeDroppedSpans: Int64 | null;
  failedToEmitSpans: Int64 | null;
}

/** @see jaeger-idl jaeger.thrift, `Batch` */
export interface ThriftBatch {
  process: { serviceName: string | null; tags: ThriftTag[] | null } | null;
  spans: ThriftSpan[] | null;
  seqNo: Int64 | null;
  stats: ThriftStats | null;
}

interface AgentModule {
  Processor: new (handler: {
    emitBatch(batch: ThriftBatch | null): void;
  }) => { process_emitBatch(seqid: number, input: TProtocol, output?: TProtocol): void };
}

interface JaegerTypes {
  Batch: new () => ThriftBatch & { read(input: TProtocol): void };
}

// `src/` and `dist/` are both siblings of `gen/`, so one path serves; bundled, thrift would warn
// about `new Buffer`.
const require = createRequire(import.meta.url);
// The compiler writes no types that fit; the interfaces above say what its code does.
const agent = require('../gen/Agent.js') as AgentModule;
const jaegerTypes = require('../gen/jaeger_types.js') as JaegerTypes;

/**
 * Reads the arguments of `emitBatch`, up to the end of the message. `null` when there is no batch.
 */
export function readEmitBatch(protocol: TProtocol): ThriftBatch | null {
  let read: ThriftBatch | null = null;
  const processor = new agent.Processor({ emitBatch: (batch) => (read = batch) });
  processor.process_emitBatch(0, protocol);
  return read;
}

/** Reads a bare batch, as it is sent over HTTP. */
export function readBatch(protocol: TProtocol): ThriftBatch {
  const batch = new jaegerTypes.Batch();
  batch.read(protocol);
  return batch;
}
