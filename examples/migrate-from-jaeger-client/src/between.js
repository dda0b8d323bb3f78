const { initTracerFromEnv } = require('@spoor/core');
const { FORMAT_HTTP_HEADERS, Tags } = require('opentracing');
const express = require('express');

const tracer = initTracerFromEnv(
  { serviceName: 'shop', sampler: { type: 'const', param: 1 } },
  { logger: console, tags: { 'shop.version': '1.1.2' } },
);

const app = express();

app.use((request, response, next) => {
  const span = tracer.startSpan(request.method, {
    childOf: tracer.extract(FORMAT_HTTP_HEADERS, request.headers),
    tags: {
      [Tags.SPAN_KIND]: Tags.SPAN_KIND_RPC_SERVER,
      [Tags.HTTP_METHOD]: request.method,
      [Tags.HTTP_URL]: request.originalUrl,
    },
  });
  request.span = span;
  response.on('finish', () => {
    if (request.route) span.setOperationName(`${request.method} ${request.route.path}`);
    span.setTag(Tags.HTTP_STATUS_CODE, response.statusCode);
    if (response.statusCode >= 500) span.setTag(Tags.ERROR, true);
    span.finish();
  });
  next();
});

app.get('/checkout/:id', async (request, response) => {
  const span = tracer.startSpan('GET', {
    childOf: request.span,
    tags: { [Tags.SPAN_KIND]: Tags.SPAN_KIND_RPC_CLIENT, [Tags.HTTP_METHOD]: 'GET' },
  });
  const headers = {};
  tracer.inject(span, FORMAT_HTTP_HEADERS, headers);
  try {
    const { port } = server.address();
    const url = `http://localhost:${port}/prices/${request.params.id}`;
    span.setTag(Tags.HTTP_URL, url);
    const answer = await fetch(url, { headers });
    span.setTag(Tags.HTTP_STATUS_CODE, answer.status);
    if (!answer.ok) span.setTag(Tags.ERROR, true);
    response.status(answer.status).json(await answer.json());
  } catch (error) {
    span.setTag(Tags.ERROR, true);
    span.log({ event: 'error', message: error.message, stack: error.stack });
    throw error;
  } finally {
    span.finish();
  }
});

app.get('/prices/:id', (request, response) => {
  const span = tracer.startSpan('price', { childOf: request.span });
  span.log({ event: 'looked up', 'product.id': request.params.id });
  span.finish();
  if (request.params.id === '13') return response.status(500).json({ error: 'no price' });
  response.json({ price: 1999 });
});

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`Try: curl http://localhost:${server.address().port}/checkout/7`);
});
process.on('SIGTERM', () => server.close(() => tracer.close()));
