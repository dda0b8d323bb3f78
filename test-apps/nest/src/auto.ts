import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { setUp } from './set-up.js';

/** For `@spoor/auto-instrument`: on the platform that the command names. Prints its port. */
async function main(): Promise<void> {
  const options = { logger: false } as const;
  const app =
    process.argv[2] === 'fastify'
      ? await NestFactory.create(AppModule, new FastifyAdapter(), options)
      : await NestFactory.create(AppModule, options);
  setUp(app);
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  process.stdout.write(`${new URL(await app.getUrl()).port}\n`);
}

void main();
