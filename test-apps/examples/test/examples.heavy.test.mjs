import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { groupTraces, listen, startCollector, startPostgres, startRedis } from '@spoor/testing';
import { examplesFolder, installExample, startExample } from '../example.mjs';
import { expected } from '../expected.mjs';
import { outline } from '../outline.mjs';
import { packAll } from '../pack.mjs';
import { startRegistry } from '../registry.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'spoor-packed-'));
after(() => rmSync(folder, { recursive: true }));
const registry = await startRegistry({ after }, packAll(folder));

const examples = readdirSync(examplesFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('examples', { concurrency: 2 }, () => {
  for (const name of examples) {
    test(`${name}: copied out, it installs what it names, and runs`, async (t) => {
      const copy = await installExample(t, name, registry);
      const wanted = expected[name];
      const isServer = wanted === undefined || wanted.some(({ path }) => path !== undefined);

      for (const end of isServer ? ['terminate', 'pressCtrlC'] : ['nothing']) {
        await t.test(
          `${name}, ended by ${end}: its traces are whole, and none is lost`,
          async (t) => {
            const collector = await startCollector(t);
            const servers = await startServers(t, copy);
            const app = startExample(t, copy, { ...servers, ...reportTo(collector) });
            const requests = isServer ? await ask(app, wanted) : wanted;
            app[end]?.();

            const code = await app.exited;
            // The SIGINT that npm hands on may come when the process has done its work and is about to exit.
            const isWell = code === 0 || (end === 'pressCtrlC' && code === 'SIGINT');
            assert.ok(isWell, `ended with ${code}\n${app.text()}`);
            await checkTraces(collector, requests);
          },
        );
      }
      if (!isServer) return;

      await t.test(
        `${name}: where its port is taken it says so, and ends with code 1`,
        async (t) => {
          const url = await listen(t, createServer());
          const servers = await startServers(t, copy);
          const app = startExample(t, copy, { ...servers, PORT: new URL(url).port });

          assert.equal(await app.exited, 1, app.text());
          assert.match(app.text(), /cannot listen.*EADDRINUSE/);
        },
      );

      for (const variable of Object.keys(serversOf(copy))) {
        await t.test(
          `${name}: where ${variable} leads nowhere it says so, and ends with code 1`,
          async (t) => {
            const servers = await startServers(t, copy);
            const nowhere = new URL(servers[variable]);
            nowhere.port = '1';
            const app = startExample(t, copy, { ...servers, [variable]: nowhere.href });

            assert.equal(await app.exited, 1, app.text());
            assert.match(app.text(), /cannot be reached \(ECONNREFUSED\)/);
            assert.match(app.text(), /docker compose up -d/);
          },
        );
      }
    });
  }
});

/** Sends the requests, or those that the example itself proposes, and returns them. */
async function ask(app, wanted) {
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

/** What its compose.yaml brings, by the variable that names it. */
function serversOf(copy) {
  const compose = path.join(copy, 'compose.yaml');
  const brought = existsSync(compose) ? readFileSync(compose, 'utf8') : '';
  return {
    ...(brought.includes('redis:') && { REDIS_URL: startRedis }),
    ...(brought.includes('postgres:') && { DATABASE_URL: startPostgres }),
  };
}

async function startServers(t, copy) {
  const starting = Object.entries(serversOf(copy)).map(async ([variable, start]) => {
    return [variable, (await start(t)).url];
  });
  return Object.fromEntries(await Promise.all(starting));
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
