import { once } from 'node:events';
import express from 'express';
import { Redis } from 'ioredis';
import pg from 'pg';

const redis = new Redis(process.env.REDIS_URL ?? 'redis://localhost:6379', { lazyConnect: true });
const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL ?? 'postgresql://postgres@localhost:5432/postgres',
});

const app = express();

app.get('/visits/:page', async (request, response) => {
  const visits = await redis.incr(`visits:${request.params.page}`);
  const { rows } = await pool.query('SELECT now() AS at');
  response.json({ visits, at: rows[0].at });
});

// Calls the other route, which could be any other service.
app.get('/report/:page', async (request, response) => {
  const { page } = request.params;
  const answer = await fetch(`http://localhost:${server.address().port}/visits/${page}`);
  response.json({ page, ...(await answer.json()) });
});

app.get('/broken', () => pool.query('SELECT * FROM no_such_table'));

try {
  await Promise.all([once(redis, 'ready'), redis.connect(), pool.query('SELECT 1')]);
} catch (error) {
  console.error(`Redis or PostgreSQL cannot be reached (${error.code ?? error.message}).`);
  console.error('Start them with "docker compose up -d", or say where they are: see README.md.');
  process.exit(1);
}
// Both connect again by themselves.
for (const store of [redis, pool]) store.on('error', (error) => console.error(`${error}`));

const server = app.listen(process.env.PORT ?? 3000, (error) => {
  if (error) {
    console.error(`The visits service cannot listen: ${error.message}`);
    process.exit(1);
  }
  const url = `http://localhost:${server.address().port}`;
  console.log(`The visits service runs. Try: curl ${url}/report/home`);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close());
server.once('close', () => {
  redis.disconnect();
  return pool.end();
});
