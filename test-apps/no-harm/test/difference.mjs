const before = 60;
const shown = 200;

/** The place where two answers part, with some bytes around it. */
export function firstDifference(expected, actual) {
  let at = 0;
  while (expected[at] === actual[at]) at += 1;
  const from = Math.max(0, at - before);
  const around = (text) => JSON.stringify(text.slice(from, at + shown));
  return [
    `  first different byte: ${at} of ${expected.length} and ${actual.length}`,
    `  without Spoor: ${around(expected)}`,
    `  with Spoor:    ${around(actual)}`,
  ].join('\n');
}
