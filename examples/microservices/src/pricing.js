import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import Router from '@koa/router';
import { traced } from '@spoor/instrumentation';
import { jaegerMiddleware } from '@spoor/koa';
import { Redis } from 'ioredis';
import Koa from 'koa';
import { port, serve } from './serve.js';
import { giveUp, urlFrom } from './settings.js';
import { startTracing } from './tracing.js';

const tracer = startTracing('pricing');
const redis = await openRedis(urlFrom('REDIS_URL', 'redis://localhost:6379'));

const app = new Koa();
app.use(jaegerMiddleware());

const router = new Router();
router.get('/prices/:sku', async (ctx) => {
  const { sku } = ctx.params;
  const price = (await redis.get(`price:${sku}`)) ?? (await askSupplier(sku));
  ctx.body = { sku, cents: toCents(sku, price) };
});
app.use(router.routes());

/** Work of our own gets a span of its own; what it calls is below it. */
const askSupplier = traced('ask supplier', async (sku) => {
  await sleep(320); // a supplier who takes his time
  const price = '89.00';
  await redis.set(`price:${sku}`, price, 'EX', 5);
  return price;
});

function toCents(sku, price) {
  const cents = Math.round(Number(price) * 100);
  if (Number.isNaN(cents)) throw new RangeError(`the price of "${sku}" is no number: "${price}"`);
  return cents;
}

/** The prices of the day are in Redis when the shop opens: no hammock, and a lamp with a comma. */
async function openRedis(url) {
  const client = new Redis(url, {
    keyPrefix: 'spoor-shop:',
    lazyConnect: true,
    connectTimeout: 5000,
    maxRetriesPerRequest: 2,
  });
  let reason;
  client.on('error', (error) => {
    reason = error;
  });
  try {
    await client.connect();
    await client.mset({ 'price:mug': '12.90', 'price:teapot': '34.50', 'price:lamp': '39,90' });
    await client.del('price:hammock');
    const version = /redis_version:(\S+)/.exec(await client.info('server'))?.[1];
    console.log(`pricing uses Redis ${version} at ${new URL(url).host}`);
    // From here on it connects again by itself, and commands wait for that, or fail.
    client.on('error', (error) => console.error(`pricing has no Redis: ${error.message}`));
    return client;
  } catch (error) {
    return giveUp('Redis', 'REDIS_URL', url, reason ?? error);
  }
}

await serve('pricing', createServer(app.callback()), port(3002), async () => {
  redis.disconnect();
  await tracer.close();
});
