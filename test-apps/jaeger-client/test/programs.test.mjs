import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startCollector } from '@spoor/testing';

const folder = fileURLToPath(new URL('..', import.meta.url));
const modules = path.join(folder, 'node_modules');

/** Runs a program with `client` under the name jaeger-client, as an alias in package.json puts it there. */
async function run(t, program, client) {
  const app = await mkdtemp(path.join(folder, '.cache-'));
  t.after(() => rm(app, { recursive: true }));
  await mkdir(path.join(app, 'node_modules'));
  const links = { 'jaeger-client': client };
  for (const name of ['express', 'opentracing', 'prom-client']) links[name] = name;
  for (const [name, target] of Object.entries(links)) {
    await symlink(await realpath(path.join(modules, target)), path.join(app, 'node_modules', name));
  }
  const file = path.join(app, program);
  await copyFile(path.join(folder, 'src', program), file);
  const collector = await startCollector(t);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
    env: {
      PATH: process.env.PATH,
      JAEGER_AGENT_HOST: '127.0.0.1',
      JAEGER_AGENT_PORT: String(collector.port),
    },
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += masked(text);
    });
  }
  const [code] = await once(child, 'close');
  return { code, output, collector };
}

/** Ids are made by chance; what a program got from outside stays. */
function masked(output) {
  return output
    .replaceAll(/Reporting span \S+/g, 'Reporting span')
    .replaceAll(/context=\S+#/g, '#');
}

/** The spans of a run without what chance and clock make of them. */
function describe(spans) {
  const names = new Map(
    spans.map((span) => [span.spanId, `${span.serviceName}.${span.operationName}`]),
  );
  return spans
    .map((span) => ({
      span: names.get(span.spanId),
      parent: names.get(span.parentSpanId) ?? span.parentSpanId,
      isRoot: span.traceId === span.spanId,
      flags: span.flags,
      tags: span.tagList.map(({ key, value }) => [key, value]),
      logs: span.logs.map(({ fields }) => fields),
      references: span.references.map(({ type, spanId }) => [type, names.get(spanId)]),
      process: Object.keys(span.processTags),
    }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

for (const [program, spanCount] of [
  ['orders.cjs', 5],
  ['servers.cjs', 15],
  ['zipkin.mjs', 0],
]) {
  test(`${program}, written for jaeger-client, runs unchanged, prints the same and sends the same spans`, async (t) => {
    const theirs = await run(t, program, 'jaeger-client');
    const ours = await run(t, program, '@spoor/jaeger-client');
    assert.deepEqual(ours.output, theirs.output);
    assert.deepEqual([ours.code, theirs.code], [0, 0]);
    const expected = await theirs.collector.received(spanCount);
    assert.equal(expected.length, spanCount);
    assert.deepEqual(describe(await ours.collector.received(spanCount)), describe(expected));
  });
}
