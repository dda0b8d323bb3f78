import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startCollector } from '@spoor/testing';

const folders = fileURLToPath(new URL('../..', import.meta.url));

for (const { name, folder, flag } of [
  { name: 'Nest 12', folder: 'nest', flag: '--import' },
  { name: 'Nest 11', folder: 'nest-11', flag: '--require' },
]) {
  for (const platform of ['express', 'fastify']) {
    test(`${name} on ${platform}, nothing but preloaded: a request is one whole trace, and Nest ends by its own hooks at SIGTERM`, async (t) => {
      const collector = await startCollector(t);
      const args = [flag, '@spoor/auto-instrument', 'dist-test/auto.js', platform];
      const child = spawn(process.execPath, args, {
        cwd: `${folders}/${folder}`,
        env: {
          PATH: process.env.PATH,
          JAEGER_AGENT_HOST: collector.host,
          JAEGER_AGENT_PORT: String(collector.port),
          SPOOR_QUIET: '1',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      t.after(() => child.kill('SIGKILL'));
      const closed = once(child, 'close');
      const [port] = await once(child.stdout.setEncoding('utf8'), 'data');

      const response = await fetch(`http://127.0.0.1:${port.trim()}/api/v1/users/7/work`);
      assert.deepEqual(await response.json(), { id: 7 });
      child.kill('SIGTERM');
      assert.deepEqual(await closed, [null, 'SIGTERM']);

      const [local, server] = await collector.received(2);
      assert.equal(server.operationName, 'GET /api/v1/users/:id/work');
      assert.equal(server.serviceName, `spoor-test-app-${folder}`);
      assert.equal(server.tags.component, platform);
      assert.equal(server.tags['seen.by.guard'], true);
      assert.equal(local.operationName, 'child');
      assert.equal(local.parentSpanId, server.spanId);
      assert.equal(collector.spans.length, 2);
    });
  }
}
