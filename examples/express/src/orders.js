import { setTimeout as sleep } from 'node:timers/promises';
import { initTracer } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/express';
import express from 'express';
import { serve } from './serve.js';

const tracer = initTracer({ serviceName: 'orders' });

const app = express();
app.use(jaegerMiddleware());

app.get('/orders/:id', async (request, response) => {
  const { id } = request.params;
  response.json({ id, total: await priceOf(id) });
});

/** Work of our own gets a span of its own; the active span is its parent. */
async function priceOf(id) {
  const span = tracer.startSpan('price order', { tags: { 'order.id': id } });
  try {
    // Order 4 is a slow one, order 7 always fails, so that there is something to see.
    await sleep(id === '4' ? 320 : 4 + Math.random() * 8);
    if (id === '7') throw new RangeError('order 7 has a negative quantity');
    return 1999;
  } finally {
    span.finish();
  }
}

serve('orders', app, process.env.PORT ?? 3001, tracer);
