export const backend = 'postgres';
export const instrumentation = '@spoor/pg';

export async function open(url) {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  return {
    call: () => pool.query('SELECT $1::text AS hello', ['spoor']),
    close: () => pool.end(),
  };
}
