import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { decodeBatch, listen, startCollector } from '@spoor/testing';
import { runScript, unusedPort } from './helpers.js';

const setUp = `
  import { initTracer } from '@spoor/core';
  const tracer = initTracer({ serviceName: 'orders', sampler: { type: 'const', param: 1 } });
`;

function agentAt(host: string, port: number): { env: Record<string, string> } {
  return { env: { JAEGER_AGENT_HOST: host, JAEGER_AGENT_PORT: String(port) } };
}

test('a short program that never calls close loses no span', async (t) => {
  const collector = await startCollector(t);
  const script = `${setUp}
    for (let i = 0; i < 300; i++) tracer.startSpan('span ' + i).finish();
    setTimeout(() => tracer.startSpan('last').finish(), 5);
  `;
  const { elapsedMs } = await runScript(script, agentAt(collector.host, collector.port));
  const names = (await collector.received(301)).map(({ operationName }) => operationName);
  assert.deepEqual(names.slice(-2), ['span 299', 'last']);
  assert.ok(elapsedMs < 4000, `${elapsedMs} ms`);
});

for (const end of ['process.exit(3)', "throw new Error('uncaught')"]) {
  test(`what is finished just before ${end} is sent`, async (t) => {
    const collector = await startCollector(t);
    const script = `${setUp}
      tracer.startSpan('first').finish();
      await tracer.flush();
      setTimeout(() => {
        tracer.startSpan('last').finish();
        ${end};
      }, 5);
    `;
    const run = runScript(script, agentAt(collector.host, collector.port));
    await assert.rejects(run, /^Error: the script ended with [13]:/);
    const names = (await collector.received(2)).map(({ operationName }) => operationName);
    assert.deepEqual(names, ['first', 'last']);
  });
}

for (const flush of ['', 'tracer.flush();']) {
  test(`a process that exits in its first moment sends its span ${flush && 'once, although it was being sent'}`, async (t) => {
    const collector = await startCollector(t);
    const script = `${setUp} tracer.startSpan('only').finish(); ${flush} process.exit();`;
    for (const host of ['localhost', '127.0.0.1']) {
      await runScript(script, agentAt(host, collector.port));
    }
    assert.deepEqual(
      (await collector.received(2)).map(({ operationName }) => operationName),
      ['only', 'only'],
    );
  });
}

for (const { end, name } of [
  { end: 'process.exit(3)', name: 'process.exit()' },
  { end: 'tracer.flush(); process.exit(3)', name: 'flush() and process.exit()' },
  {
    end: 'void tracer.flush().then(() => process.exit(3));',
    name: 'process.exit() long after flush()',
  },
  { end: "throw new Error('uncaught')", name: 'an exception that nobody catches' },
  {
    end: "if (isMainThread) new Worker(code, { eval: true, type: 'module' }).once('exit', process.exit); else process.exit(3)",
    name: 'process.exit() in a worker thread',
  },
]) {
  test(`what is finished before ${name} is posted to a collector, once`, async (t) => {
    const names: string[] = [];
    const url = await listen(
      t,
      createServer(async (request, response) => {
        const { spans } = decodeBatch(await buffer(request));
        names.push(...spans.map(({ operationName }) => operationName));
        response.writeHead(202).end();
      }),
    );
    const code = `
      import { isMainThread, Worker } from 'node:worker_threads';
      ${setUp}
      tracer.startSpan(isMainThread ? 'main' : 'thread').finish();
    `;
    const script = `const code = ${JSON.stringify(`${code} ${end}`)}; ${code} ${end}`;
    await assert.rejects(
      runScript(script, { env: { JAEGER_ENDPOINT: url } }),
      /^Error: the script ended with [13]:/,
    );
    // The main thread sends once a second, while a thread of the application may still start.
    assert.deepEqual(names.sort(), end.includes('Worker') ? ['main', 'thread'] : ['main']);
  });
}

