import assert from 'node:assert/strict';
import http, { createServer } from 'node:http';
import { test } from 'node:test';
import { jaegerMiddleware } from '@spoor/express';
import { install, uninstall } from '@spoor/http';
import jaeger from '@spoor/jaeger-client';
import { listen, startCollector } from '@spoor/testing';
import express from 'express';

test("an application goes on with its own tracer and Spoor's middleware: one trace, through the headers that it had", async (t) => {
  const collector = await startCollector(t);
  const tracer = jaeger.initTracer(
    {
      serviceName: 'shop',
      sampler: { type: 'const', param: 1 },
      reporter: { agentHost: '127.0.0.1', agentPort: collector.port },
    },
    { contextKey: 'x-trace' },
  );
  t.after(() => tracer.close());
  install({ client: { tracer }, server: false });
  t.after(() => uninstall());
  let seen;
  const stock = createServer((request, response) => {
    seen = request.headers;
    response.end();
  });
  const stockUrl = await listen(t, stock);

  const app = express().use(jaegerMiddleware({ tracer }));
  app.get('/buy/:id', (_request, response) => {
    tracer.startSpan('by hand').finish();
    http.get(stockUrl, (answer) => answer.resume().on('end', () => response.send('ok')));
  });
  const url = await listen(t, createServer(app));
  const headers = { 'x-trace': '00000000000000ab:00000000000000cd:0:1', 'uberctx-user': '7' };
  assert.equal(await (await fetch(`${url}/buy/1`, { headers })).text(), 'ok');
  await tracer.flush();

  const spans = await collector.received(3);
  const [server, byHand, client] = ['GET /buy/:id', 'by hand', 'GET'].map((name) =>
    spans.find(({ operationName }) => operationName === name),
  );
  assert.deepEqual(
    [server?.traceId, server?.parentSpanId],
    ['00000000000000ab', '00000000000000cd'],
  );
  assert.deepEqual([byHand?.parentSpanId, client?.parentSpanId], [server?.spanId, server?.spanId]);
  assert.deepEqual([seen['uberctx-user'], seen.traceparent], ['7', undefined]);
  assert.equal(seen['x-trace'], `00000000000000ab:${client?.spanId}:${server?.spanId}:1`);
});
