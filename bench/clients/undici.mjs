export const backend = 'http';
export const instrumentation = '@spoor/undici';

export async function open(url) {
  const { Pool } = await import('undici');
  const pool = new Pool(url, { connections: 32 });
  return {
    async call() {
      const { body } = await pool.request({ method: 'GET', path: '/hello' });
      await body.text();
    },
    close: () => pool.close(),
  };
}
