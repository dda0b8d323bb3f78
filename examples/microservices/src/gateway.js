import { createServer } from 'node:http';
import { jaegerMiddleware } from '@spoor/express';
import express from 'express';
import { port, serve } from './serve.js';
import { urlFrom } from './settings.js';
import { startTracing } from './tracing.js';

const tracer = startTracing('gateway');
const ordersUrl = urlFrom('ORDERS_URL', 'http://localhost:3001');

const app = express();
app.use(jaegerMiddleware());

app.post('/checkout/:id', async (request, response) => {
  const url = `${ordersUrl}/orders/${encodeURIComponent(request.params.id)}/checkout`;
  const answer = await fetch(url, { method: 'POST' });
  response.status(answer.status >= 500 ? 502 : answer.status).json(await answer.json());
});

await serve('gateway', createServer(app), port(3000), () => tracer.close());
