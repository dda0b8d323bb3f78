import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { initTracer } from '@spoor/core';
import { startCollector, startPostgres, startRedis } from '@spoor/testing';

const folder = fileURLToPath(new URL('..', import.meta.url));

const [postgres, redis] = await Promise.all([startPostgres({ after }), startRedis({ after })]);

/** An order that no other test has asked for. */
export const newOrder = (() => {
  let id = 0;
  return () => ++id;
})();

/** Starts a program of this folder with a collector of its own, and resolves when it has printed its port. */
export async function start(t, args, env = {}) {
  const collector = await startCollector(t);
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PGHOST: postgres.host,
      PGPORT: String(postgres.port),
      PGUSER: postgres.user,
      PGDATABASE: postgres.database,
      REDIS_URL: redis.url,
      JAEGER_AGENT_HOST: collector.host,
      JAEGER_AGENT_PORT: String(collector.port),
      JAEGER_SERVICE_NAME: 'shop',
      JAEGER_SAMPLER_TYPE: 'const',
      JAEGER_SAMPLER_PARAM: '1',
      SPOOR_QUIET: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const closed = once(child, 'close');
  const port = await Promise.race([
    once(child.stdout.setEncoding('utf8'), 'data').then(([text]) => Number.parseInt(text, 10)),
    closed.then(() => Promise.reject(new Error(`${args.join(' ')} ended: ${stderr}`))),
  ]);
  return {
    ask: async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).json(),
    stderr: () => stderr,
    /** Ends the process and resolves with its exit code, or the signal that ended it. */
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      const [code, by] = await closed;
      return code ?? by;
    },
    /** Every span that has been sent until now. */
    async spans() {
      await sendLast(collector);
      await collector.waitForTrace(([span]) => span.operationName === last);
      return collector.spans.filter(({ operationName }) => operationName !== last);
    },
  };
}

const last = 'sent by the test itself, when all is sent';

/** Packets of one machine arrive in the order in which they are sent. */
async function sendLast({ host, port }) {
  const tracer = initTracer({
    serviceName: 'test',
    sampler: { type: 'const', param: 1 },
    reporter: { agentHost: host, agentPort: port },
  });
  tracer.startSpan(last).finish();
  await tracer.close();
}

/** A span with its children in the order of their start: `server GET /stock/:id`, in place of ids and times. */
export function traceTree(spans) {
  const childrenOf = (id) =>
    spans
      .filter(({ parentSpanId }) => parentSpanId === id)
      .sort((a, b) => a.startTimeUs - b.startTimeUs)
      .map((span) => {
        const children = childrenOf(span.spanId);
        const kind = span.tags['span.kind'] ?? 'local';
        const name = `${kind} ${span.operationName}`;
        return children.length === 0 ? name : { [name]: children };
      });
  return childrenOf('');
}

/** What an order is in the collector. */
export const orderTrace = [
  {
    'server GET /orders/:id': [
      'client redis:GET',
      'client pg:SELECT',
      'client redis:SET',
      { 'client GET': [{ 'server GET /stock/:id': ['client pg:SELECT'] }] },
    ],
  },
];
