import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);

const sections = [
  {
    page: 'clients',
    section: '@spoor/http, client side',
    folders: ['packages/http/test', 'test-apps/http-clients/test'],
  },
  { page: 'clients', section: '@spoor/undici', folders: ['packages/undici/test'] },
  { page: 'clients', section: '@spoor/pg', folders: ['packages/pg/test'] },
  { page: 'clients', section: '@spoor/ioredis', folders: ['packages/ioredis/test'] },
  {
    page: 'logs',
    section: '@spoor/pino',
    folders: ['packages/pino/test', 'packages/auto-instrument/test'],
  },
  {
    page: 'logs',
    section: '@spoor/winston',
    folders: ['packages/winston/test', 'packages/auto-instrument/test'],
  },
];

for (const { page, section, folders } of sections) {
  test(`every row of the table of ${section} in docs/${page}.md names the tests that show it`, () => {
    const sources = folders.map(readAll).join('\n');
    const text = readFileSync(new URL(`docs/${page}.md`, root), 'utf8');
    const [table] = text.split(`\n## ${section}\n`)[1].split('\n## ');
    const rows = rowsOf(table).slice(2);
    assert.ok(rows.length > 15);
    for (const [what, , titles] of rows) assertTitles(what, titles, sources);
  });
}

for (const { page, atLeast } of [
  { page: 'opentracing-instrumentation', atLeast: 35 },
  { page: 'parity', atLeast: 170 },
]) {
  test(`each feature in docs/${page}.md that is here names the tests that show it`, () => {
    const rows = rowsOf(readFileSync(new URL(`docs/${page}.md`, root), 'utf8')).filter(
      ([, , titles]) => !['', '---', 'shown by'].includes(titles.trim()),
    );
    assert.ok(rows.length > atLeast);
    for (const [what, , titles] of rows) assertTitles(what, titles, allSources());
  });
}

test('each file and package that docs/parity.md names exists, and each feature without a test says why', () => {
  const rows = rowsOf(readFileSync(new URL('docs/parity.md', root), 'utf8'));
  for (const [what, here, titles] of rows.filter(([what]) => what.trim() !== '---')) {
    for (const [, name] of here.matchAll(/`(@spoor\/[^`]+|[^`]+\.ts)`/g)) {
      const where = name.replace('@spoor/', '');
      assert.ok(existsSync(new URL(`packages/${where}`, root)), `${what}: no packages/${where}`);
    }
    const words = here.replaceAll(/`(?!@spoor)[^`]+`/g, '').match(/\w+/g);
    assert.ok(titles.trim() !== '' || words !== null, `${what}: neither a test nor a reason`);
  }
});

let sources;

/** Of every test file in the repository. */
function allSources() {
  sources ??= ['packages', 'test-apps']
    .flatMap((folder) => readdirSync(new URL(folder, root)).map((name) => `${folder}/${name}/test`))
    .filter((folder) => existsSync(new URL(folder, root)))
    .map(readAll)
    .join('\n');
  return sources;
}

function rowsOf(table) {
  const lines = table.split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) => line.slice(1, -1).split(/ \| ?/));
}

function assertTitles(what, titles, sources) {
  assert.ok(areTitles(titles.trim().split('; '), sources), `${what}: no test says "${titles}"`);
}

/** Whether each is the end of a title; a title may have a semicolon in it. */
function areTitles(parts, sources) {
  if (parts.length === 0) return true;
  return parts.some((_, i) => {
    const title = parts.slice(0, i + 1).join('; ');
    const isTitle = ["'", '`', '"'].some((quote) => sources.includes(title + quote));
    return isTitle && areTitles(parts.slice(i + 1), sources);
  });
}

function readAll(folder) {
  return readdirSync(new URL(folder, root))
    .filter((file) => /\.test\.(mjs|ts)$/.test(file))
    .map((file) => readFileSync(new URL(`${folder}/${file}`, root), 'utf8'))
    .join('\n')
    .replaceAll("\\'", "'");
}
