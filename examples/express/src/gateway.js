import { initTracer } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/express';
import { install as traceFetch } from '@spoor/undici';
import express from 'express';
import { serve } from './serve.js';

const tracer = initTracer({ serviceName: 'gateway' });
traceFetch();

const ordersUrl = process.env.ORDERS_URL ?? 'http://localhost:3001';
const app = express();
app.use(jaegerMiddleware());

app.get('/checkout/:id', async (request, response) => {
  const answer = await fetch(`${ordersUrl}/orders/${encodeURIComponent(request.params.id)}`);
  if (!answer.ok) {
    response.status(502).json({ error: `orders answered ${answer.status}` });
    await answer.body?.cancel();
    return;
  }
  response.json(await answer.json());
});

serve('gateway', app, process.env.PORT ?? 3000, tracer);
