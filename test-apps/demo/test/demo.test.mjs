import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startCollector } from '@spoor/testing';

const demo = fileURLToPath(new URL('../../../scripts/demo.mjs', import.meta.url));

test('the demo prints ten traces over two services, ends with code 0 and leaves no port open', async () => {
  const { code, output } = await runDemo();

  assert.equal(code, 0, output);
  assert.equal(output.match(/^Trace /gm)?.length, 10, output);
  assert.equal(output.match(/^Trace .* 2 services · 4 spans/gm)?.length, 10, output);
  assert.match(output, /RangeError: order 7 has a negative quantity/);
  assert.match(output, /✗ gateway {2}GET \/checkout\/:id +502/);
  assert.match(output, /✗ orders {2}GET \/orders\/:id +500/);
  assert.match(output, /JAEGER_AGENT_HOST=localhost npm run demo/);
  await assertPortsFree(output);
});

test('the slow request of the demo shows where its time went', async () => {
  const { output } = await runDemo();

  const slow = output.split('\n\n').filter((trace) => /orders {2}price order +3\d\dms/.test(trace));
  assert.equal(slow.length, 1, output);
});

test('the demo sends the same packets to the Jaeger agent that the environment names', async (t) => {
  const jaeger = await startCollector(t);

  const { output } = await runDemo({
    JAEGER_AGENT_HOST: jaeger.host,
    JAEGER_AGENT_PORT: String(jaeger.port),
  });

  assert.equal((await jaeger.received(40)).length, 40);
  assert.ok(output.includes(`in the Jaeger at ${jaeger.host}:${jaeger.port}`), output);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`the demo ended by ${signal} leaves no port open`, async () => {
    const { code, output } = await runDemo({}, (child, text) => {
      if (text.includes('Sending')) child.kill(signal);
    });

    assert.equal(code, 0, output);
    assert.ok((output.match(/^Trace /gm)?.length ?? 0) < 10, 'it was ended in the middle');
    await assertPortsFree(output);
  });
}

test('the demo whose output nobody reads any more leaves no port open', async () => {
  const { output } = await runDemo({}, (child, text) => {
    if (text.includes('Sending')) child.stdout.destroy();
  });

  await assertPortsFree(output);
});

/** Runs the demo without a terminal and resolves with its exit code and all that it printed. */
function runDemo(env = {}, onOutput = () => {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [demo], { env: { ...process.env, ...env } });
    let output = '';
    const read = (chunk) => {
      output += chunk;
      onOutput(child, output);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** The services are gone when their ports can be listened on again. */
async function assertPortsFree(output) {
  const ports = [...output.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
  assert.ok(ports.length >= 2, output);
  for (const port of ports.slice(0, 2)) {
    const server = createServer();
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  }
}
