import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);

const sections = [
  {
    page: 'clients',
    section: '@spoor/http, client side',
    folders: ['packages/http/test', 'test-apps/http-clients/test'],
  },
  { page: 'clients', section: '@spoor/undici', folders: ['packages/undici/test'] },
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
    const rows = table
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2);
    assert.ok(rows.length > 15);
    for (const row of rows) {
      for (const title of row.split('|').at(-2).split(';')) {
        assert.ok(sources.includes(title.trim()), `no test says "${title.trim()}"`);
      }
    }
  });
}

function readAll(folder) {
  return readdirSync(new URL(folder, root))
    .filter((file) => /\.test\.(mjs|ts)$/.test(file))
    .map((file) => readFileSync(new URL(`${folder}/${file}`, root), 'utf8'))
    .join('\n')
    .replaceAll("\\'", "'");
}
