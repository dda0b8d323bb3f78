import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../both-ways.cjs', import.meta.url));
const packages = new URL('../../../packages/', import.meta.url);

/** Every entry of every published package. */
const entries = readdirSync(packages)
  .map((name) => JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), 'utf8')))
  .filter((manifest) => manifest.private !== true)
  .flatMap(({ name, exports }) =>
    Object.keys(exports)
      .filter((entry) => !entry.endsWith('.json'))
      .map((entry) => name + entry.slice(1)),
  );

for (const flag of ['', '--no-experimental-require-module']) {
  test(`require and import of every package give the same objects in one process ${flag}`, async () => {
    const { stdout } = await run(process.execPath, [
      ...flag.split(' ').filter(Boolean),
      script,
      ...entries,
    ]);

    assert.deepEqual(JSON.parse(stdout), []);
  });

  test(`the default export of @spoor/fastify is the plugin, also as an import ${flag}`, async () => {
    const code =
      "import plugin, * as all from '@spoor/fastify'; console.log(plugin === all.jaegerPlugin)";
    const flags = [...flag.split(' ').filter(Boolean), '--input-type=module', '--eval'];
    const { stdout } = await run(process.execPath, [...flags, code], { cwd: path.dirname(script) });

    assert.equal(stdout, 'true\n');
  });
}

test('what runs is ASCII, which V8 holds in half of the memory', () => {
  const published = new Set(entries.map((name) => name.split('/')[1]));
  for (const name of published) {
    const folder = new URL(`${name}/dist/`, packages);
    for (const file of readdirSync(folder).filter((one) => one.endsWith('.cjs'))) {
      const code = readFileSync(new URL(file, folder), 'latin1');
      assert.doesNotMatch(code, /[^\0-\x7f]/, `${name}/dist/${file}`);
    }
  }
});

/** Loading this one is what starts it. */
const effectless = entries.filter((name) => name !== '@spoor/auto-instrument');

test('importing the packages has no effect: no listener, no timer, no subscription', async () => {
  const code = `
    const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
    const before = JSON.stringify(listeners());
    for (const name of ${JSON.stringify(effectless)}) require(name);
    const { channel } = require('node:diagnostics_channel');
    console.log(JSON.stringify({
      listeners: JSON.stringify(listeners()) === before,
      subscribed: channel('undici:request:create').hasSubscribers,
      resources: process.getActiveResourcesInfo().filter((kind) => !/Pipe|TTY|File/.test(kind)),
    }));
  `;
  const { stdout } = await run(process.execPath, ['-e', code], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });

  assert.deepEqual(JSON.parse(stdout), { listeners: true, subscribed: false, resources: [] });
});
