import { InMemoryReporter, initTracer } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/express';
import * as ioredisTracing from '@spoor/ioredis';
import * as undiciTracing from '@spoor/undici';
import express from 'express';
import { Redis } from 'ioredis';
import request from 'supertest';
import { afterAll, afterEach, expect, test } from 'vitest';

const reporter = new InMemoryReporter();
const tracer = initTracer(
  { serviceName: 'first', sampler: { type: 'const', param: 1 } },
  { reporter },
);
ioredisTracing.install();
undiciTracing.install();
const redis = new Redis(process.env.REDIS_URL);

const app = express();
app.use(jaegerMiddleware());
app.get('/orders/:id', async (request, response) => {
  response.json(await redis.get(request.params.id));
});
app.get('/relay', async (request, response) => {
  const answer = await fetch(`http://127.0.0.1:${request.socket.localPort}/orders/1`);
  response.json(await answer.json());
});

afterEach(() => reporter.clear());
afterAll(async () => {
  redis.disconnect();
  await tracer.close();
});

test('a request and the command that it sends are one trace', async () => {
  await request(app).get('/orders/1').expect(200, 'null');

  const [command, server] = reporter.spans;
  expect(reporter.spans.map(({ operationName }) => operationName)).toEqual([
    'redis:GET',
    'GET /orders/:id',
  ]);
  expect(command.parentId).toBe(server.context.toSpanId());
});

test('a request that the application sends to itself is a part of the trace', async () => {
  await request(app).get('/relay').expect(200, 'null');

  expect(reporter.spans.map(({ operationName }) => operationName)).toEqual([
    'redis:GET',
    'GET /orders/:id',
    'GET',
    'GET /relay',
  ]);
  expect(new Set(reporter.spans.map(({ context }) => context.toTraceId())).size).toBe(1);
});
