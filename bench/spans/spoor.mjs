import { ConstSampler, RemoteReporter, ThriftCompactEncoder, Tracer } from '@spoor/core';
import { OtlpEncoder } from '@spoor/otlp';
import { openTracingPair } from './workload.mjs';

export function openTracing(variant) {
  const encoded = { spans: 0, bytes: 0 };
  const transport = {
    maxBatchBytes: 65_000,
    async send({ bytes, spanCount }) {
      encoded.spans += spanCount;
      encoded.bytes += bytes.length;
      return 'accepted';
    },
    async close() {},
  };
  const encoder = variant === 'otlp' ? new OtlpEncoder() : new ThriftCompactEncoder();
  const tracer = new Tracer('bench', {
    sampler: new ConstSampler(variant !== 'unsampled'),
    reporter: new RemoteReporter(encoder, transport),
  });
  return {
    pair: (i) => openTracingPair(tracer, i),
    settle: () => new Promise(setImmediate),
    async close() {
      await tracer.close();
      return encoded;
    },
  };
}
