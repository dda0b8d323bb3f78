export const backend = 'redis';
export const instrumentation = '@spoor/ioredis';

export async function open(url) {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url);
  await redis.set('hello', 'spoor');
  return { call: () => redis.get('hello'), close: () => redis.quit() };
}
