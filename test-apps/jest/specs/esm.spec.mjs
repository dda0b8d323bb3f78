import { InMemoryReporter, initTracer } from '@spoor/core';
import * as ioredisTracing from '@spoor/ioredis';
import * as undiciTracing from '@spoor/undici';
import ioredis, { Redis } from 'ioredis';
import request from 'supertest';
import createApp from './app.js';

const reporter = new InMemoryReporter();
const tracer = initTracer(
  { serviceName: 'esm', sampler: { type: 'const', param: 1 } },
  { reporter },
);
ioredisTracing.install({ module: ioredis });
undiciTracing.install();
const redis = new Redis(process.env.REDIS_URL);

afterAll(async () => {
  redis.disconnect();
  await tracer.close();
});

test('an ES module has the same tracer as CommonJS', async () => {
  await request(createApp(redis)).get('/relay').expect(200, 'null');

  expect(reporter.spans.map((span) => span.operationName)).toEqual([
    'redis:GET',
    'GET /orders/:id',
    'GET',
    'GET /relay',
  ]);
  expect(new Set(reporter.spans.map((span) => span.context.toTraceId())).size).toBe(1);
});
