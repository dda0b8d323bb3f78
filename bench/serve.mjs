// A server of one framework in one variant: node serve.mjs <framework> <variant> <agentPort>
import { createServer } from 'node:http';
import { answer } from './processes.mjs';
import { startProfile } from './profile.mjs';

const [framework, variant, agentPort] = process.argv.slice(2);

const tracer = variant.startsWith('spoor') ? await createTracer(variant) : undefined;
const { createListener } = await import(`./servers/${framework}.mjs`);
const server = createServer(await createListener(variant));

let usageAtStart;
let stopProfile;

answer({
  async listen() {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: server.address().port };
  },

  /** What the warm-up has left behind is not part of the measurement. */
  async start({ profile = false }) {
    await tracer?.flush();
    if (profile) stopProfile = await startProfile();
    usageAtStart = process.cpuUsage();
  },

  /** The last spans are on their way before the bill is made out. */
  async stop() {
    await tracer?.flush();
    const { user, system } = process.cpuUsage(usageAtStart);
    return { cpuUs: user + system, profile: await stopProfile?.() };
  },

  /** Needs --expose-gc. Twice, because what a first collection finalises only a second one frees. */
  async heap() {
    await tracer?.flush();
    globalThis.gc();
    await new Promise(setImmediate);
    globalThis.gc();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    return { heapUsed, arrayBuffers, rss };
  },
});

async function createTracer() {
  const { initTracer } = await import('@spoor/core');
  return initTracer({
    serviceName: 'bench',
    sampler: { type: 'const', param: variant === 'spoor@0' ? 0 : 1 },
    reporter: { agentHost: '127.0.0.1', agentPort: Number(agentPort) },
  });
}
