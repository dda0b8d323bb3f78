import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { SpoorError } from '@spoor/core';
import {
  defineInstrumentation,
  type Instrumentation,
  installPatches,
  uninstallAllPatches,
  wrapMethod,
} from '@spoor/instrumentation';

import { application, type Echo, instrument, record, requireFrom } from './echo.js';

test('a library that is required after the installation is traced', async (t) => {
  const reporter = record();
  const echo = instrument();
  echo.install();
  t.after(echo.uninstall);
  const { Client } = requireFrom(application(t, { echo: '1.2.3' }))('echo') as Echo;

  assert.equal(await new Client().send('hello'), 'echo: hello');
  assert.equal(reporter.spans.length, 1);
  assert.deepEqual(
    echo.seen().map(({ library, version, state }) => ({ library, version, state })),
    [{ library: 'echo', version: '1.2.3', state: 'patched' }],
  );
});

test('a library that was required before is traced, its instances too', async (t) => {
  const reporter = record();
  const { Client } = requireFrom(application(t, { echo: '1.0.0' }))('echo') as Echo;
  const client = new Client();
  const echo = instrument();

  echo.install();
  t.after(echo.uninstall);

  await client.send('hello');
  assert.equal(reporter.spans.length, 1);
});

test('a CommonJS library that is imported is traced like one that is required', async (t) => {
  const reporter = record();
  const echo = instrument();
  echo.install();
  t.after(echo.uninstall);
  const file = path.join(application(t, { echo: '1.0.0' }), 'node_modules/echo/lib/client.js');

  const { Client } = (await import(pathToFileURL(file).href)) as Echo;

  await new Client().send('hello');
  assert.equal(reporter.spans.length, 1);
});

test('of several copies each is traced, once', async (t) => {
  const reporter = record();
  const folder = application(t, { echo: '1.0.0', 'echo-other': '1.9.0' });
  const echo = instrument();
  const first = requireFrom(folder)('echo') as Echo;
  echo.install();
  echo.install();
  t.after(echo.uninstall);
  const second = requireFrom(folder)('echo-other') as Echo;

  await new first.Client().send('1');
  await new second.Client().send('2');

  assert.equal(reporter.spans.length, 2);
  assert.deepEqual(
    echo
      .seen()
      .map(({ version }) => version)
      .sort(),
    ['1.0.0', '1.9.0'],
  );
});

test('a version that the patch is not made for is left alone, and reported', async (t) => {
  const reporter = record();
  const echo = instrument();
  echo.install();
  t.after(echo.uninstall);
  const { Client } = requireFrom(application(t, { echo: '2.0.0' }))('echo') as Echo;

  await new Client().send('hello');

  assert.deepEqual(reporter.spans, []);
  assert.equal(echo.seen()[0]?.state, 'unsupported version');
});

test('another package with a file of that name is left alone', async (t) => {
  const echo = instrument();
  echo.install();
  t.after(echo.uninstall);
  const folder = application(t, { echo: '1.0.0' });
  writeFileSync(
    path.join(folder, 'node_modules/echo/package.json'),
    '{"name":"other","version":"1.0.0"}',
  );

  requireFrom(folder)('./node_modules/echo/lib/client.js');

  assert.deepEqual(echo.seen(), []);
});

