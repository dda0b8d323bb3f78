const { InMemoryReporter, initTracer } = require('@spoor/core');
const ioredisTracing = require('@spoor/ioredis');
const undiciTracing = require('@spoor/undici');
const { Redis } = require('ioredis');
const request = require('supertest');
const createApp = require('./app');

const reporter = new InMemoryReporter();
const tracer = initTracer(
  { serviceName: 'second', sampler: { type: 'const', param: 1 } },
  { reporter },
);
ioredisTracing.install({ module: require('ioredis') });
undiciTracing.install();
const redis = new Redis(process.env.REDIS_URL);

afterEach(() => reporter.clear());
afterAll(async () => {
  redis.disconnect();
  await tracer.close();
});

test('a request and the command that it sends are one trace', async () => {
  await request(createApp(redis)).get('/orders/1').expect(200, 'null');

  const [command, server] = reporter.spans;
  expect(reporter.spans.map((span) => span.operationName)).toEqual([
    'redis:GET',
    'GET /orders/:id',
  ]);
  expect(command.parentId).toBe(server.context.toSpanId());
});

test('a request that the application sends to itself is a part of the trace', async () => {
  await request(createApp(redis)).get('/relay').expect(200, 'null');

  expect(reporter.spans.map((span) => span.operationName)).toEqual([
    'redis:GET',
    'GET /orders/:id',
    'GET',
    'GET /relay',
  ]);
  expect(new Set(reporter.spans.map((span) => span.context.toTraceId())).size).toBe(1);
});
