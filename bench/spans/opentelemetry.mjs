import { requirePeer } from '../peers.mjs';
import { openTelemetryPair } from './workload.mjs';

const api = requirePeer('@opentelemetry/api');
const { BasicTracerProvider, BatchSpanProcessor } = requirePeer('@opentelemetry/sdk-trace-node');
const { ProtobufTraceSerializer } = requirePeer('@opentelemetry/otlp-transformer');

export function openTracing() {
  const encoded = { spans: 0, bytes: 0 };
  const exporter = {
    export(spans, done) {
      encoded.spans += spans.length;
      encoded.bytes += ProtobufTraceSerializer.serializeRequest(spans).length;
      done({ code: 0 });
    },
    async forceFlush() {},
    async shutdown() {},
  };
  const processor = new BatchSpanProcessor(exporter);
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  const tracer = provider.getTracer('bench');
  return {
    pair: (i) => openTelemetryPair(api, tracer, i),
    // By itself it exports 512 spans per turn at most, and drops what does not fit into its queue.
    async settle() {
      await provider.forceFlush();
      await new Promise(setImmediate);
    },
    async close() {
      await provider.shutdown();
      return encoded;
    },
  };
}
