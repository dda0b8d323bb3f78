// Writes the tables of docs/configuration.md from the schema of the built package.
// node scripts/configuration-docs.mjs [--check]: with --check it writes nothing and fails when the page is not up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { clientKeys, options, otelVariables, pythonKeys } from '@spoor/core/internal';

const file = new URL('../../../docs/configuration.md', import.meta.url);
const all = Object.values(options);

/** One table for each `<!-- table: NAME -->`. */
const tables = {
  general: () => optionTable(({ path }) => !path.includes('.')),
  ...Object.fromEntries(
    groups().map((group) => [group, () => optionTable(({ path }) => path.startsWith(`${group}.`))]),
  ),
  'old-variables': () =>
    table(
      ['deprecated', 'instead'],
      all.flatMap(({ oldVariables, replacement }) =>
        oldVariables.map((old) => [code(old), code(replacement)]),
      ),
    ),
  otel: () =>
    table(
      ['variable', ''],
      otelVariables.map(({ name, description }) => [code(name), description]),
    ),
  python: () => keyTable('`config` of Python', pythonKeys()),
  go: () => keyTable("Go's key", clientKeys()),
};

const page = readFileSync(file, 'utf8');
const current = page.replaceAll(
  /(<!-- table: (\S+) -->\n).*?(<!-- end -->)/gs,
  (_, start, name, end) => {
    if (tables[name] === undefined) fail(`There is no table "${name}".`);
    return `${start}\n${tables[name]()}\n\n${end}`;
  },
);
for (const name of Object.keys(tables)) {
  if (!page.includes(`<!-- table: ${name} -->`)) {
    fail(`docs/configuration.md has no place for the table "${name}": <!-- table: ${name} -->.`);
  }
}
if (!process.argv.includes('--check')) writeFileSync(file, current);
else if (current !== page)
  fail('docs/configuration.md is not up to date. Run "pnpm --filter @spoor/core generate".');

function groups() {
  const nested = all.map(({ path }) => path).filter((path) => path.includes('.'));
  return [...new Set(nested.map((path) => path.split('.')[0]))];
}

function optionTable(belongs) {
  return table(
    ['key', 'variable', 'takes', 'default', ''],
    all
      .filter(belongs)
      .map(({ path, variable, kind, fallback, description }) => [
        code(path),
        variable === undefined ? '' : code(variable),
        kind.takes,
        showDefault(fallback),
        description,
      ]),
  );
}

function keyTable(title, keys) {
  return table(
    [title, 'here', ''],
    [...keys]
      .filter(([key, targets]) => key !== targets[0]?.path)
      .map(([key, targets]) => [
        code(key),
        targets.map(({ path }) => code(path)).join(', ') || 'nothing',
        targets.map(({ kind }) => kind?.takes ?? '')[0] ?? '',
      ]),
  );
}

function table(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |')).join('\n');
}

function showDefault(value) {
  if (value === undefined) return '';
  if (Array.isArray(value)) return code(value.join(','));
  // Formats, the same both ways.
  if (value.extract !== undefined) return code(value.extract.join(','));
  if (typeof value !== 'object') return code(value);
  return Object.keys(value).length === 0 ? '' : code(JSON.stringify(value));
}

function code(text) {
  return `\`${text}\``;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
