import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startCollector } from '@spoor/testing';

const folder = fileURLToPath(new URL('..', import.meta.url));
const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');

test('the Express example of the README traces a request', async (t) => {
  const collector = await startCollector(t);
  // The snippet listens on 3000, which may be taken here; nothing else of it is changed.
  const code = snippet('express').replace(
    'app.listen(3000)',
    "app.listen(0, function () { console.log('port', this.address().port); })",
  );
  const app = await start(t, code, collector);
  const port = await app.output(/port (\d+)/);

  const answer = await fetch(`http://127.0.0.1:${port}/orders/7`);

  assert.deepEqual(await answer.json(), { id: '7' });
  const [span] = await collector.received(1);
  assert.equal(span.operationName, 'GET /orders/:id');
  assert.equal(span.serviceName, 'orders');
});

test("the example of Python's jaeger-client, as the README ports it, reports both spans and logs a line for each", async (t) => {
  const collector = await startCollector(t);
  const app = await start(t, snippet('python'), collector);

  assert.equal(await app.exitCode, 0, app.text());
  const spans = await collector.received(2);

  assert.match(
    app.text(),
    /Reporting span \S+ your-app-name\.ChildSpan\nReporting span \S+ your-app-name\.TestSpan\n/,
  );
  const [child, parent] = spans;
  assert.equal(child.operationName, 'ChildSpan');
  assert.equal(child.parentSpanId, parent.spanId);
  assert.equal(child.traceId, parent.traceId);
  assert.deepEqual(
    parent.logs.map(({ fields }) => fields),
    [{ event: 'test message', life: 42 }],
  );
  assert.deepEqual(
    child.logs.map(({ fields }) => fields),
    [{ event: 'down below' }],
  );
  assert.equal(parent.tags['sampler.type'], 'const');
  assert.equal(parent.serviceName, 'your-app-name');
});

/** The code block that follows `<!-- test: NAME -->`. */
function snippet(name) {
  const code = new RegExp(`<!-- test: ${name} -->\\n\`\`\`js\\n([^]*?)\`\`\``).exec(readme)?.[1];
  assert.ok(code, `the README has no snippet "${name}"`);
  return code;
}

/** Runs code as a module of its own in a process of its own, with the collector as its agent. */
async function start(t, code, collector) {
  const own = await mkdtemp(path.join(folder, '.cache-'));
  t.after(() => rm(own, { recursive: true }));
  await writeFile(path.join(own, 'app.mjs'), code);
  const child = spawn(process.execPath, [path.join(own, 'app.mjs')], {
    env: {
      ...process.env,
      JAEGER_AGENT_HOST: collector.host,
      JAEGER_AGENT_PORT: String(collector.port),
    },
  });
  t.after(() => child.kill());
  let text = '';
  const waiting = new Set();
  const read = (chunk) => {
    text += chunk;
    for (const wake of waiting) wake();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const exitCode = new Promise((resolve) => child.once('close', resolve));
  return {
    exitCode,
    text: () => text,
    /** Resolves with the first group of the pattern once it was printed. */
    output: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(text);
          if (match !== null) resolve(match[1]);
        };
        waiting.add(look);
        void exitCode.then((code) => reject(new Error(`ended with code ${code}: ${text}`)));
        look();
      }),
  };
}