test('what is preloaded into the process is not loaded again to send what is left at its exit', async (t) => {
  const collector = await startCollector(t);
  const folder = mkdtempSync(path.join(tmpdir(), 'spoor-preload-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const preload = path.join(folder, 'preload.cjs');
  writeFileSync(preload, "require('node:fs').writeSync(1, 'preloaded\\n');");
  const { env } = agentAt('localhost', collector.port);
  const { stdout } = await runScript(
    `${setUp} tracer.startSpan('only').finish(); process.exit();`,
    { env: { ...env, NODE_OPTIONS: `--require ${preload}` } },
  );
  assert.equal((await collector.received(1))[0]?.operationName, 'only');
  assert.equal(stdout, 'preloaded\n');
});

test('a collector that never answers, and an agent that has no address, hold up an exit for a second', async (t) => {
  const silent = await listen(
    t,
    createServer(() => {}),
  );
  const script = `${setUp}
    for (let i = 0; i < 3000; i++) tracer.startSpan('a', { tags: { text: 'x'.repeat(500) } }).finish();
    console.log(performance.now());
    process.on('exit', () => console.log(performance.now()));
    process.exit();
  `;
  for (const backend of [
    { env: { JAEGER_ENDPOINT: silent } as Record<string, string> },
    agentAt('agent.invalid', 6831),
  ]) {
    const { stdout, stderr } = await runScript(script, backend);
    const [before, after] = stdout.trim().split('\n').map(Number) as [number, number];
    // Either would take five seconds by itself; the start of the thread comes on top of the second.
    assert.ok(after - before < 4000, `${after - before} ms`);
    assert.equal(stderr, '');
  }
});

test('a thread that starts slowly, as on a busy machine, still sends what is left', async (t) => {
  const collector = await startCollector(t);
  const script = `
    import threads from 'node:worker_threads';
    ${setUp}
    const { Worker } = threads;
    threads.Worker = class extends Worker {
      constructor(program, options) {
        const pause = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);';
        super(pause + program, options);
      }
    };
    tracer.startSpan('only').finish();
    process.exit();
  `;
  await runScript(script, agentAt('localhost', collector.port));
  assert.equal((await collector.received(1))[0]?.operationName, 'only');
});

test('an exit does not look up again an agent whose name could not be looked up', async () => {
  const script = `
    import dns from 'node:dns/promises';
    import threads from 'node:worker_threads';
    ${setUp}
    let threadCount = 0;
    threads.Worker = class { constructor() { threadCount++; } };
    dns.lookup = async () => {
      setTimeout(() => process.exit());
      throw new Error('getaddrinfo EAI_AGAIN agent');
    };
    process.on('exit', () => console.log(threadCount));
    tracer.startSpan('a').finish();
    tracer.flush();
  `;
  assert.equal((await runScript(script, agentAt('agent', 6831))).stdout, '0\n');
});

test('a process that exits while close() still looks the agent up sends its span', async (t) => {
  const collector = await startCollector(t);
  const script = `${setUp} tracer.startSpan('only').finish(); tracer.close(); process.exit();`;
  await runScript(script, agentAt('localhost', collector.port));
  assert.equal((await collector.received(1))[0]?.operationName, 'only');
});

test('a process that exits right after its first span sends it', async (t) => {
  const collector = await startCollector(t);
  const script = `${setUp}
    setTimeout(() => {
      tracer.startSpan('only').finish();
      process.exit();
    }, 200);
  `;
  await runScript(script, agentAt('localhost', collector.port));
  assert.equal((await collector.received(1))[0]?.operationName, 'only');
});

test('an idle tracer does not keep the process alive', async (t) => {
  const collector = await startCollector(t);
  const script = `${setUp}
    tracer.startSpan('a').finish();
    await tracer.flush();
  `;
  const { elapsedMs } = await runScript(script, agentAt(collector.host, collector.port));
  assert.ok(elapsedMs < 4000, `${elapsedMs} ms`);
  assert.equal(collector.spans.length, 1);
});

test('without an agent a program ends as soon as it would have', async () => {
  const script = `${setUp} tracer.startSpan('a').finish();`;
  const { elapsedMs, stderr } = await runScript(script, agentAt('127.0.0.1', await unusedPort()));
  assert.ok(elapsedMs < 4000, `${elapsedMs} ms`);
  assert.match(stderr, /^spoor: no Jaeger agent listens at 127\.0\.0\.1:\d+ \(UDP\)/);
});

test('an agent whose name cannot be resolved holds a program up for five seconds at most', async () => {
  const script = `${setUp} tracer.startSpan('a').finish();`;
  const { elapsedMs, stderr } = await runScript(script, agentAt('agent.invalid', 6831));
  assert.ok(elapsedMs < 9000, `${elapsedMs} ms`);
  assert.match(
    stderr,
    /^spoor: reporter\.agentHost: "agent\.invalid" cannot be reached \(getaddrinfo [A-Z_]+ agent\.invalid\)\. Write the name or the address of the machine with the Jaeger agent; spans are kept as long as there is room\.\n$/,
  );
});

test('an address that cannot be reached never ends the program with an error', async () => {
  const script = `
    import { initTracer } from '@spoor/core';
    const config = { serviceName: 'orders', sampler: { type: 'const', param: 1 } };
    const logger = {
      info() {},
      error(message) {
        console.error(message);
        setTimeout(() => process.exit(), 100);
      },
    };
    const tracer = initTracer(config, { logger });
    tracer.startSpan('a').finish();
    void tracer.flush();
  `;
  const { stderr } = await runScript(script, agentAt('255.255.255.255', 6831));
  assert.match(stderr, /^spoor: reporter\.agentHost: "255\.255\.255\.255" cannot be reached/);
});

test('what a callback throws is the error of its owner, and close resolves all the same', async () => {
  const script = `${setUp}
    process.on('uncaughtException', (error) => console.log(error.message));
    await tracer.close(() => {
      throw new Error('mine');
    });
    console.log('closed');
  `;
  const { stdout } = await runScript(script, agentAt('127.0.0.1', await unusedPort()));
  assert.deepEqual(stdout.trim().split('\n').toSorted(), ['closed', 'mine']);
});

test('closed tracers leave no listeners on the process', async () => {
  const script = `
    import { initTracer } from '@spoor/core';
    for (let i = 0; i < 50; i++) {
      const tracer = initTracer({ serviceName: 'orders' });
      if (process.listenerCount('beforeExit') !== 1) throw new Error('not one listener');
      await tracer.close();
    }
    console.log(process.listenerCount('beforeExit'));
  `;
  const { stdout, stderr } = await runScript(script);
  assert.deepEqual([stdout, stderr], ['0\n', '']);
});
