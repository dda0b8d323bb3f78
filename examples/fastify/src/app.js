import { initTracer } from '@spoor/core';
import { jaegerPlugin } from '@spoor/fastify';
import { install as traceFetch } from '@spoor/undici';
import Fastify from 'fastify';

const tracer = initTracer({ serviceName: 'weather' });
traceFetch();

const app = Fastify({ logger: { level: 'warn' } });
await app.register(jaegerPlugin); // before the routes

const id = { type: 'integer', minimum: 1 };
const station = { schema: { params: { type: 'object', properties: { id } } } };

// Asks the other route, which could be any other service.
app.get('/forecast/:id', station, async (request) => {
  const answer = await fetch(`${url}/readings/${request.params.id}`);
  const readings = await answer.json();
  if (!answer.ok) throw new Error(`no forecast: ${readings.message}`);
  return { station: request.params.id, tomorrow: forecast(readings) };
});

app.get('/readings/:id', station, async (request) => {
  request.span.setTag('station.id', request.params.id);
  if (request.params.id === 13) throw new Error('station 13 does not answer');
  return [11.5, 14, 12.5].map((celsius) => celsius + request.params.id);
});

/** Work of our own gets a span of its own; the active span is its parent. */
function forecast(readings) {
  const span = tracer.startSpan('forecast', { tags: { readings: readings.length } });
  try {
    return readings.reduce((sum, celsius) => sum + celsius) / readings.length;
  } finally {
    span.finish();
  }
}

const url = await listen();
console.log(`The weather service runs. Try: curl ${url}/forecast/1`);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);

async function listen() {
  try {
    return await app.listen({ port: Number(process.env.PORT ?? 3000) });
  } catch (error) {
    console.error(`The weather service cannot listen: ${error.message}`);
    process.exit(1);
  }
}

async function stop() {
  await app.close();
  await tracer.close(); // sends what is buffered
}
