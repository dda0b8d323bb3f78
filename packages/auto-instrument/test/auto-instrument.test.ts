import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type OtlpPost, startCollector, startOtlpCollector } from '@spoor/testing';

const apps = fileURLToPath(new URL('../test/apps/', import.meta.url));

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  /** What the process has written to stderr so far. */
  stderr(): string;
  /** Ends the process and resolves with how it ended. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

async function run(
  t: TestContext,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Running> {
  const child = spawn(process.execPath, args, {
    cwd: apps,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk;
  });
  const closed = once(child, 'close');
  const [port] = await Promise.race([
    once(child.stdout.setEncoding('utf8'), 'data'),
    closed.then(() => Promise.reject(new Error(`${args.join(' ')} ended: ${stderr}`))),
  ]);
  return {
    child,
    url: `http://localhost:${String(port).trim()}`,
    stderr: () => stderr,
    async end(signal) {
      child.kill(signal);
      const [code, by] = await closed;
      return code ?? by;
    },
  };
}

function recordsOf(app: Running): Record<string, unknown>[] {
  const lines = app.stderr().trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Runs a program to its end, and resolves with all that it has printed. */
async function runToEnd(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(command, args, { cwd: apps, env: { PATH: process.env.PATH, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  await once(child, 'close');
  return { stdout, stderr };
}

const preload = ['--require', '@spoor/auto-instrument'];
const ways = [
  { name: 'require in the first line', args: ['first-line.cjs'] },
  { name: '--require', args: [...preload, 'express.cjs'] },
  { name: '--import', args: ['--import', '@spoor/auto-instrument', 'express.cjs'] },
  {
    name: 'NODE_OPTIONS',
    args: ['express.cjs'],
    env: { NODE_OPTIONS: '--require @spoor/auto-instrument' },
  },
];

test('the preload loads nothing that an application without a request does not need', async () => {
  const args = [...preload, 'print-loaded.cjs'];
  const { stdout: loaded } = await runToEnd(process.execPath, args, { SPOOR_QUIET: '1' });
  assert.match(loaded, /^NativeModule http$/m);
  // Node's parts that take milliseconds each; an ES module that imports all of node:http or node:util loads some of them.
  for (const part of [
    'internal/deps/undici/undici',
    'crypto',
    'https',
    'dns',
    'dgram',
    'fs/promises',
  ]) {
    assert.doesNotMatch(loaded, new RegExp(`^NativeModule ${part}$`, 'm'), part);
  }
});

test('@spoor/otlp is loaded where somebody asks for it, and nowhere else', async () => {
  const args = [...preload, '--eval', "console.log(Object.keys(require.cache).join('\\n'))"];
  const isLoaded = async (env: Record<string, string>): Promise<boolean> => {
    const { stdout } = await runToEnd(process.execPath, args, { SPOOR_QUIET: '1', ...env });
    assert.match(stdout, /auto-instrument[/\\]dist/);
    return /otlp[/\\]dist/.test(stdout);
  };
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:1';
  assert.equal(await isLoaded({}), false);
  assert.equal(await isLoaded({ JAEGER_ENDPOINT: 'http://127.0.0.1:1/api/traces' }), false);
  assert.equal(await isLoaded({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' }), false);
  assert.equal(await isLoaded({ OTEL_EXPORTER_OTLP_ENDPOINT }), true);
});

test('an instrumentation whose package is not loaded yet waits for the libraries that the package patches', async () => {
  const child = spawn(process.execPath, [...preload, 'packages.cjs'], {
    cwd: apps,
    env: { PATH: process.env.PATH, SPOOR_QUIET: '1' },
  });
  const [before, after] = JSON.parse(await text(child.stdout)) as Record<string, string[]>[];
  assert.deepEqual(before, after);
  assert.deepEqual(before?.pg, ['pg', 'pg-pool']);
});

for (const { name, args, env = {} } of ways) {
  test(`${name}: requests, and those that the application makes itself, are one trace, sent at SIGTERM`, async (t) => {
    const collector = await startCollector(t);
    const app = await run(t, args, {
      JAEGER_AGENT_HOST: collector.host,
      JAEGER_AGENT_PORT: String(collector.port),
      JAEGER_SERVICE_NAME: 'shop',
      JAEGER_SAMPLER_TYPE: 'const',
      JAEGER_SAMPLER_PARAM: '1',
      ...env,
    });
    assert.equal(await (await fetch(`${app.url}/relay`)).text(), '{"id":"1"}');
    assert.equal(await app.end('SIGTERM'), 'SIGTERM');

    const spans = await collector.received(3);
    const byName = new Map(spans.map((span) => [span.operationName, span]));
    const [outer, client, inner] = ['GET /relay', 'GET', 'GET /users/:id'].map((n) =>
      byName.get(n),
    );
    assert.equal(client?.parentSpanId, outer?.spanId);
    assert.equal(inner?.parentSpanId, client?.spanId);
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
    assert.equal(
      app.stderr(),
      `spoor: tracing "shop" to the Jaeger agent at ${collector.host}:${collector.port} (UDP): express, fastify, http, ioredis, koa, pg, pino, undici, winston. SPOOR_QUIET=1 hides this line.\n`,
    );
  });
}

test('with variables of OpenTelemetry alone requests are one trace, by OTLP to their endpoint, sent at SIGTERM', async (t) => {
  const collector = await startOtlpCollector(t);
  const app = await run(t, [...preload, 'express.cjs'], {
    OTEL_SERVICE_NAME: 'shop',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=secret',
    OTEL_TRACES_SAMPLER: 'always_on',
  });
  assert.equal(await (await fetch(`${app.url}/relay`)).text(), '{"id":"1"}');
  assert.equal(await app.end('SIGTERM'), 'SIGTERM');

  const spans = collector.posts.flatMap(({ batch }) => batch.spans);
  const byName = new Map(spans.map((span) => [span.name, span]));
  const [outer, client, inner] = ['GET /relay', 'GET', 'GET /users/:id'].map((n) => byName.get(n));
  assert.deepEqual(
    [outer, client, inner].map((span) => span?.kind),
    [2, 3, 2],
  );
  assert.equal(client?.parentSpanId, outer?.spanId);
  assert.equal(inner?.parentSpanId, client?.spanId);
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  const [{ path, headers, batch }] = collector.posts as [OtlpPost];
  assert.deepEqual(
    [path, headers['x-api-key'], batch.resource['service.name']],
    ['/v1/traces', 'secret', 'shop'],
  );
  assert.equal(
    app.stderr(),
    `spoor: tracing "shop" to the OTLP collector at ${collector.url}/v1/traces: express, fastify, http, ioredis, koa, pg, pino, undici, winston. SPOOR_QUIET=1 hides this line.\n`,
  );
});

for (const { name, file, operationName } of [
  { name: 'Fastify', file: 'fastify.mjs', operationName: 'GET /users/:id' },
  { name: 'Koa', file: 'koa.mjs', operationName: 'GET' },
]) {
  test(`${name} in an ES module is traced without a line in it`, async (t) => {
    const collector = await startCollector(t);
    const app = await run(t, [...preload, file], {
      JAEGER_AGENT_HOST: collector.host,
      JAEGER_AGENT_PORT: String(collector.port),
      SPOOR_QUIET: '1',
    });
    await (await fetch(`${app.url}/users/1`)).text();
    await app.end('SIGINT');

    const [span] = await collector.received(1);
    assert.equal(span?.operationName, operationName);
    assert.equal(span.tags.component, name.toLowerCase());
    assert.equal(app.stderr(), '');
  });
}

for (const file of ['log-required.cjs', 'log-imported.mjs']) {
  test(`${file}: what is logged in a handler of Fastify, by its own logger or by winston, has the ids of the request's span`, async (t) => {
    const collector = await startCollector(t);
    const env = {
      JAEGER_AGENT_HOST: collector.host,
      JAEGER_AGENT_PORT: String(collector.port),
      SPOOR_QUIET: '1',
    };
    const app = await run(t, [...preload, file], env);
    await (await fetch(`${app.url}/users/1`)).text();
    await app.end('SIGTERM');

    const [span] = await collector.received(1);
    const ids = { trace_id: span!.traceId, span_id: span!.spanId };
    const records = recordsOf(app).map(({ msg, message = msg, trace_id, span_id }) => [
      message,
      { trace_id, span_id },
    ]);
    assert.deepEqual(records.slice(1), [
      ['incoming request', ids],
      ['in the handler', ids],
      ['of the application', ids],
      ['of winston', ids],
      ['request completed', ids],
    ]);

    const without = await run(t, [...preload, file], {
      ...env,
      SPOOR_DISABLED_INSTRUMENTATIONS: 'pino,winston',
    });
    await (await fetch(`${without.url}/users/1`)).text();
    await without.end('SIGTERM');
    assert.ok(recordsOf(without).every((record) => !('trace_id' in record)));
    assert.equal(recordsOf(without).length, records.length);
  });
}

test('an application that handles SIGTERM itself ends as it wants', async (t) => {
  const collector = await startCollector(t);
  const app = await run(t, [...preload, 'express.cjs'], {
    JAEGER_AGENT_HOST: collector.host,
    JAEGER_AGENT_PORT: String(collector.port),
    OWN_LISTENER: '1',
  });
  await (await fetch(`${app.url}/users/1`)).text();
  assert.equal(await app.end('SIGTERM'), 7);
  assert.equal((await collector.received(1))[0]?.operationName, 'GET /users/:id');
});

test('an application that handles SIGTERM and then sends it to itself ends by it', async (t) => {
  const collector = await startCollector(t);
  const app = await run(t, [...preload, 'signals-itself.cjs'], {
    JAEGER_AGENT_HOST: collector.host,
    JAEGER_AGENT_PORT: String(collector.port),
  });
  await (await fetch(app.url)).text();
  assert.equal(await app.end('SIGTERM'), 'SIGTERM');
  assert.equal((await collector.received(1))[0]?.operationName, 'GET');
});

for (const versions of ['signal-exit', 'signal-exit-3', 'signal-exit,signal-exit-3']) {
  test(`beside ${versions}, which waits for other listeners, SIGTERM ends the process as ever`, async (t) => {
    const collector = await startCollector(t);
    const app = await run(t, [...preload, 'signal-exit.cjs'], {
      JAEGER_AGENT_HOST: collector.host,
      JAEGER_AGENT_PORT: String(collector.port),
      SIGNAL_EXIT: versions,
    });
    await (await fetch(`${app.url}/users/1`)).text();
    assert.equal(await app.end('SIGTERM'), 'SIGTERM');
    assert.equal((await collector.received(1))[0]?.operationName, 'GET /users/:id');
  });
}

for (const signal of ['SIGINT', 'SIGHUP'] as const) {
  test(`${signal} ends the process as ever, and what is buffered is sent before`, async (t) => {
    const collector = await startCollector(t);
    const app = await run(t, [...preload, 'express.cjs'], {
      JAEGER_AGENT_HOST: collector.host,
      JAEGER_AGENT_PORT: String(collector.port),
    });
    await (await fetch(`${app.url}/users/1`)).text();
    assert.equal(await app.end(signal), signal);
    assert.equal((await collector.received(1))[0]?.operationName, 'GET /users/:id');
  });
}

test('without a name in the environment the service is called as in package.json', async (t) => {
  const app = await run(t, [...preload, 'express.cjs'], {});
  await app.end('SIGTERM');
  assert.match(app.stderr(), /^spoor: tracing "@spoor\/auto-instrument" to the Jaeger agent/);
  const { stderr } = await runToEnd(process.execPath, [...preload, '--eval', '0'], {});
  assert.match(stderr, /^spoor: tracing "@spoor\/auto-instrument" to the Jaeger agent/);
});

test('under pm2 the service is called as the application is, not as pm2', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'spoor-pm2-'));
  t.after(() => rm(folder, { recursive: true }));
  const container = path.join(folder, 'pm2/lib/ProcessContainerFork.js');
  await mkdir(path.dirname(container), { recursive: true });
  await writeFile(path.join(folder, 'pm2/package.json'), '{ "name": "pm2" }');
  await writeFile(container, '');
  await writeFile(path.join(folder, 'package.json'), '{ "name": "shop" }');
  const settings = { pm_exec_path: path.join(folder, 'app.js') };
  const preloaded = [...preload, container];
  const forked = await runToEnd(process.execPath, preloaded, settings);
  assert.match(forked.stderr, /^spoor: tracing "shop" to the Jaeger agent/);
  const clustered = await runToEnd(process.execPath, preloaded, {
    pm2_env: JSON.stringify(settings),
  });
  assert.match(clustered.stderr, /^spoor: tracing "shop" to the Jaeger agent/);
});

test('a worker thread has the name of the main thread', async (t) => {
  const collector = await startCollector(t);
  await runToEnd(process.execPath, [...preload, 'thread.cjs'], {
    JAEGER_AGENT_HOST: collector.host,
    JAEGER_AGENT_PORT: String(collector.port),
  });
  const [span] = await collector.received(1);
  assert.equal(span?.operationName, 'in a thread');
  assert.equal(span.serviceName, '@spoor/auto-instrument');
});

test('npm, which NODE_OPTIONS reaches before the application, is not traced', async () => {
  const { stdout, stderr } = await runToEnd('npm', ['--version'], {
    NODE_OPTIONS: '--require @spoor/auto-instrument',
  });
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  assert.doesNotMatch(stderr, /spoor/);
});

test('what the application has told an instrumentation before Spoor is loaded holds', async () => {
  const { stdout } = await runToEnd(process.execPath, ['told.cjs'], { SPOOR_QUIET: '1' });
  assert.equal(stdout, 'server');
});

test('what is disabled is not traced, and a typing error is answered', async (t) => {
  const collector = await startCollector(t);
  const agent = {
    JAEGER_AGENT_HOST: collector.host,
    JAEGER_AGENT_PORT: String(collector.port),
    SPOOR_QUIET: '1',
  };
  const app = await run(t, [...preload, 'express.cjs'], {
    ...agent,
    SPOOR_DISABLED_INSTRUMENTATIONS: 'express, undici',
  });
  await (await fetch(`${app.url}/relay`)).text();
  await app.end('SIGTERM');
  const names = (await collector.received(2)).map(({ operationName }) => operationName);
  assert.deepEqual(names, ['GET', 'GET']);

  const mistyped = await run(t, [...preload, 'express.cjs'], {
    ...agent,
    SPOOR_DISABLED_INSTRUMENTATIONS: 'expres',
  });
  assert.equal(await (await fetch(`${mistyped.url}/users/1`)).text(), '{"id":"1"}');
  await mistyped.end('SIGTERM');
  assert.equal(
    mistyped.stderr(),
    'spoor: nothing is traced. SPOOR_DISABLED_INSTRUMENTATIONS: no instrumentation is called "expres". Did you mean "express"?\n',
  );
});

test('a wrong configuration is printed, and the application runs', async (t) => {
  const app = await run(t, [...preload, 'express.cjs'], { JAEGER_SAMPLER_TYPE: 'probablistic' });
  assert.equal(await (await fetch(`${app.url}/users/1`)).text(), '{"id":"1"}');
  await app.end('SIGTERM');
  assert.equal(
    app.stderr(),
    'spoor: nothing is traced. JAEGER_SAMPLER_TYPE: unknown sampler "probablistic". Did you mean "probabilistic"?\n',
  );
});

test('lines that nobody can read harm nothing', async () => {
  const child = spawn(process.execPath, [...preload, '--eval', 'setTimeout(() => {}, 200)'], {
    cwd: apps,
    env: { PATH: process.env.PATH, SPOOR_DEBUG: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.destroy();
  assert.deepEqual(await once(child, 'close'), [0, null]);
});

test('JAEGER_DISABLED leaves everything as it is, silently', async (t) => {
  const app = await run(t, [...preload, 'express.cjs'], { JAEGER_DISABLED: 'true' });
  assert.equal(await (await fetch(`${app.url}/users/1`)).text(), '{"id":"1"}');
  await app.end('SIGTERM');
  assert.equal(app.stderr(), '');
});

test('SPOOR_DEBUG prints once what is hooked, with version and path, and what is set', async (t) => {
  const app = await run(t, [...preload, 'express.cjs'], {
    SPOOR_DEBUG: '1',
    SPOOR_QUIET: '1',
    JAEGER_AUTH_TOKEN: 'hush',
  });
  await (await fetch(`${app.url}/users/1`)).text();
  await (await fetch(`${app.url}/users/2`)).text();
  await app.end('SIGTERM');
  const lines = app.stderr().split('\n');
  assert.ok(lines.includes('spoor: reporter.authToken is "***" (JAEGER_AUTH_TOKEN)'));
  assert.equal(lines.filter((line) => line.startsWith('spoor: library')).length, 1);
  assert.match(
    lines.find((line) => line.includes('express'))!,
    /express +5\.\d+\.\d+ +hooked +\/.*express/,
  );
  assert.match(
    lines.find((line) => line.includes('koa'))!,
    /koa +not loaded +not used, or bundled/,
  );
  assert.match(
    lines.find((line) => line.includes('winston'))!,
    /winston +not loaded +not used, or bundled/,
  );
});

test('SPOOR_DEBUG prints its table at the exit of a program that ends before a request', async () => {
  const { stderr } = await runToEnd(process.execPath, [...preload, '--eval', '0'], {
    SPOOR_DEBUG: '1',
  });
  assert.equal(stderr.split('\n').filter((line) => line.startsWith('spoor: library')).length, 1);
  assert.match(stderr, /^spoor: http +\d+\.\d+\.\d+ +hooked/m);
});

test('SPOOR_DEBUG says what was loaded too early, and what has a version that is not supported', async (t) => {
  const collector = await startCollector(t);
  const app = await run(t, ['too-early.cjs'], {
    JAEGER_AGENT_HOST: collector.host,
    JAEGER_AGENT_PORT: String(collector.port),
    SPOOR_DEBUG: '1',
    SPOOR_QUIET: '1',
  });
  assert.equal(await (await fetch(`${app.url}/users/1`)).text(), '{"id":"1"}');
  await app.end('SIGTERM');

  const lines = app.stderr().split('\n');
  assert.match(
    lines.find((line) => line.startsWith('spoor: express'))!,
    /express +5\.\d+\.\d+ +loaded too early +\/.*express +what was made of it before is not traced: load Spoor first$/,
  );
  assert.match(
    lines.find((line) => line.startsWith('spoor: ioredis'))!,
    /ioredis +4\.\d+\.\d+ +unsupported version +\/.*ioredis-?4? +use a version that the README of the package names$/,
  );
  // The request itself has its span, without its route.
  assert.equal((await collector.received(1))[0]?.operationName, 'GET');
});
