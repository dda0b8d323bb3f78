import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/clients.md', root), 'utf8');

for (const [section, folders] of Object.entries({
  '@spoor/http, client side': ['packages/http/test', 'test-apps/http-clients/test'],
  '@spoor/undici': ['packages/undici/test'],
})) {
  test(`every row of the table of ${section} names the tests that show it`, () => {
    const sources = folders.map(readAll).join('\n');
    const [table] = page.split(`\n## ${section}\n`)[1].split('\n## ');
    const rows = table
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2);
    assert.ok(rows.length > 20);
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
