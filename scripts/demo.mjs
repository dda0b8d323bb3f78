// Runs the two services of examples/express, sends ten requests through them and prints the traces that arrive.
// npm run demo
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { formatTrace, startCollector, terminalOptions } from '@spoor/testing';

const requestCount = 10;
/** gateway GET, gateway -> orders GET, orders GET, the work in it. */
const spansPerTrace = 4;
const startTimeoutMs = 15_000;

const children = new Set();
/** What the services wrote to stderr: order 7 is meant to fail, so it is shown only when the demo itself does. */
const serviceErrors = [];
let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stopEarly);
// `npm run demo | head` closes the pipe before we are done.
process.stdout.once('error', stopEarly);
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

const jaeger = process.env.JAEGER_AGENT_HOST && {
  host: process.env.JAEGER_AGENT_HOST,
  port: Number(process.env.JAEGER_AGENT_PORT ?? 6831),
};
const collector = await startCollector(undefined, { forwardTo: jaeger || undefined });

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

async function run() {
  const ordersUrl = await startService('orders');
  const gatewayUrl = await startService('gateway', { ORDERS_URL: ordersUrl });
  say(`Two Express services run: gateway (${gatewayUrl}) calls orders (${ordersUrl}).`);
  say(`Sending ${requestCount} requests; spans come over UDP to port ${collector.port}.\n`);
  for (let id = 1; id <= requestCount; id++) {
    const response = await fetch(`${gatewayUrl}/checkout/${id}`);
    await response.text();
    const trace = await collector.waitForTrace(
      (spans) =>
        spans.length === spansPerTrace &&
        spans.some(({ tags }) => String(tags['http.url']).endsWith(`/checkout/${id}`)),
    );
    say(`${formatTrace(trace, terminalOptions(process.stdout))}\n`);
  }
  say(summary());
}

function summary() {
  const { spans, batches } = collector;
  const lines = [
    `${requestCount} requests, ${spans.length} spans in ${batches.length} UDP packets. Number 4 was slow, number 7 failed.`,
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

/** Starts one service and resolves with its URL once it listens. */
async function startService(name, env = {}) {
  const file = fileURLToPath(new URL(`../examples/express/src/${name}.js`, import.meta.url));
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
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
  const deadline = setTimeout(() => child.kill(), startTimeoutMs);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /listens on (\S+)/.exec(line)?.[1];
      if (url !== undefined) {
        child.stdout.resume();
        return url.replace('localhost', '127.0.0.1');
      }
    }
  } finally {
    clearTimeout(deadline);
  }
  throw new Error(`the service ${name} did not start; its messages are above.`);
}

function stopEarly() {
  isStopping = true;
  void stop();
}

/** Ends the services and the collector; whoever does not end when asked is ended. */
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
  await collector.close();
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
