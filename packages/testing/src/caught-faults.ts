import type { TestContext } from 'node:test';

let count = 0;

/**
 * Catches what is written to `console.error` until the test ends. A line that is written once a minute at most is written
 * again, whatever an earlier test has caused.
 */
export function caughtFaults(t: Pick<TestContext, 'mock'>): readonly string[] {
  const lines: string[] = [];
  const later = Date.now() + 3_600_000 * ++count;
  t.mock.method(Date, 'now', () => later);
  t.mock.method(console, 'error', (line: string) => lines.push(line));
  return lines;
}
