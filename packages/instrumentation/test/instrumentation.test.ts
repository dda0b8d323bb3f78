import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ConstSampler, InMemoryReporter, SpoorError, setGlobalTracer, Tracer } from '@spoor/core';
import {
  defineInstrumentation,
  type Instrumentation,
  installPatches,
  installWhenLoaded,
  instrumentations,
  startChildSpan,
  uninstallAllPatches,
  wrapMethod,
} from '@spoor/instrumentation';

/** A made-up client: `new Client().send(message)` resolves with what the server says. */
const clientSource = `
class Client {
  async send(message) { return 'echo: ' + message; }
}
exports.Client = Client;
`;

interface Echo {
  Client: new () => { send(message: string): Promise<string> };
}

let count = 0;

/** An instrumentation of it, as CONTRIBUTING.md shows one. */
function instrument(majors = [1], name = `echo-${count++}`): Instrumentation<{ module?: unknown }> {
  return defineInstrumentation<{ module?: unknown }, object>({
    name,
    readOptions: () => ({}),
    patches: [
      {
        library: 'echo',
        file: 'lib/client.js',
        majors,
        find: (library) => (library.Client === undefined ? undefined : library),
        patch: ({ Client }, live) => [
          wrapMethod(
            Client.prototype as { send(message: string): Promise<string> },
            'send',
            (send) =>
              async function tracedSend(this: object, message: string) {
                const span = live.settings && startChildSpan('echo:send', live.settings);
                try {
                  return await send.call(this as never, message);
                } finally {
                  span?.finish();
                }
              },
          ),
        ],
      },
    ],
  });
}

function record(): InMemoryReporter {
  const reporter = new InMemoryReporter();
  setGlobalTracer(new Tracer('test', { reporter, sampler: new ConstSampler(true) }));
  return reporter;
}

/** A folder with the library in it, in as many versions as are named: `{ echo: '1.2.3' }` by the name of its folder. */
function application(t: TestContext, versions: Record<string, string>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'spoor-hook-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, version] of Object.entries(versions)) {
    const library = path.join(folder, 'node_modules', name);
    mkdirSync(path.join(library, 'lib'), { recursive: true });
    writeFileSync(
      path.join(library, 'package.json'),
      JSON.stringify({ name: 'echo', version, main: 'lib/client.js' }),
    );
    writeFileSync(path.join(library, 'lib/client.js'), clientSource);
  }
  return folder;
}

const requireFrom = (folder: string): NodeJS.Require => createRequire(path.join(folder, 'app.js'));

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
