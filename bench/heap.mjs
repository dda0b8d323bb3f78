// Does the heap of a traced server stay where it is?
import { printTable } from './figures.mjs';
import { describeMachine } from './machine.mjs';
import { frameworks, Pair } from './pair.mjs';
import { count, oneOf, UsageError } from './usage-error.mjs';

export const usage = `  soak   Does the heap of a traced server stay where it is? Exit code 1 when it grows.
         --seconds 120          of full load
         --framework express    one of: ${frameworks.join(', ')}
         --node <path>          another Node than this one`;

export const options = {
  seconds: { type: 'string', default: '120' },
  framework: { type: 'string', default: 'express' },
  node: { type: 'string', default: process.execPath },
};

const variant = 'spoor';
const connections = 32;
const warmupSeconds = 10;
const sampleCount = 8;

const mib = 1024 * 1024;

/** Compiled code and caches still settle after the warm-up; a leak grows beyond any share. */
const toleratedGrowth = 0.1;
const toleratedBytes = 2 * mib;

export async function run(values) {
  const seconds = count(values, 'seconds');
  const framework = oneOf('framework', values.framework, frameworks);
  const { variants } = await import(`./servers/${framework}.mjs`);
  if (!variants.includes(variant)) {
    throw new UsageError(`--framework: there is no traced ${framework} server yet.`);
  }
  const { node } = values;
  const machine = describeMachine(node);
  const pair = await Pair.start({ framework, variant, node, serverFlags: ['--expose-gc'] });
  try {
    await pair.load({ connections, seconds: warmupSeconds });
    const samples = [{ at: 'begin', ...(await pair.ask('heap')) }];
    const loading = pair.load({ connections, seconds });
    samples.push(...(await sampleUnderLoad(pair, seconds, loading)));
    const { okCount } = await loading;
    const end = { at: 'end', ...(await pair.ask('heap')) };
    samples.push(end);
    const { packets, bytes } = await pair.received();
    if (packets === 0) throw new Error('No packet with spans arrived.');
    print(framework, samples);
    console.log(
      `\n${okCount} requests in ${seconds} s, ${packets} packets, ${bytes} bytes of spans.`,
    );
    console.log(machine);
    judge(samples[0].heapUsed, end.heapUsed);
  } finally {
    await pair.end();
  }
}

/** Also under load, where a request or two on each connection is on the heap as well. */
async function sampleUnderLoad(pair, seconds, loading) {
  const samples = [];
  const pauseMs = (seconds * 1000) / (sampleCount + 1);
  let failure;
  loading.catch((error) => {
    failure = error;
  });
  for (let i = 1; i <= sampleCount && failure === undefined; i++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const at = `${Math.round((i * pauseMs) / 1000)} s`;
    samples.push({ at, ...(await pair.ask('heap')) });
  }
  return samples;
}

function print(framework, samples) {
  const inMib = (bytes) => (bytes / mib).toFixed(2);
  printTable(
    [framework, 'heapUsed MiB', 'buffers MiB', 'RSS MiB'],
    samples.map(({ at, heapUsed, arrayBuffers, rss }) => [
      at,
      inMib(heapUsed),
      inMib(arrayBuffers),
      inMib(rss),
    ]),
  );
}

function judge(begin, end) {
  const allowed = begin * (1 + toleratedGrowth) + toleratedBytes;
  const figures = `from ${(begin / mib).toFixed(2)} to ${(end / mib).toFixed(2)} MiB`;
  if (end > allowed) {
    console.error(`The heap grew ${figures}: more than ${(allowed / mib).toFixed(2)} MiB.`);
    process.exitCode = 1;
    return;
  }
  console.log(`Heap ${figures}; up to ${(allowed / mib).toFixed(2)} MiB would pass.`);
}
