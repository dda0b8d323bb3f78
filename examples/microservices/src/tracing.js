import { initTracer } from '@spoor/core';
import { install as traceRedis } from '@spoor/ioredis';
import { install as tracePostgres } from '@spoor/pg';
import { install as traceFetch } from '@spoor/undici';

/** Starts the tracer of a service, and traces the clients that it calls others with. Requests that come in: see each service. */
export function startTracing(serviceName) {
  const tracer = initTracer({ serviceName });
  traceFetch(); // undici and the global fetch
  tracePostgres();
  traceRedis();
  return tracer;
}
