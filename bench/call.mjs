// Calls of one client in one variant: node call.mjs <client> <variant> <agentPort> <url>
import { answer } from './processes.mjs';
import { startProfile } from './profile.mjs';

const [name, variant, agentPort, url] = process.argv.slice(2);

const { instrumentation, open } = await import(`./clients/${name}.mjs`);
const tracer = variant === 'untraced' ? undefined : await startTracing();
const client = await open(url);

answer({
  ready() {},

  /** So many calls, some of them under way at once, each chain of them below a span as in a server. */
  async run({ amount, atOnce, profile = false }) {
    await tracer?.flush();
    const stopProfile = profile ? await startProfile() : undefined;
    const usageAtStart = process.cpuUsage();
    let left = amount;
    const chain = async () => {
      while (left-- > 0) await client.call();
    };
    await Promise.all(Array.from({ length: atOnce }, () => inSpan(chain)));
    await tracer?.flush();
    const { user, system } = process.cpuUsage(usageAtStart);
    return { cpuUs: user + system, profile: await stopProfile?.() };
  },

  async close() {
    await client.close();
    await tracer?.close();
  },
});

async function inSpan(chain) {
  if (tracer === undefined) return chain();
  const span = tracer.startSpan('request');
  await tracer.withSpan(span, chain);
  span.finish();
}

async function startTracing() {
  const { initTracer } = await import('@spoor/core');
  const { install } = await import(instrumentation);
  const started = initTracer({
    serviceName: 'bench',
    sampler: { type: 'const', param: variant === 'spoor@0' ? 0 : 1 },
    reporter: { agentHost: '127.0.0.1', agentPort: Number(agentPort) },
  });
  install();
  return started;
}
