// What does tracing add to a call of a client?
import { readdirSync } from 'node:fs';
import { median, printTable, spread } from './figures.mjs';
import { describeMachine } from './machine.mjs';
import { Process } from './processes.mjs';
import { printProfile } from './profile.mjs';
import { count, oneOf } from './usage-error.mjs';

/** Each file in `clients/` is one. */
const clients = readdirSync(new URL('clients/', import.meta.url)).map((file) =>
  file.replace('.mjs', ''),
);
const variants = ['untraced', 'spoor@0', 'spoor'];

export const usage = `  client   What does tracing add to a call of a client? Starts a real Redis or PostgreSQL where it needs one.
         --client ioredis       one of: ${clients.join(', ')}
         --rounds 5             how often each variant is measured, each time in fresh processes
         --calls 40000          measured calls per round and variant
         --warmup 20000         calls before them
         --at-once 32           calls under way at once
         --profile              where the time goes, instead
         --node <path>          another Node than this one`;

export const options = {
  client: { type: 'string', default: 'ioredis' },
  rounds: { type: 'string', default: '5' },
  calls: { type: 'string', default: '40000' },
  warmup: { type: 'string', default: '20000' },
  'at-once': { type: 'string', default: '32' },
  profile: { type: 'boolean', default: false },
  node: { type: 'string', default: process.execPath },
};

export async function run(values) {
  const name = oneOf('client', values.client, clients);
  const rounds = count(values, 'rounds');
  const { node, profile } = values;
  const machine = describeMachine(node);
  const { backend } = await import(`./clients/${name}.mjs`);
  const ends = [];
  try {
    const url = await startBackend(backend, node, { after: (end) => ends.push(end) });
    const settings = {
      name,
      node,
      url,
      profile,
      calls: count(values, 'calls'),
      warmup: count(values, 'warmup'),
      atOnce: count(values, 'at-once'),
    };
    if (profile) {
      printProfile((await measure(settings, 'spoor')).profile);
    } else {
      const results = Object.fromEntries(variants.map((variant) => [variant, []]));
      for (let round = 1; round <= rounds; round++) {
        console.error(`round ${round} of ${rounds}`);
        for (const variant of variants) results[variant].push(await measure(settings, variant));
      }
      print(name, results);
      console.log(
        `\nMedian (min, max) of ${rounds} interleaved rounds of ${settings.calls} calls, ${settings.atOnce} at once.`,
      );
    }
    console.log(machine);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function startBackend(backend, node, cleanup) {
  if (backend === 'http') {
    const server = new Process('serve.mjs', { node, core: 1, args: ['http', 'untraced'] });
    cleanup.after(() => server.end());
    const { port } = await server.ask('listen');
    return `http://127.0.0.1:${port}`;
  }
  const { startPostgres, startRedis } = await import('@spoor/testing');
  const { url } = await (backend === 'redis' ? startRedis(cleanup) : startPostgres(cleanup));
  return url;
}

async function measure({ name, node, url, calls, warmup, atOnce, profile }, variant) {
  const agent = new Process('load.mjs', { node, core: 1 });
  const { agentPort } = await agent.ask('listen');
  const caller = new Process('call.mjs', {
    node,
    core: 0,
    args: [name, variant, String(agentPort), url],
  });
  try {
    await caller.ask('ready');
    await caller.ask('run', { amount: warmup, atOnce });
    const figures = await caller.ask('run', { amount: calls, atOnce, profile });
    const { packets } = await agent.ask('received');
    if (packets > 0 !== (variant === 'spoor')) {
      throw new Error(`${variant}: ${packets} packets with spans arrived.`);
    }
    await caller.ask('close');
    return { cpuUs: figures.cpuUs / calls, profile: figures.profile };
  } finally {
    await Promise.all([caller.end(), agent.end()]);
  }
}

function print(name, results) {
  const { untraced } = results;
  printTable(
    [name, 'CPU µs/call', 'added µs', 'ratio of CPU'],
    Object.entries(results).map(([variant, rounds]) => [
      variant,
      median(rounds.map(({ cpuUs }) => cpuUs)).toFixed(1),
      rounds === untraced
        ? ''
        : spread(
            rounds.map(({ cpuUs }, i) => cpuUs - untraced[i].cpuUs),
            1,
          ),
      median(rounds.map(({ cpuUs }, i) => cpuUs / untraced[i].cpuUs)).toFixed(2),
    ]),
  );
}
