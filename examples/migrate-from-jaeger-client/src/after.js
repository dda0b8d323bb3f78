const { initTracerFromEnv } = require('@spoor/core');
const { jaegerMiddleware } = require('@spoor/express');
const { install: traceFetch } = require('@spoor/undici');
const express = require('express');

const tracer = initTracerFromEnv(
  { serviceName: 'shop', sampler: { type: 'const', param: 1 } },
  { logger: console, tags: { 'shop.version': '1.1.2' } },
);
traceFetch();

const app = express();

app.use(jaegerMiddleware());

app.get('/checkout/:id', async (request, response) => {
  const { port } = server.address();
  const answer = await fetch(`http://localhost:${port}/prices/${request.params.id}`);
  response.status(answer.status).json(await answer.json());
});

app.get('/prices/:id', (request, response) => {
  const span = tracer.startSpan('price');
  span.log({ event: 'looked up', 'product.id': request.params.id });
  span.finish();
  if (request.params.id === '13') return response.status(500).json({ error: 'no price' });
  response.json({ price: 1999 });
});

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`Try: curl http://localhost:${server.address().port}/checkout/7`);
});
process.on('SIGTERM', () => server.close(() => tracer.close()));
