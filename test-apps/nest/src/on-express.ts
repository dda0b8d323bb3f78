import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { jaegerMiddleware, type ServerOptions } from '@spoor/express';
import { AppModule } from './app.module.js';
import { setUp } from './set-up.js';
import { UploadsController } from './uploads.controller.js';

@Module({ imports: [AppModule], controllers: [UploadsController] })
class ExpressAppModule {}

export async function startOnExpress(options: ServerOptions): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(ExpressAppModule, { logger: false });
  app.use(jaegerMiddleware(options));
  setUp(app);
  await app.listen(0, '127.0.0.1');
  return app;
}
