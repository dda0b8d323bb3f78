import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);
const folders = [
  'test-apps/servers/test',
  ...['express', 'fastify', 'http', 'koa'].map((name) => `packages/${name}/test`),
];

function testSources() {
  return folders
    .flatMap((folder) => readdirSync(new URL(folder, root)).map((file) => `${folder}/${file}`))
    .filter((file) => /\.test\.(mjs|ts)$/.test(file))
    .map((file) => readFileSync(new URL(file, root), 'utf8'))
    .join('\n');
}

test('every row of the table of behaviours names the tests that show it', () => {
  const page = readFileSync(new URL('docs/servers.md', root), 'utf8');
  const [table] = page.split('## Behaviour by framework')[1].split('\n## ');
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
  const sources = testSources();
  assert.ok(rows.length > 30);
  for (const row of rows) {
    const titles = row.split('|').at(-2).split(';');
    for (const title of titles)
      assert.ok(sources.includes(title.trim()), `no test says "${title.trim()}"`);
  }
});
