// What does a span cost from start to encoded bytes?
import { printTable, spread } from './figures.mjs';
import { describeMachine } from './machine.mjs';
import { installPeers } from './peers.mjs';
import { Process } from './processes.mjs';
import { printProfile } from './profile.mjs';
import { count } from './usage-error.mjs';

export const usage = `  span   What does a span cost from start to encoded bytes?
         --rounds 7     how often each variant is measured, each time in a fresh process
         --peers        also jaeger-client and OpenTelemetry (npm installs them into bench/.cache)
         --profile      where the time of a sampled span goes, instead
         --node <path>  another Node than this one`;

export const options = {
  rounds: { type: 'string', default: '7' },
  node: { type: 'string', default: process.execPath },
  peers: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
};

const spoorVariants = ['unsampled', 'sampled', 'otlp'];
const peerVariants = ['jaeger-client', 'opentelemetry'];

/** Allocation is what the heap has grown by, so nothing may be collected meanwhile: a new space that holds it all. */
const memoryFlags = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];

export async function run(values) {
  const rounds = count(values, 'rounds');
  const { node } = values;
  const machine = describeMachine(node);
  if (values.profile) {
    printProfile(await measure(node, 'sampled', 'profile'));
    console.log(`\n${machine}`);
    return;
  }
  if (values.peers) installPeers();
  const variants = values.peers ? [...spoorVariants, ...peerVariants] : spoorVariants;
  const results = Object.fromEntries(variants.map((variant) => [variant, []]));
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}`);
    for (const variant of variants) {
      const cpu = await measure(node, variant, 'cpu');
      const memory = await measure(node, variant, 'memory', memoryFlags);
      results[variant].push({ ...cpu, ...memory });
    }
  }
  print(results);
  console.log(`\nMedian (min, max) of ${rounds} interleaved rounds.\n${machine}`);
}

async function measure(node, variant, mode, flags = []) {
  const child = new Process('spans/measure.mjs', { node, flags, args: [variant] });
  try {
    return await child.ask(mode);
  } finally {
    await child.end();
  }
}

const columns = [
  ['CPU ns/span', 'cpuNs'],
  ['heap B/span', 'heapBytes'],
  ['buffers B/span', 'bufferBytes'],
  ['encoded B/span', 'encodedBytes'],
];

function print(results) {
  printTable(
    ['a span', ...columns.map(([title]) => title)],
    Object.entries(results).map(([variant, rounds]) => [
      variant,
      ...columns.map(([, field]) => spread(rounds.map((round) => round[field]))),
    ]),
  );
}
