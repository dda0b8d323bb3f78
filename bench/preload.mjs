// What does the preload add to the start of a process that uses nothing which it traces?
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { printTable, spread } from './figures.mjs';
import { describeMachine } from './machine.mjs';
import { count } from './usage-error.mjs';

export const usage = `  preload   What does @spoor/auto-instrument add to the start of an empty program?
         --rounds 25            each variant once per round, in a fresh process
         --node <path>          another Node than this one`;

export const options = {
  rounds: { type: 'string', default: '25' },
  node: { type: 'string', default: process.execPath },
};

const autoInstrument = createRequire(import.meta.url).resolve('@spoor/auto-instrument');
const variants = {
  bare: [],
  '--require': ['--require', autoInstrument],
  '--import': ['--import', autoInstrument],
};

/** Of the memory also what is the process' own: pages of the node binary are shared by all that run. */
const program = `
  const { heapUsed, rss } = process.memoryUsage();
  let own = NaN;
  try {
    own = /^RssAnon:\\s+(\\d+)/m.exec(require('fs').readFileSync('/proc/self/status', 'utf8'))[1] * 1024;
  } catch {}
  process.stdout.write(JSON.stringify({ heap: heapUsed, own, rss }));
`;

export async function run(values) {
  const rounds = count(values, 'rounds');
  const { node } = values;
  const machine = describeMachine(node);
  const folder = mkdtempSync(path.join(tmpdir(), 'spoor-preload-'));
  const file = path.join(folder, 'empty.cjs');
  writeFileSync(file, program);
  const added = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  let bare;
  for (let round = 0; round <= rounds; round++) {
    for (const [name, args] of Object.entries(variants)) {
      const figures = measure(node, [...args, file]);
      if (name === 'bare') bare = figures;
      // The first round fills the caches of the system.
      if (round === 0) continue;
      const base = name === 'bare' ? { ms: 0, heap: 0, own: 0, rss: 0 } : bare;
      added[name].push(
        Object.fromEntries(Object.keys(figures).map((key) => [key, figures[key] - base[key]])),
      );
    }
  }
  rmSync(folder, { recursive: true });
  const mib = (key) => (list) =>
    spread(
      list.map((figures) => figures[key] / 1048576),
      1,
    );
  printTable(
    ['', 'start to end, ms', 'heap MiB', 'own memory MiB', 'RSS MiB'],
    Object.entries(added).map(([name, list]) => [
      name === 'bare' ? 'bare' : `${name} adds`,
      spread(
        list.map(({ ms }) => ms),
        1,
      ),
      ...['heap', 'own', 'rss'].map((key) => mib(key)(list)),
    ]),
  );
  console.log(`\n${rounds} rounds. ${machine}`);
}

function measure(node, args) {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(node, args, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, JAEGER_SERVICE_NAME: 'bench', SPOOR_QUIET: '1' },
  });
  const ms = performance.now() - startedAt;
  if (status !== 0) throw new Error(`The program failed: ${stderr}`);
  return { ms, ...JSON.parse(stdout) };
}
