import { requirePeer } from '../peers.mjs';
import { openTracingPair } from './workload.mjs';

const { ConstSampler, RemoteReporter, Tracer } = requirePeer('jaeger-client');
const { default: UDPSender } = requirePeer('jaeger-client/dist/src/reporters/udp_sender');
const { default: Metrics } = requirePeer('jaeger-client/dist/src/metrics/metrics');

export function openTracing() {
  const encoded = { spans: 0, bytes: 0 };
  const sender = new UDPSender();
  sender._client.close();
  // As for Spoor, packets are only counted: the kernel's share would be the same for both.
  sender._client = {
    send(_buffer, _offset, length, _port, _host, callback) {
      encoded.bytes += length;
      setImmediate(callback);
    },
    close() {},
  };
  const metrics = new Metrics({
    createCounter: (name, tags) => ({
      increment(delta) {
        if (name === 'jaeger:reporter_spans' && tags.result === 'ok') encoded.spans += delta;
      },
    }),
    createGauge: () => ({ update() {} }),
    createTimer: () => ({ record() {} }),
  });
  const reporter = new RemoteReporter(sender, { metrics });
  const tracer = new Tracer('bench', reporter, new ConstSampler(true));
  return {
    pair: (i) => openTracingPair(tracer, i),
    settle: () => new Promise(setImmediate),
    async close() {
      await new Promise((resolve) => tracer.close(resolve));
      return encoded;
    },
  };
}
