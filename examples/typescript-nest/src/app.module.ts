import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { globalTracer } from '@spoor/core';
import { CatsController } from './cats.controller.js';
import { CatsService } from './cats.service.js';
import { TracingFilter } from './tracing.filter.js';

@Module({
  controllers: [CatsController],
  providers: [CatsService, { provide: APP_FILTER, useClass: TracingFilter }],
})
export class AppModule implements OnApplicationShutdown {
  /** Sends what is buffered, once the server is closed. */
  async onApplicationShutdown() {
    await globalTracer()?.close();
  }
}
