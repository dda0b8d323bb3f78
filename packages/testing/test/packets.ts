import { createRequire } from 'node:module';
import {
  Int64,
  TBinaryProtocol,
  TBufferedTransport,
  TCompactProtocol,
  Thrift,
  type TProtocol,
} from 'thrift';

/** Struct fields by their name in the IDL. */
export type Fields = Record<string, unknown>;

const require = createRequire(import.meta.url);
const types = require('../gen/jaeger_types.js') as Record<
  'Batch' | 'Span' | 'Tag',
  new (
    fields: Fields,
  ) => { write(output: TProtocol): void }
>;

/** Bytes as the reference writes them: `82 81 00`. */
export function bytes(hex: string): Buffer {
  return Buffer.from(hex.replace(/\s/g, ''), 'hex');
}

/** The 64 bits of 16 hex digits, beyond what a number holds. */
export function int64(digits: string): Int64 {
  return new Int64(Buffer.from(digits, 'hex'));
}

/** A span with all required fields; trace 1, span 2, no parent. */
export function spanFields(fields: Fields = {}): Fields {
  return {
    traceIdLow: 1,
    traceIdHigh: 0,
    spanId: 2,
    parentSpanId: 0,
    operationName: 'op',
    flags: 1,
    startTime: 1000,
    duration: 5,
    ...fields,
  };
}

/** A batch of service `svc`, unless the fields say otherwise. */
export function batchFields(spans: Fields[], fields: Fields = {}): Fields {
  return { process: { serviceName: 'svc' }, spans, ...fields };
}

/** An `emitBatch` message as Apache Thrift writes it. */
export function emitBatch(
  protocol: 'compact' | 'binary',
  batch: Fields,
  message: { name?: string; type?: Thrift.MessageType } = {},
): Buffer {
  const { name = 'emitBatch', type = Thrift.MessageType.ONEWAY } = message;
  return write(protocol, (output) => {
    output.writeMessageBegin(name, type, 0);
    output.writeStructBegin('args');
    output.writeFieldBegin('batch', Thrift.Type.STRUCT, 1);
    new types.Batch(batch).write(output);
    output.writeFieldEnd();
    output.writeFieldStop();
    output.writeStructEnd();
    output.writeMessageEnd();
  });
}

/** A bare batch, as for HTTP. */
export function bareBatch(batch: Fields): Buffer {
  return write('binary', (output) => new types.Batch(batch).write(output));
}

function write(protocol: 'compact' | 'binary', fill: (output: TProtocol) => void): Buffer {
  let written = Buffer.alloc(0);
  const transport = new TBufferedTransport(undefined, (message) => {
    written = Buffer.from(message ?? []);
  });
  const Protocol = protocol === 'compact' ? TCompactProtocol : TBinaryProtocol;
  fill(new Protocol(transport));
  transport.flush();
  return written;
}
