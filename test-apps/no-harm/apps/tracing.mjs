import { initTracer } from '@spoor/core';

/** A tracer that reports over UDP, with everything that it counts and logs. */
export async function startTracing({ sampler }, agentPort) {
  const counts = {};
  const faults = [];
  const tracer = initTracer(
    {
      serviceName: 'no-harm',
      sampler: { type: 'const', param: sampler ? 1 : 0 },
      reporter: { agentHost: '127.0.0.1', agentPort },
    },
    {
      logger: { info() {}, error: (message) => faults.push(message) },
      metrics: countingMetrics(counts),
    },
  );
  return {
    tracer,
    async stop() {
      await tracer.close();
      return { counts, faults };
    },
  };
}

function countingMetrics(counts) {
  return {
    createCounter(name, tags = {}) {
      const key = [name, ...Object.values(tags)].join(' ');
      counts[key] = 0;
      return {
        increment(delta = 1) {
          counts[key] += delta;
        },
      };
    },
    createGauge: () => ({ update() {} }),
  };
}
