// What does tracing add to a request?
import { median, printTable, spread } from './figures.mjs';
import { describeMachine } from './machine.mjs';
import { frameworks, Pair } from './pair.mjs';
import { printProfile } from './profile.mjs';
import { count, oneOf, UsageError } from './usage-error.mjs';

export const usage = `  http   What does tracing add to a request?
         --framework express    one of: ${frameworks.join(', ')}
         --variants <a,b>       of untraced, floor, spoor@0, spoor; all that the framework has
         --rounds 5             how often each variant is measured, each time in fresh processes
         --requests 20000       measured requests per round and variant
         --warmup 20000         requests before them
         --connections 32       requests under way at once
         --profile              where the server's time goes, of the last variant, instead
         --node <path>          another Node than this one`;

export const options = {
  framework: { type: 'string', default: 'express' },
  variants: { type: 'string' },
  rounds: { type: 'string', default: '5' },
  requests: { type: 'string', default: '20000' },
  warmup: { type: 'string', default: '20000' },
  connections: { type: 'string', default: '32' },
  profile: { type: 'boolean', default: false },
  node: { type: 'string', default: process.execPath },
};

export async function run(values) {
  const framework = oneOf('framework', values.framework, frameworks);
  const variants = await variantsOf(framework, values.variants);
  const rounds = count(values, 'rounds');
  const connections = count(values, 'connections');
  const settings = {
    framework,
    node: values.node,
    connections,
    warmup: count(values, 'warmup', connections),
    requests: count(values, 'requests', connections),
    profile: values.profile,
  };
  const machine = describeMachine(values.node);
  if (values.profile) {
    const { profile } = await measure(settings, variants.at(-1));
    console.log(`${framework} ${variants.at(-1)}`);
    printProfile(profile);
    console.log(`\n${machine}`);
    return;
  }
  const results = Object.fromEntries(variants.map((variant) => [variant, []]));
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}`);
    for (const variant of variants) results[variant].push(await measure(settings, variant));
  }
  print(framework, results);
  console.log(
    `\nMedian (min, max) of ${rounds} interleaved rounds of ${settings.requests} requests.`,
  );
  console.log(`${machine}; ${connections} connections.`);
}

async function variantsOf(framework, wanted) {
  const { variants } = await import(`./servers/${framework}.mjs`);
  if (wanted === undefined) return variants;
  const chosen = wanted.split(',').map((variant) => oneOf('variants', variant, variants));
  if (new Set(chosen).size === chosen.length) return chosen;
  throw new UsageError('--variants: name each variant once.');
}

async function measure({ framework, node, connections, warmup, requests, profile }, variant) {
  const pair = await Pair.start({ framework, variant, node });
  try {
    await pair.load({ connections, amount: warmup });
    await pair.ask('start', { profile });
    const load = await pair.load({ connections, amount: requests });
    const server = await pair.ask('stop');
    const { packets, bytes } = await pair.received();
    // A tracer that sends nothing is cheap, and so is an untraced server that is none.
    if (packets > 0 !== (variant === 'spoor')) {
      throw new Error(`${variant}: ${packets} packets with spans arrived.`);
    }
    return {
      cpuUs: server.cpuUs / requests,
      bytes: bytes / requests,
      perSecond: load.perSecond,
      p50Ms: load.p50Ms,
      p99Ms: load.p99Ms,
      profile: server.profile,
    };
  } finally {
    await pair.end();
  }
}

function print(framework, results) {
  const { untraced, floor } = results;
  printTable(
    [
      framework,
      'CPU µs/request',
      'added µs to untraced',
      'added µs to floor',
      'ratio of CPU',
      'requests/s',
      'p50 ms',
      'p99 ms',
      'span B/request',
    ],
    Object.entries(results).map(([variant, rounds]) => {
      const typical = (field, digits) =>
        median(rounds.map((round) => round[field])).toFixed(digits);
      return [
        variant,
        typical('cpuUs', 1),
        rounds === untraced ? '' : added(rounds, untraced),
        rounds === untraced || rounds === floor ? '' : added(rounds, floor),
        ratio(rounds, untraced),
        typical('perSecond', 0),
        typical('p50Ms', 2),
        typical('p99Ms', 2),
        typical('bytes', 0),
      ];
    }),
  );
}

/** Compared within each round, where the machine was as busy for the one as for the other. */
function added(rounds, reference) {
  if (reference === undefined) return '';
  return spread(
    rounds.map(({ cpuUs }, i) => cpuUs - reference[i].cpuUs),
    1,
  );
}

function ratio(rounds, reference) {
  if (reference === undefined) return '';
  return median(rounds.map(({ cpuUs }, i) => cpuUs / reference[i].cpuUs)).toFixed(2);
}
