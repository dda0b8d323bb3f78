import { once } from 'node:events';
import { Redis } from 'ioredis';
import pg from 'pg';

const redisUrl = process.env.REDIS_URL ?? 'redis://localhost:6379';
const databaseUrl = process.env.DATABASE_URL ?? 'postgresql://postgres@localhost:5432/postgres';

export const redis = new Redis(redisUrl, { lazyConnect: true });
export const pool = new pg.Pool({ connectionString: databaseUrl });

/** Connects to both and fills the table; where one does not answer, says so and ends the process. */
export async function openStores() {
  await orEnd(`Redis at ${redisUrl}`, () => Promise.all([once(redis, 'ready'), redis.connect()]));
  await orEnd(`PostgreSQL at ${databaseUrl}`, () =>
    pool.query(`
      CREATE TABLE IF NOT EXISTS products (id int PRIMARY KEY, name text, stock int CHECK (stock >= 0));
      INSERT INTO products VALUES (1, 'tent', 12), (2, 'last map', 1) ON CONFLICT DO NOTHING;`),
  );
  // Both connect again by themselves.
  for (const store of [redis, pool]) store.on('error', (error) => console.error(`${error}`));
}

export async function closeStores() {
  redis.disconnect();
  await pool.end();
}

async function orEnd(what, connect) {
  try {
    await connect();
  } catch (error) {
    console.error(`${what} cannot be reached (${error.code ?? error.message}).`);
    console.error('Start it with "docker compose up -d", or say where it is: see README.md.');
    process.exit(1);
  }
}
