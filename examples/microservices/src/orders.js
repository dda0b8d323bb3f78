import { jaegerPlugin } from '@spoor/fastify';
import Fastify from 'fastify';
import pg from 'pg';
import { request } from 'undici';
import { port, serve } from './serve.js';
import { giveUp, urlFrom } from './settings.js';
import { tables } from './tables.js';
import { startTracing } from './tracing.js';

const tracer = startTracing('orders');
const pricingUrl = urlFrom('PRICING_URL', 'http://localhost:3002');
const database = await openDatabase(
  urlFrom('DATABASE_URL', 'postgresql://postgres:postgres@localhost:5432/postgres'),
);

const app = Fastify();
await app.register(jaegerPlugin);

const params = { type: 'object', properties: { id: { type: 'integer' } } };
app.post('/orders/:id/checkout', { schema: { params } }, async ({ params: { id } }, reply) => {
  const { rows: items } = await database.query(
    'SELECT sku, quantity FROM spoor_shop.items WHERE order_id = $1 ORDER BY sku',
    [id],
  );
  if (items.length === 0) return reply.code(404).send({ message: `There is no order ${id}.` });
  const costs = await Promise.all(items.map(async (item) => item.quantity * (await priceOf(item))));
  const cents = costs.reduce((sum, cost) => sum + cost, 0);
  // Whatever is worth searching for: here it goes to the span of the request.
  tracer.activeSpan()?.setTag('order.cents', cents);
  await database.query('UPDATE spoor_shop.orders SET cents = $2 WHERE id = $1', [id, cents]);
  return { id, cents };
});

async function priceOf({ sku }) {
  const { statusCode, body } = await request(`${pricingUrl}/prices/${encodeURIComponent(sku)}`);
  if (statusCode !== 200) {
    await body.dump();
    throw Object.assign(new Error(`no price for "${sku}"`), { statusCode: 502 });
  }
  return (await body.json()).cents;
}

async function openDatabase(url) {
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 5000 });
  // A connection that breaks while nobody uses it: the pool opens another when one is needed.
  pool.on('error', (error) => console.error(`orders lost a connection: ${error.message}`));
  try {
    await pool.query(tables);
    const { rows } = await pool.query('SHOW server_version');
    console.log(`orders uses PostgreSQL ${rows[0].server_version} at ${new URL(url).host}`);
    return pool;
  } catch (error) {
    return giveUp('PostgreSQL', 'DATABASE_URL', url, error);
  }
}

await app.ready();
await serve('orders', app.server, port(3001), async () => {
  await database.end();
  await tracer.close();
});
