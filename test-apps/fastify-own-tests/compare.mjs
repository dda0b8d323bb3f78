import { runFiles } from './run.mjs';

const rounds = 3;

/** The names of the tests whose outcome differs, those that only one of two runs has among them. */
export function differences(outcomes, others) {
  const names = new Set([...outcomes.keys(), ...others.keys()]);
  return [...names].filter((name) => outcomes.get(name) !== others.get(name)).sort();
}

/**
 * Which of the tests that differed differ indeed: their files run again, a few times with and without the plugin. A
 * test is flaky, and no difference, when it changes without the plugin, or when it never differs again.
 */
export async function withoutFlaky(project, names, bare) {
  const files = [...new Set(names.map((name) => name.split(' > ')[0]))];
  const outcomesWithout = new Map(names.map((name) => [name, new Set([bare.get(name)])]));
  const differAgain = new Set();
  for (let round = 0; round < rounds && files.length > 0; round++) {
    const without = (await runFiles(project, files, 'bare')).outcomes;
    const spoor = (await runFiles(project, files, 'spoor')).outcomes;
    for (const name of names) outcomesWithout.get(name).add(without.get(name));
    for (const name of differences(without, spoor)) differAgain.add(name);
  }
  return names.filter((name) => differAgain.has(name) && outcomesWithout.get(name).size === 1);
}
