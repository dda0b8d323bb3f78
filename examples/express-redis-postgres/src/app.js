import { initTracer } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/express';
import { traced } from '@spoor/instrumentation';
import { install as traceRedis } from '@spoor/ioredis';
import { install as tracePostgres } from '@spoor/pg';
import express from 'express';
import { closeStores, openStores, pool, redis } from './stores.js';

const tracer = initTracer({ serviceName: 'products' });
traceRedis();
tracePostgres();

const app = express();
app.use(jaegerMiddleware()); // first

app.get('/products/:id', async (request, response) => {
  const { id } = request.params;
  const cached = await redis.get(`product:${id}`);
  if (cached !== null) return response.type('json').send(cached);

  const { rows } = await pool.query('SELECT id, name, stock FROM products WHERE id = $1', [id]);
  if (rows.length === 0) return response.status(404).json({ error: 'no such product' });
  await redis.set(`product:${id}`, JSON.stringify(rows[0]), 'EX', 60);
  response.json(rows[0]);
});

app.post('/products/:id/orders', async (request, response) => {
  await order(request.params.id);
  response.status(201).json({ ordered: request.params.id });
});

/** Work of our own: each call is a span. Fails once the stock is gone, because the table has a CHECK (stock >= 0). */
const order = traced('order', async (id) => {
  await pool.query('UPDATE products SET stock = stock - 1 WHERE id = $1', [id]);
  await redis.del(`product:${id}`);
});

await openStores();
const server = app.listen(process.env.PORT ?? 3000, (error) => {
  if (error) {
    console.error(`The products service cannot listen: ${error.message}`);
    process.exit(1);
  }
  const url = `http://localhost:${server.address().port}`;
  console.log(`The products service runs. Try: curl ${url}/products/1`);
  console.log(`Twice, the second fails:        curl -X POST ${url}/products/2/orders`);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close());

server.once('close', async () => {
  await closeStores();
  await tracer.close(); // sends what is buffered
});