test('a package that is linked from a workspace is found by its own name', async (t) => {
  const reporter = record();
  const echo = instrument();
  echo.install();
  t.after(echo.uninstall);
  const workspace = application(t, { echo: '1.0.0' });
  const folder = mkdtempSync(path.join(tmpdir(), 'spoor-linked-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, 'node_modules'));
  mkdirSync(path.join(folder, 'packages'));
  symlinkSync(path.join(workspace, 'node_modules/echo'), path.join(folder, 'node_modules/echo'));

  await new (requireFrom(folder)('echo') as Echo).Client().send('hello');

  assert.equal(reporter.spans.length, 1);
});

test('a library that a bundler has swallowed is handed over', async (t) => {
  const reporter = record();
  class Client {
    async send(message: string): Promise<string> {
      return message;
    }
  }
  const echo = instrument();

  echo.install({ module: { Client } });
  t.after(echo.uninstall);

  await new Client().send('hello');
  assert.equal(reporter.spans.length, 1);
  // A bundle does not say which version it has swallowed.
  assert.deepEqual(echo.seen(), [
    {
      library: 'echo',
      version: '',
      folder: 'handed over',
      wasLoadedBefore: false,
      state: 'patched',
    },
  ]);
});

test('what is handed over and is not the library is refused, and nothing is installed', async () => {
  const reporter = record();
  for (const module of [null, 'echo', {}, { Redis: class {} }]) {
    const echo = instrument();
    assert.throws(
      () => echo.install({ module }),
      new SpoorError(
        'SPOOR_CONFIG',
        "install.module: expected what echo exports. Write install({ module: require('echo') }), or leave it out where echo is not bundled.",
      ),
    );
    assert.deepEqual(echo.seen(), []);
  }
  assert.deepEqual(reporter.spans, []);
});

test('where a process has several worlds, as with Jest, the last that installs has what is of Node itself', () => {
  const worlds = globalThis as unknown as Record<symbol, Map<string, unknown>>;
  const running = new Set<string>();
  const [first, second] = ['first', 'second'].map((world) => {
    worlds[Symbol.for('spoor.1.instrumentations')]!.delete('of-node-itself');
    return defineInstrumentation<object, object>({
      name: 'of-node-itself',
      readOptions: () => ({}),
      start() {
        running.add(world);
        return [() => running.delete(world)];
      },
    });
  }) as [Instrumentation<object>, Instrumentation<object>];

  first.install();
  first.install();
  assert.deepEqual([...running], ['first']);
  second.install();
  assert.deepEqual([...running], ['second']);
  first.uninstall();
  assert.deepEqual([...running], ['second']);
  first.install();
  assert.deepEqual([...running], ['first']);
  first.uninstall();
  assert.deepEqual([...running], []);
});

test('uninstalled the library is what it was, and can be installed again', async (t) => {
  const reporter = record();
  const { Client } = requireFrom(application(t, { echo: '1.0.0' }))('echo') as Echo;
  const { send } = Client.prototype as { send: unknown };
  const echo = instrument();

  echo.install();
  echo.uninstall();
  assert.equal((Client.prototype as { send: unknown }).send, send);
  await new Client().send('untraced');
  assert.deepEqual(reporter.spans, []);

  echo.install();
  t.after(echo.uninstall);
  await new Client().send('traced');
  assert.equal(reporter.spans.length, 1);
});

test('a patch that fails is reported, and the library works as ever', async (t) => {
  const errors = t.mock.method(console, 'error', () => {});
  const broken = defineInstrumentation<object, object>({
    name: 'broken',
    readOptions: () => ({}),
    patches: [
      {
        library: 'echo',
        file: 'lib/client.js',
        majors: [1],
        patch() {
          throw new Error('from the patch');
        },
      },
    ],
  });
  broken.install();
  t.after(broken.uninstall);
  const { Client } = requireFrom(application(t, { echo: '1.0.0' }))('echo') as Echo;

  assert.equal(await new Client().send('hello'), 'echo: hello');
  assert.equal(broken.seen()[0]?.state, 'failed');
  assert.match(String(errors.mock.calls[0]?.arguments[0]), /the broken instrumentation failed/);
});

test('a library that lacks one of the methods to patch is left as it is, and reported once', async (t) => {
  const errors = t.mock.method(console, 'error', () => {});
  const wrapBoth = (prototype: object) => {
    const target = prototype as Record<string, () => unknown>;
    return ['send', 'gone'].map((method) => wrapMethod(target, method, () => () => 'changed'));
  };
  class Part {
    send(): string {
      return 'of Node';
    }
  }
  const half = defineInstrumentation<object, object>({
    name: 'half',
    readOptions: () => ({}),
    patches: [
      {
        library: 'echo',
        file: 'lib/client.js',
        majors: [1],
        patch: ({ Client }: Echo) => wrapBoth(Client.prototype),
      },
    ],
    start: () => wrapBoth(Part.prototype),
  });
  const { Client } = requireFrom(application(t, { echo: '1.0.0' }))('echo') as Echo;
  const before = Object.getOwnPropertyDescriptors(Client.prototype);
  half.install();
  half.install();
  t.after(half.uninstall);

  assert.deepEqual(Object.getOwnPropertyDescriptors(Client.prototype), before);
  assert.equal(await new Client().send('hello'), 'echo: hello');
  assert.equal(new Part().send(), 'of Node');
  assert.deepEqual(
    half.seen().map(({ library, state }) => [library, state]),
    [
      ['half', 'failed'],
      ['echo', 'failed'],
    ],
  );
  assert.deepEqual(
    errors.mock.calls.map(({ arguments: [line] }) => String(line)),
    [
      'spoor: the half instrumentation failed: not supported: Part has no method "gone". The library is left as it is, and not traced.',
    ],
  );
});

test('patches are installed by name, and all together', (t) => {
  const echo = instrument();
  t.after(uninstallAllPatches);

  assert.deepEqual(installPatches([echo.name]), [echo.name]);
  let isCalled = false;
  assert.deepEqual(
    installPatches([
      () => {
        isCalled = true;
      },
    ]),
    [],
  );
  assert.equal(isCalled, true);
  assert.ok(installPatches('all').includes(echo.name));
});

test('a name that nothing has is refused with the one that was meant', () => {
  assert.throws(() => installPatches(['iorediss']), {
    name: 'SpoorError',
    message: 'installPatches: no instrumentation is called "iorediss". Did you mean "ioredis"?',
  });
  assert.throws(
    () => installPatches(['postgres']),
    ({ message }) => message.match(/\bpg\b/g).length === 1,
  );
  assert.throws(() => installPatches('pg' as never), SpoorError);
});

test('a package that is not installed is named with the command that installs it', () => {
  const script = `
    const { installPatches } = require(${JSON.stringify(createRequire(import.meta.url).resolve('@spoor/instrumentation'))});
    try { installPatches(['pg']) } catch (error) { console.log(error.message) }
    console.log(installPatches('all').length);
  `;
  const output = execFileSync(process.execPath, ['-e', script], {
    cwd: tmpdir(),
    encoding: 'utf8',
  });
  assert.equal(output, 'installPatches: "pg" needs its package. Run npm install @spoor/pg.\n0\n');
});
