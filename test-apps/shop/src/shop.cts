import cluster from 'node:cluster';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';

/**
 * The shop, whoever has loaded its libraries, and how. An order is looked for in Redis, then in PostgreSQL, is kept in Redis, and
 * the shop is asked for its stock. Prints its port.
 */
export function openShop(app: Express, redis: Redis, pool: Pool): Server {
  app.get('/orders/:id', async (request, response) => {
    const { id } = request.params;
    let item = await redis.get(id);
    if (item === null) {
      const { rows } = await pool.query("SELECT 'item ' || $1 AS item", [id]);
      item = String(rows[0].item);
      await redis.set(id, item);
    }
    const stock = await fetch(`http://127.0.0.1:${request.socket.localPort}/stock/${id}`);
    response.json({ item, stock: await stock.json() });
  });
  app.get('/stock/:id', async (request, response) => {
    const { rows } = await pool.query('SELECT $1::int * 10 AS stock', [request.params.id]);
    response.json(rows[0].stock);
  });
  const server = app.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
  });
  return server;
}

/** At SIGTERM everything is closed, so that the process ends by itself. */
export function closeAtSigterm(server: Server, redis: Redis, pool: Pool): void {
  process.once('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
    redis.disconnect();
    void pool.end();
    cluster.worker?.disconnect();
  });
}
