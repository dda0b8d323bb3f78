import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/opentracing-instrumentation.md', root), 'utf8');

test("each feature of Python's package names the tests that show it here", () => {
  const sources = testSources();
  const titles = page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((row) => row.split('|').at(-2).trim())
    .filter((cell) => cell !== '' && cell !== '---' && cell !== 'shown by')
    .flatMap((cell) => cell.split(';'));
  assert.ok(titles.length > 40);
  for (const title of titles) {
    assert.ok(sources.includes(title.trim()), `no test says "${title.trim()}"`);
  }
});

function testSources() {
  return ['packages', 'test-apps']
    .flatMap((folder) => readdirSync(new URL(folder, root)).map((name) => `${folder}/${name}/test`))
    .filter((folder) => existsSync(new URL(folder, root)))
    .flatMap((folder) =>
      readdirSync(new URL(folder, root)).map((file) => new URL(`${folder}/${file}`, root)),
    )
    .filter((file) => /\.test\.(mjs|ts)$/.test(file.pathname))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}
