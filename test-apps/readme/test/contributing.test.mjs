import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ConstSampler, InMemoryReporter, Tracer } from '@spoor/core';
import ts from 'typescript';

const folder = fileURLToPath(new URL('..', import.meta.url));
const page = await readFile(new URL('../../../CONTRIBUTING.md', import.meta.url), 'utf8');
const code = /## Add an instrumentation.*?```ts\n(.*?)```/s.exec(page)?.[1] ?? '';

/** What CONTRIBUTING makes up. */
const echoClient = `
exports.Client = class Client {
  async send(message) {
    if (message === '') throw new RangeError('nothing to send');
    return message;
  }
};
`;

async function writeApp(t) {
  const app = await mkdtemp(path.join(folder, '.cache-'));
  t.after(() => rm(app, { recursive: true }));
  const library = path.join(app, 'node_modules/echo-client');
  await mkdir(path.join(library, 'lib'), { recursive: true });
  await writeFile(
    path.join(library, 'package.json'),
    JSON.stringify({ name: 'echo-client', version: '2.1.0', main: 'lib/client.js' }),
  );
  await writeFile(path.join(library, 'lib/client.js'), echoClient);
  await writeFile(path.join(app, 'echo-client.ts'), code);
  await writeFile(path.join(app, 'package.json'), '{ "type": "module" }');
  return app;
}

test('the instrumentation in CONTRIBUTING has about forty lines, and no type error', async (t) => {
  const lines = code.split('\n').filter((line) => line.trim() !== '');
  assert.ok(lines.length > 30 && lines.length < 60, `${lines.length} lines`);
  const file = path.join(await writeApp(t), 'echo-client.ts');
  const { config } = ts.readConfigFile(
    fileURLToPath(new URL('../../../tsconfig.base.json', import.meta.url)),
    ts.sys.readFile,
  );
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, folder);
  const program = ts.createProgram([file], { ...options, types: [] });
  const messages = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  assert.deepEqual(messages, []);
});

test('the instrumentation in CONTRIBUTING traces the library that it is made up for', async (t) => {
  const app = await writeApp(t);
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  });
  await writeFile(path.join(app, 'echo-client.js'), outputText);
  const { install, uninstall } = await import(pathToFileURL(path.join(app, 'echo-client.js')).href);
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('app', { reporter, sampler: new ConstSampler(true) });

  install({ tracer });
  const { Client } = createRequire(path.join(app, 'app.js'))('echo-client');
  const client = new Client();
  assert.equal(await client.send('hello'), 'hello');
  await assert.rejects(client.send(''), RangeError);
  uninstall();
  await client.send('unseen');

  assert.deepEqual(
    reporter.spans.map(({ operationName, tags }) => [operationName, tags['span.kind'], tags.error]),
    [
      ['echo:send', 'client', undefined],
      ['echo:send', 'client', true],
    ],
  );
  assert.throws(() => install({ tracr: tracer }), /Did you mean install\.tracer\?/);
});
