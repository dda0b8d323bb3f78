import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { groupTraces, startCollector, startPostgres, startRedis } from '@spoor/testing';
import { examplesFolder, installExample, startExample } from '../example.mjs';
import { expected } from '../expected.mjs';
import { outline } from '../outline.mjs';
import { packAll } from '../pack.mjs';
import { startRegistry } from '../registry.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'spoor-packed-'));
after(() => rmSync(folder, { recursive: true }));
const registry = await startRegistry({ after }, packAll(folder));

const examples = readdirSync(examplesFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'express') // which the demo alone starts
  .map(({ name }) => name);

describe('copied out and installed', { concurrency: 2 }, () => {
  for (const name of examples) {
    test(`${name}: its requests are whole traces, of which none is lost when it is told to end`, async (t) => {
      const copy = await installExample(t, name, registry);
      for (const end of ['terminate', 'pressCtrlC']) {
        const collector = await startCollector(t);
        const servers = await startServers(t, copy);
        const app = startExample(t, copy, { ...servers, ...reportTo(collector) });
        const requests = await ask(app, expected[name]);
        if (requests.some(({ path }) => path !== undefined)) app[end]();

        const code = await app.exited;
        // The SIGINT that npm hands on may come when the process has done its work and is about to exit.
        const isWell = code === 0 || (end === 'pressCtrlC' && code === 'SIGINT');
        assert.ok(isWell, `${end}: ended with ${code}\n${app.text()}`);
        await checkTraces(collector, requests);
      }
    });
  }
});

/** Sends the requests, or those that the example itself proposes, and returns them. */
async function ask(app, wanted) {
  if (wanted?.every(({ path }) => path === undefined)) return wanted;
  const [, url] = await app.printed(/curl .*?(http:\/\/[^/\s]+).*\n/);
  const requests = wanted ?? curlLines(app.text());
  for (const { path, method, status = 200 } of requests) {
    const answer = await fetch(url + path, { method });
    assert.equal(answer.status, status, `${path}: ${await answer.text()}\n${app.text()}`);
  }
  return requests;
}

function reportTo({ host, port }) {
  return { PORT: '0', JAEGER_AGENT_HOST: host, JAEGER_AGENT_PORT: String(port) };
}

/** Those that its compose.yaml brings. */
async function startServers(t, copy) {
  const compose = path.join(copy, 'compose.yaml');
  const wanted = existsSync(compose) ? readFileSync(compose, 'utf8') : '';
  return {
    ...(wanted.includes('redis:') && { REDIS_URL: (await startRedis(t)).url }),
    ...(wanted.includes('postgres:') && { DATABASE_URL: (await startPostgres(t)).url }),
  };
}

/** What an example says that one can try. */
function curlLines(text) {
  const lines = [...text.matchAll(/curl (?:-X (\w+) )?(http\S+)/g)];
  return lines.map(([, method, url]) => ({ method, path: new URL(url).pathname }));
}

async function checkTraces(collector, requests) {
  const spanCount = requests.reduce((sum, { trace = [''] }) => sum + trace.length, 0);
  const traces = groupTraces(await collector.received(spanCount));
  if (requests.every(({ trace }) => trace === undefined)) {
    assert.equal(traces.length, requests.length);
    return;
  }
  assert.deepEqual(
    traces.map((spans) => outline(spans)),
    requests.map(({ trace }) => trace),
  );
}
