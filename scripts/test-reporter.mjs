// A reporter for node:test: one line per file, every failure in full. The file $SPOOR_TEST_SUMMARY gets the counts and
// the failures again, for the end of a long output.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';

export default async function* report(events) {
  const files = new Map();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
      continue;
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite' && type === 'test:pass') continue;
    if (data.details?.error?.failureType === 'subtestsFailed') continue;
    const file = nameOf(data.file ?? data.name);
    const counts = files.get(file) ?? { passed: 0, failed: 0, skipped: 0, ms: 0 };
    files.set(file, counts);
    const outcome = outcomeOf(type, data);
    counts[outcome]++;
    total[outcome]++;
    if (data.nesting === 0) counts.ms += data.details?.duration_ms ?? 0;
    if (outcome === 'failed') {
      failures.push(describeFailure(file, data));
      yield failures.at(-1);
    }
    if (outcome === 'skipped')
      yield `  skipped: ${data.name} (${data.skip || data.todo || 'no reason'})\n`;
  }
  for (const [file, { passed, failed, skipped, ms }] of files) {
    const mark = failed > 0 ? '✗' : '✓';
    const extra = `${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    yield `${mark} ${file}: ${passed} passed${extra} (${(ms / 1000).toFixed(1)} s)\n`;
  }
  if (process.env.SPOOR_TEST_SUMMARY) {
    writeFileSync(process.env.SPOOR_TEST_SUMMARY, JSON.stringify({ ...total, failures }));
  }
}

function outcomeOf(type, { skip, todo }) {
  if (skip !== undefined || todo !== undefined) return 'skipped';
  return type === 'test:pass' ? 'passed' : 'failed';
}

function nameOf(file) {
  return path
    .relative(process.cwd(), file)
    .replace('/dist-test/', '/test/')
    .replace(/\.test\.m?js$/, '');
}

function describeFailure(file, { name, details }) {
  const { error } = details;
  const cause = error?.cause ?? error;
  const text = cause?.stack ?? inspect(cause);
  return `\n✗ ${file}: ${name}\n${text.replaceAll(/^/gm, '    ')}\n\n`;
}
