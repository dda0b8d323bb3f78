/**
 * Reads the TAP that both test runners of Fastify write, node:test and tap: the outcome of each test by its name, after
 * the names of the tests around it, and the number of spans that with-spoor.mjs adds. Plain assertions, which only tap
 * prints, are left out: the test around them fails with them.
 */
export function readTap(text) {
  const outcomes = new Map();
  const openTests = [];
  let spanCount = 0;
  for (const line of text.split('\n')) {
    const start = /^( *)# Subtest: (.*)$/.exec(line);
    if (start !== null) {
      openTests.length = start[1].length / 4;
      openTests.push(start[2]);
      continue;
    }
    const end = /^( *)(not )?ok \d+ - /.exec(line);
    // The line of a test is as far in as its start; those of its assertions are further.
    if (end !== null && end[1].length / 4 === openTests.length - 1) {
      outcomes.set(unique(outcomes, openTests.join(' > ')), outcomeOf(line, end[2]));
      openTests.pop();
      continue;
    }
    spanCount += Number(/^# finished spans: (\d+)$/.exec(line)?.[1] ?? 0);
  }
  return { outcomes, spanCount };
}

function outcomeOf(line, not) {
  if (/ # (SKIP|TODO)/.test(line)) return 'skipped';
  return not === undefined ? 'passed' : 'failed';
}

/** Fastify has tests of the same name in a file. */
function unique(outcomes, name) {
  let result = name;
  for (let count = 2; outcomes.has(result); count++) result = `${name} (${count})`;
  return result;
}
