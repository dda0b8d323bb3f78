// Runs the shop of examples/microservices, sends ten orders through it and prints the traces that arrive.
// npm run demo
// REDIS_URL and DATABASE_URL name servers that run already; without them it starts its own, and ends them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  formatTrace,
  startCollector,
  startPostgres,
  startRedis,
  terminalOptions,
} from '@spoor/testing';

const orderCount = 10;
const slowOrder = 4;
const failingOrder = 7;
/** For a service to listen, and for a trace to arrive: much, for a busy machine. */
const timeoutMs = 15_000;

const children = new Set();
/** What ends the servers that were started. */
const undoings = [];
/** What the services wrote to stderr: order 7 is meant to fail, so it is shown only when the demo itself does. */
const serviceErrors = [];
let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stopEarly);
// `npm run demo | head` closes the pipe before we are done.
process.stdout.on('error', stopEarly);
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

const jaeger = readJaegerAddress();
const collector = await startCollector(undefined, { forwardTo: jaeger });

try {
  await run();
} catch (error) {
  if (!isStopping) {
    console.error(`${serviceErrors.join('')}The demo failed: ${error.message}`);
    process.exitCode = 1;
  }
} finally {
  await stop();
}

function readJaegerAddress() {
  const { JAEGER_AGENT_HOST: host, JAEGER_AGENT_PORT: port = '6831' } = process.env;
  if (!host) return undefined;
  if (/^[1-9]\d{0,4}$/.test(port) && Number(port) < 65_536) return { host, port: Number(port) };
  console.error(`JAEGER_AGENT_PORT: "${port}" is no port. Write 6831, or leave it out.`);
  return process.exit(1);
}

async function run() {
  const gatewayUrl = await openShop();
  say(`\nSending ${orderCount} orders; spans come over UDP to port ${collector.port}.\n`);
  for (let id = 1; id <= orderCount; id++) {
    const response = await fetch(`${gatewayUrl}/checkout/${id}`, { method: 'POST' });
    await response.text();
    const trace = await collector.waitForTrace(
      (spans) =>
        spans.length === spanCountOf(id) &&
        spans.some(({ tags }) => String(tags['http.url']).endsWith(`/checkout/${id}`)),
      timeoutMs,
    );
    say(`${formatTrace(trace, terminalOptions(process.stdout))}\n`);
  }
  say(summary());
}

/** Starts what the shop needs and its services, says what that is, and resolves with the URL of the gateway. */
async function openShop() {
  say('Starting the shop of examples/microservices …\n');
  const { redis, postgres } = await provideServers();
  const pricing = await startService('pricing', { REDIS_URL: redis.url }, redis.hint);
  const orders = await startService(
    'orders',
    { DATABASE_URL: postgres.url, PRICING_URL: pricing.url },
    postgres.hint,
  );
  const gateway = await startService('gateway', { ORDERS_URL: orders.url });
  sayTable([
    ['gateway', 'Express', gateway.url],
    ['orders', 'Fastify', orders.url],
    ['pricing', 'Koa', pricing.url],
    [...orders.server, postgres.origin],
    [...pricing.server, redis.origin],
  ]);
  return gateway.url;
}

async function provideServers() {
  const t = { after: (undo) => undoings.push(undo) };
  // Both are waited for, also when one fails: one that comes later would not be ended.
  const outcomes = await Promise.allSettled([
    provide('Redis', 'REDIS_URL', () => startRedis(t)),
    provide('PostgreSQL', 'DATABASE_URL', () => startPostgres(t, { prefer: 'installed' })),
  ]);
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  const [redis, postgres] = outcomes.map(({ value }) => value);
  return { redis, postgres };
}

async function provide(name, variable, start) {
  const url = process.env[variable];
  if (url) {
    const hint = ` Without ${variable} the demo brings a ${name} of its own.`;
    return { url, origin: `given by ${variable}`, hint };
  }
  try {
    return await start();
  } catch (error) {
    throw new Error(`${error.message} Or name one that runs in ${variable}.`);
  }
}

/** Of an order that goes well: three down to orders, a query first and last, three for the price of each of two items. */
function spanCountOf(id) {
  const usual = 3 + 2 + 2 * 3;
  if (id === slowOrder) return usual + 2; // asks the supplier, and stores his answer
  if (id === failingOrder) return usual - 1; // stores no sum
  return usual;
}

function summary() {
  const { spans, batches } = collector;
  const lines = [
    `${orderCount} orders, ${spans.length} spans in ${batches.length} UDP packets. Number ${slowOrder} was slow, number ${failingOrder} failed.`,
    '',
  ];
  if (jaeger) {
    lines.push(`The same traces are in the Jaeger at ${jaeger.host}:${jaeger.port}.`);
  } else {
    lines.push(
      'To see the same in a Jaeger (its UI is http://localhost:16686):',
      '  docker run --rm -p 16686:16686 -p 6831:6831/udp jaegertracing/jaeger',
      '  JAEGER_AGENT_HOST=localhost npm run demo',
    );
  }
  return lines.join('\n');
}

/** Starts one service and resolves once it listens, with its URL and with name, version and address of the server it uses. */
async function startService(name, env, hint = '') {
  if (isStopping) throw new Error('the demo was stopped.');
  const file = fileURLToPath(new URL(`../examples/microservices/src/${name}.js`, import.meta.url));
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environmentWithoutTracing(),
      NODE_ENV: 'production',
      ...env,
      PORT: '0',
      JAEGER_AGENT_HOST: collector.host,
      JAEGER_AGENT_PORT: String(collector.port),
      JAEGER_REPORTER_FLUSH_INTERVAL: '50',
    },
  });
  children.add(child);
  child.stderr.on('data', (chunk) => serviceErrors.push(chunk));
  child.once('exit', () => children.delete(child));
  const deadline = setTimeout(() => child.kill(), timeoutMs);
  let server;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      server ??= / uses (\S+) (\S+) .*?at (\S*)/.exec(line)?.slice(1);
      const url = /listens on (\S+)/.exec(line)?.[1];
      if (url !== undefined) {
        child.stdout.resume();
        return { url: url.replace('localhost', '127.0.0.1'), server };
      }
    }
  } finally {
    clearTimeout(deadline);
  }
  throw new Error(`the service ${name} did not start; its messages are above.${hint}`);
}

/** What is seen shall not depend on how the developer's own services are traced. */
function environmentWithoutTracing() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(JAEGER|OTEL)_/.test(name)),
  );
}

function stopEarly() {
  isStopping = true;
  void stop();
}

/** Ends the services, the servers and the collector; whoever does not end when asked is ended. */
async function stop() {
  await Promise.all(
    [...children].map(async (child) => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exited;
      clearTimeout(deadline);
    }),
  );
  await Promise.all(undoings.splice(0).map((undo) => undo()));
  await collector.close();
}

function sayTable(rows) {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    say(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
