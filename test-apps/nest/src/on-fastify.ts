import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { jaegerPlugin, type ServerOptions } from '@spoor/fastify';
import { AppModule } from './app.module.js';
import { setUp } from './set-up.js';

export async function startOnFastify(options: ServerOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter();
  // Before Nest has the adapter: its middleware runs in the order of registration.
  await adapter.getInstance().register(jaegerPlugin, options);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter, {
    logger: false,
  });
  setUp(app);
  await app.listen(0, '127.0.0.1');
  return app;
}
