import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { groupTraces, startCollector, startPostgres, startRedis } from '@spoor/testing';
import { assertPortLeft, freePorts, run } from './processes.mjs';

const demo = fileURLToPath(new URL('../../../scripts/demo.mjs', import.meta.url));
const spanCount = 8 * 11 + 13 + 10;

const jaeger = await startCollector({ after });
const whole = await runDemo({
  JAEGER_AGENT_HOST: jaeger.host,
  JAEGER_AGENT_PORT: String(jaeger.port),
});

test('the demo prints ten traces over three services and ends with code 0', () => {
  assert.equal(whole.code, 0, whole.output);
  const headers = whole.output.match(/^Trace .*$/gm);
  const shapes = headers.map((line) => line.replace(/^Trace \S+ {2}| · [\d.]+(µs|ms|s)/g, ''));
  const usual = '3 services · 11 spans';
  assert.deepEqual(shapes, [
    ...[usual, usual, usual],
    '3 services · 13 spans',
    ...[usual, usual],
    '3 services · 10 spans · ✗ 5 errors',
    ...[usual, usual, usual],
  ]);
});

test('the demo names the PostgreSQL and the Redis that it started, and ends them and its services', async () => {
  assert.match(whole.output, /^PostgreSQL {2}\d+\.\d+ +127\.0\.0\.1:\d+ +(npm @embedded-|\/)\S+$/m);
  assert.match(whole.output, /^Redis {7}\d+\.\d+\.\d+ +127\.0\.0\.1:\d+ +(Debian's package|\/)/m);
  await assertPortsFree(whole.output);
});

test('an order is one trace over three services, with both databases in it', async () => {
  assert.equal(
    treeOf(await traceOf(1)),
    `
gateway POST /checkout/:id 200
  gateway POST 200
    orders POST /orders/:id/checkout 200
      orders GET 200
        pricing GET /prices/:sku 200
          pricing redis:GET "GET spoor-shop:price:mug"
      orders GET 200
        pricing GET /prices/:sku 200
          pricing redis:GET "GET spoor-shop:price:teapot"
      orders pg:SELECT "SELECT sku, quantity FROM spoor_shop.items WHERE order_id = $1 ORDER BY sku"
      orders pg:UPDATE "UPDATE spoor_shop.orders SET cents = $2 WHERE id = $1"
`,
  );
});

test('the slow order shows who took the time', async () => {
  const trace = await traceOf(4);

  assert.equal(
    treeOf(trace),
    `
gateway POST /checkout/:id 200
  gateway POST 200
    orders POST /orders/:id/checkout 200
      orders GET 200
        pricing GET /prices/:sku 200
          pricing ask supplier
            pricing redis:SET "SET spoor-shop:price:hammock ? ? ?"
          pricing redis:GET "GET spoor-shop:price:hammock"
      orders GET 200
        pricing GET /prices/:sku 200
          pricing redis:GET "GET spoor-shop:price:teapot"
      orders pg:SELECT "SELECT sku, quantity FROM spoor_shop.items WHERE order_id = $1 ORDER BY sku"
      orders pg:UPDATE "UPDATE spoor_shop.orders SET cents = $2 WHERE id = $1"
`,
  );
  const supplier = trace.find(({ operationName }) => operationName === 'ask supplier');
  assert.ok(supplier.durationUs > 300_000, `${supplier.durationUs} µs`);
  const ms = supplier.durationUs / 1000;
  const shown = ms < 999.5 ? `${ms.toFixed(0)}ms` : `${(ms / 1000).toFixed(2)}s`;
  assert.match(whole.output, new RegExp(`pricing {2}ask supplier +${shown}`));
});

test('the failing order shows where it failed, and whom that made fail', async () => {
  assert.equal(
    treeOf(await traceOf(7)),
    `
gateway POST /checkout/:id 502 ✗
  gateway POST 502 ✗
    orders POST /orders/:id/checkout 502 ✗ Error: no price for "lamp"
      orders GET 200
        pricing GET /prices/:sku 200
          pricing redis:GET "GET spoor-shop:price:teapot"
      orders GET 500 ✗
        pricing GET /prices/:sku 500 ✗ RangeError: the price of "lamp" is no number: "39,90"
          pricing redis:GET "GET spoor-shop:price:lamp"
      orders pg:SELECT "SELECT sku, quantity FROM spoor_shop.items WHERE order_id = $1 ORDER BY sku"
`,
  );
  assert.match(whole.output, /│ {2}RangeError: the price of "lamp" is no number: "39,90"/);
  assert.match(whole.output, /│ {4}at toCents \(\S+pricing\.js:\d+:\d+\)/);
});

test('the demo sends the same packets to the Jaeger agent that the environment names', async () => {
  assert.equal((await jaeger.received(spanCount)).length, spanCount);
  assert.ok(whole.output.includes(`in the Jaeger at ${jaeger.host}:${jaeger.port}`));
});

const notAsked = 'postgresql://127.0.0.1:1/shop';
const faults = [
  {
    title: 'a Redis that does not answer',
    env: async () => ({
      REDIS_URL: `redis://127.0.0.1:${await freePorts(1)}`,
      DATABASE_URL: notAsked,
    }),
    says: /^Redis at 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)\. Start it with "docker compose up -d", or name another in REDIS_URL\.\nThe demo failed: .*Without REDIS_URL the demo brings a Redis of its own\.$/m,
  },
  {
    title: 'a REDIS_URL that is none',
    env: () => ({ REDIS_URL: 'my redis', DATABASE_URL: notAsked }),
    says: /^REDIS_URL is no URL\. Write one like redis:\/\/localhost:6379\.$/m,
  },
  {
    title: 'a JAEGER_AGENT_PORT that is none',
    env: () => ({ JAEGER_AGENT_HOST: 'localhost', JAEGER_AGENT_PORT: 'udp' }),
    says: /^JAEGER_AGENT_PORT: "udp" is no port\. Write 6831, or leave it out\.$/m,
  },
  {
    title: 'a PostgreSQL that does not answer',
    env: async () => ({ DATABASE_URL: `postgresql://127.0.0.1:${await freePorts(1)}/shop` }),
    says: /^PostgreSQL at 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)\. Start it with "docker compose up -d", or name another in DATABASE_URL\.\nThe demo failed: .*Without DATABASE_URL the demo brings a PostgreSQL of its own\.$/m,
  },
];

