import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type Instrumentation,
  installPatches,
  installWhenLoaded,
  instrumentations,
  uninstallAllPatches,
} from '@spoor/instrumentation';
import { application, type Echo, instrument, record, requireFrom } from './echo.js';

let count = 0;

/** An instrumentation whose package is loaded with the library, and how often that has happened. */
function installLazily(
  t: TestContext,
  name = `lazy-echo-${count++}`,
): { name: string; loads: Instrumentation<object>[] } {
  const loads: Instrumentation<object>[] = [];
  installWhenLoaded({
    name,
    files: [{ library: 'echo', file: 'lib/client.js' }],
    load: () => loads.push(instrument([1], name)),
  });
  t.after(() => {
    for (const { uninstall } of loads) uninstall();
  });
  return { name, loads };
}

test('an instrumentation that waits for its library is loaded with the first copy of it, and traces each', async (t) => {
  const reporter = record();
  const { loads } = installLazily(t);
  const require = requireFrom(application(t, { echo: '1.0.0', 'echo-2': '1.1.0' }));
  assert.equal(loads.length, 0);
  for (const name of ['echo', 'echo-2']) {
    const { Client } = require(name) as Echo;
    await new Client().send('hello');
  }

  assert.equal(loads.length, 1);
  assert.equal(reporter.spans.length, 2);
  assert.deepEqual(
    loads[0]!.seen().map(({ version, state }) => [version, state]),
    [
      ['1.0.0', 'patched'],
      ['1.1.0', 'patched'],
    ],
  );
});

test('an instrumentation that waits is loaded at once where its library is there already', async (t) => {
  const reporter = record();
  const { Client } = requireFrom(application(t, { echo: '1.0.0' }))('echo') as Echo;
  const { loads } = installLazily(t);
  await new Client().send('hello');

  assert.equal(loads.length, 1);
  assert.equal(reporter.spans.length, 1);
});

test('an instrumentation that waits is listed, can be asked for twice, and is gone with all patches', async (t) => {
  const reporter = record();
  const { name, loads } = installLazily(t);
  assert.deepEqual(instrumentations().find((one) => one.name === name)?.libraries, ['echo']);
  assert.deepEqual(installPatches([name]), [name]);
  uninstallAllPatches();
  const { Client } = requireFrom(application(t, { echo: '1.0.0' }))('echo') as Echo;
  await new Client().send('hello');

  assert.equal(loads.length, 0);
  assert.equal(reporter.spans.length, 0);
});

test('a library that came while an instrumentation that waits was not wanted is traced when it is wanted again', async (t) => {
  const reporter = record();
  const { name, loads } = installLazily(t);
  uninstallAllPatches();
  const { Client } = requireFrom(application(t, { echo: '1.0.0' }))('echo') as Echo;
  installPatches([name]);
  await new Client().send('hello');

  assert.equal(loads.length, 1);
  assert.equal(reporter.spans.length, 1);
});

test('what the application tells an instrumentation that waits holds when the library comes', async (t) => {
  const reporter = record();
  const { name, loads } = installLazily(t);
  instrument([1], name).uninstall();
  const { Client } = requireFrom(application(t, { echo: '1.0.0' }))('echo') as Echo;
  await new Client().send('hello');

  assert.equal(loads.length, 0);
  assert.equal(reporter.spans.length, 0);
});

test('what the application has told an instrumentation holds when it is to wait for its library', async (t) => {
  const reporter = record();
  const echo = instrument();
  echo.uninstall();
  installLazily(t, echo.name);
  const { Client } = requireFrom(application(t, { echo: '1.0.0' }))('echo') as Echo;
  await new Client().send('hello');

  assert.equal(reporter.spans.length, 0);
});

test('an instrumentation that waits, and that the application has loaded but told nothing, is installed with the library', async (t) => {
  const reporter = record();
  const { name, loads } = installLazily(t);
  t.after(instrument([1], name).uninstall);
  const { Client } = requireFrom(application(t, { echo: '1.0.0' }))('echo') as Echo;
  await new Client().send('hello');

  assert.equal(loads.length, 0);
  assert.equal(reporter.spans.length, 1);
});

test('a package that cannot be loaded with its library leaves the library as it is, and says so', async (t) => {
  const reporter = record();
  const messages = t.mock.method(console, 'error', () => {}).mock;
  installWhenLoaded({
    name: `lazy-echo-${count++}`,
    files: [{ library: 'echo', file: 'lib/client.js' }],
    load() {
      throw new Error('Cannot find module');
    },
  });
  const { Client } = requireFrom(application(t, { echo: '1.0.0' }))('echo') as Echo;

  assert.equal(await new Client().send('hello'), 'echo: hello');
  assert.equal(reporter.spans.length, 0);
  assert.match(
    messages.calls.map(({ arguments: given }) => given.join(' ')).join(),
    /lazy-echo-\d+ instrumentation failed: Cannot find module\. The library is left as it is/,
  );
});
