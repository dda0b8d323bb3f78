import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { initTracer } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/express';
import { AppModule } from './app.module.js';

initTracer({ serviceName: 'cats' });

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.use(jaegerMiddleware()); // before everything else
app.enableShutdownHooks(['SIGINT', 'SIGTERM'], { useProcessExit: true });
try {
  await app.listen(process.env.PORT ?? 3000);
} catch (error) {
  console.error(`The cats service cannot listen: ${(error as Error).message}`);
  process.exit(1);
}
const { port } = app.getHttpServer().address();
console.log(`The cats service runs. Try: curl http://localhost:${port}/cats/1`);