// Most of the time they wait.
describe('in a run of its own', { concurrency: 3 }, () => {
  test('servers that the environment names are used and left running', async (t) => {
    const [redis, postgres] = await Promise.all([startRedis(t), startPostgres(t)]);
    const env = { REDIS_URL: redis.url, DATABASE_URL: postgres.url };

    const { code, output } = await runDemo(env);

    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`127.0.0.1:${postgres.port} +given by DATABASE_URL`));
    assert.match(output, new RegExp(`127.0.0.1:${redis.port} +given by REDIS_URL`));
    assert.match(output, /JAEGER_AGENT_HOST=localhost npm run demo/);
    assert.equal(await redis.command('GET', 'spoor-shop:price:mug'), '12.90');
  });

  test('the demo ended in the middle ends all that it started', async (t) => {
    const folder = await ownTemporaryFolder(t);

    const { code, output } = await runDemo({ TMPDIR: folder }, whenItSays('Sending', interrupt));

    assert.equal(code, 0, output);
    assert.ok((output.match(/^Trace /gm)?.length ?? 0) < 10, 'it was ended in the middle');
    await assertPortsFree(output);
    assert.deepEqual(await leftIn(folder), []);
  });

  test('the demo ended while its servers start leaves none of them behind', async (t) => {
    const folder = await ownTemporaryFolder(t);

    const { code, output } = await runDemo({ TMPDIR: folder }, whenItSays('Starting', terminate));

    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /^Trace /m);
    assert.deepEqual(await leftIn(folder), []);
  });

  test('the demo whose output nobody reads any more ends all that it started', async () => {
    const { code, output } = await runDemo({}, whenItSays('Sending', stopReading));

    assert.equal(code, 0, output);
    await assertPortsFree(output);
  });

  for (const { title, env, says } of faults) {
    test(`with ${title} the demo says so in a sentence, ends with code 1 and leaves nothing behind`, async (t) => {
      const folder = await ownTemporaryFolder(t);

      const { code, output } = await runDemo({ TMPDIR: folder, ...(await env()) });

      assert.equal(code, 1, output);
      assert.match(output, says);
      assert.doesNotMatch(output, /^ +at /m);
      assert.deepEqual(await leftIn(folder), []);
    });
  }
});

/** The servers are its own unless the test names others. */
function runDemo(env, onOutput) {
  return run(demo, { REDIS_URL: '', DATABASE_URL: '', ...env }, onOutput);
}

const interrupt = (child) => child.kill('SIGINT');
const terminate = (child) => child.kill('SIGTERM');
const stopReading = (child) => child.stdout.destroy();

/** Once: a second signal ends the demo at once, whatever it still has to end. */
function whenItSays(words, then) {
  let isDone = false;
  return (child, text) => {
    if (isDone || !text.includes(words)) return;
    isDone = true;
    then(child);
  };
}

async function traceOf(order) {
  const traces = groupTraces(await jaeger.received(spanCount));
  return traces.find((spans) => String(spans[0].tags['http.url']).endsWith(`/checkout/${order}`));
}

/** A line per span: service, name, statement, status, error, and what was logged of it. Siblings are in order of their text. */
function treeOf(spans, parentSpanId = '', indent = '') {
  const branches = spans
    .filter((span) => span.parentSpanId === parentSpanId)
    .map((span) => `${indent}${lineOf(span)}\n${treeOf(spans, span.spanId, `${indent}  `)}`);
  return (parentSpanId === '' ? '\n' : '') + branches.sort().join('');
}

function lineOf({ serviceName, operationName, tags, logs }) {
  const parts = [
    serviceName,
    operationName,
    tags['db.statement'] && `"${tags['db.statement']}"`,
    tags['http.status_code'],
    tags.error && '✗',
    ...logs.map(({ fields }) => `${fields['error.kind']}: ${fields.message}`),
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** Those of the services and of the servers. */
async function assertPortsFree(output) {
  const ports = [...output.matchAll(/ (?:http:\/\/)?127\.0\.0\.1:(\d+)/g)];
  assert.ok(ports.length >= 5, output);
  for (const [, port] of ports.slice(0, 5)) await assertPortLeft(Number(port));
}

/** Servers keep their files there as long as they run. */
async function ownTemporaryFolder(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'spoor-demo-'));
  t.after(() => rm(folder, { recursive: true }));
  // PostgreSQL may run as somebody else, who cleans up there.
  await chmod(folder, 0o777);
  return folder;
}

async function leftIn(folder) {
  return (await readdir(folder)).filter((name) => !name.startsWith('spoor-postgres-programs'));
}
