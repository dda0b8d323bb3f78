import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/clients.md', root), 'utf8');

for (const [section, folders] of Object.entries({
  '@spoor/http, client side': ['packages/http/test', 'test-apps/http-clients/test'],
  '@spoor/undici': ['packages/undici/test'],
  '@spoor/pg': ['packages/pg/test'],
  '@spoor/ioredis': ['packages/ioredis/test'],
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
      const [what, , titles] = row.slice(1, -1).split(' | ');
      assert.ok(areTitles(titles.trim().split('; '), sources), `${what}: no test says "${titles}"`);
    }
  });
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
