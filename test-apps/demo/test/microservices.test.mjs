import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startCollector, startPostgres, startRedis } from '@spoor/testing';
import { assertPortFree, freePorts, run } from './processes.mjs';

const start = fileURLToPath(
  new URL('../../../examples/microservices/src/start.js', import.meta.url),
);

const [redis, postgres] = await Promise.all([startRedis({ after }), startPostgres({ after })]);

test('the command starts three services, says what to do with them, and Ctrl-C ends them with their spans sent', async (t) => {
  const collector = await startCollector(t);
  const answers = [];
  const first = await freePorts(3);
  const env = { PORT: first, JAEGER_AGENT_HOST: collector.host, JAEGER_AGENT_PORT: collector.port };

  const { code, output } = await startShop(env, async (child) => {
    for (const id of [1, 7, 11, 'mug']) answers.push(await checkOut(first, id));
    child.kill('SIGINT');
  });

  assert.equal(code, 0, output);
  assert.ok(output.includes(`curl -X POST http://localhost:${first}/checkout/1`), output);
  assert.deepEqual(answers, [
    [200, { id: 1, cents: 6030 }],
    [502, { statusCode: 502, error: 'Bad Gateway', message: 'no price for "lamp"' }],
    [404, { message: 'There is no order 11.' }],
    [
      400,
      {
        statusCode: 400,
        code: 'FST_ERR_VALIDATION',
        error: 'Bad Request',
        message: 'params/id must be integer',
      },
    ],
  ]);
  assert.equal((await collector.received(11 + 10 + 4 + 3)).length, 11 + 10 + 4 + 3);
  for (const port of [first, first + 1, first + 2]) await assertPortFree(port);
});

test('without the databases it says in a sentence what to start, and ends', async () => {
  const first = await freePorts(4);
  const env = {
    PORT: first,
    REDIS_URL: `redis://127.0.0.1:${first + 3}`,
    DATABASE_URL: `postgresql://me:secret@127.0.0.1:${first + 3}/shop`,
  };

  const { code, output } = await startShop(env);

  assert.equal(code, 1, output);
  assert.match(
    output,
    /^Redis at 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)\. Start it with "docker compose up -d", or name another in REDIS_URL\.$/m,
  );
  assert.doesNotMatch(output, /secret|^ +at /m);
  for (const port of [first, first + 1, first + 2]) await assertPortFree(port);
});

test('a port that is taken is named, and nothing goes on', async (t) => {
  const port = await freePorts(3);
  const taken = createServer();
  await once(taken.listen(port), 'listening');
  t.after(() => taken.close());

  const { code, output } = await startShop({ PORT: port });

  assert.equal(code, 1, output);
  assert.match(
    output,
    new RegExp(
      `^gateway cannot listen on port ${port} \\(EADDRINUSE\\)\\. Set PORT to another\\.$`,
      'm',
    ),
  );
});

/** Runs until it ends, and calls back when it is ready. */
function startShop(env, onReady = () => {}) {
  const given = { REDIS_URL: redis.url, DATABASE_URL: postgres.url, ...env };
  let isReady = false;
  return run(start, given, (child, text) => {
    if (isReady || !text.includes('curl')) return;
    isReady = true;
    void onReady(child);
  });
}

async function checkOut(port, id) {
  const answer = await fetch(`http://127.0.0.1:${port}/checkout/${id}`, { method: 'POST' });
  return [answer.status, await answer.json()];
}
