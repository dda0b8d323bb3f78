// The other side of a server: sends it requests, and is the agent that it sends its spans to.
import { createSocket } from 'node:dgram';
import { createHistogram } from 'node:perf_hooks';
import autocannon from 'autocannon';
import { answer } from './processes.mjs';

/** A packet may still be in the socket when the server says that it is done, in milliseconds. */
const lastPacketMs = 50;

const agent = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
const received = { packets: 0, bytes: 0 };
agent.on('message', ({ length }) => {
  received.packets++;
  received.bytes += length;
});

answer({
  async listen() {
    await new Promise((resolve) => agent.bind(0, '127.0.0.1', resolve));
    return { agentPort: agent.address().port };
  },

  async run({ url, connections, amount, seconds }) {
    received.packets = 0;
    received.bytes = 0;
    // autocannon's own histogram counts in whole milliseconds.
    const latencyUs = createHistogram();
    let okCount = 0;
    let otherCount = 0;
    const startedAt = performance.now();
    let endedAt = startedAt;
    const onResponse = (_client, status, _bytes, responseTimeMs) => {
      latencyUs.record(Math.max(1, Math.round(responseTimeMs * 1000)));
      if (status === 200) okCount++;
      else otherCount++;
      endedAt = performance.now();
    };
    const until = amount === undefined ? { duration: seconds } : { amount };
    const { errors } = await load({ url, connections, ...until }, onResponse);
    return {
      okCount,
      failedCount: otherCount + errors,
      perSecond: (okCount / (endedAt - startedAt)) * 1000,
      p50Ms: latencyUs.percentile(50) / 1000,
      p99Ms: latencyUs.percentile(99) / 1000,
    };
  },

  async received() {
    await new Promise((resolve) => setTimeout(resolve, lastPacketMs));
    return received;
  },
});

/**
 * Never sleeps while requests are under way: to wake a process costs whoever sends to it several microseconds, so that a
 * server that is a little slower, and lets its client sleep, would look much slower.
 */
function load(options, onResponse) {
  return new Promise((resolve, reject) => {
    let awake = setImmediate(function stayAwake() {
      awake = setImmediate(stayAwake);
    });
    const instance = autocannon(options, (error, result) => {
      clearImmediate(awake);
      if (error) reject(error);
      else resolve(result);
    });
    instance.on('response', onResponse);
  });
}
