import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { Events, EventsController } from './events.controller.js';
import { FaultsController } from './faults.controller.js';
import { SeeingGuard, SeeingInterceptor, SeeingMiddleware } from './request-parts.js';
import { TenantController, tenantProvider } from './tenant.controller.js';
import { TracingFilter } from './tracing.filter.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Module({
  controllers: [UsersController, TenantController, FaultsController, EventsController],
  providers: [
    UsersService,
    Events,
    tenantProvider,
    { provide: APP_FILTER, useClass: TracingFilter },
    { provide: APP_GUARD, useClass: SeeingGuard },
    { provide: APP_INTERCEPTOR, useClass: SeeingInterceptor },
  ],
})
export class AppModule implements NestModule {
  configure(consumer: MiddlewareConsumer) {
    consumer.apply(SeeingMiddleware).forRoutes('{*path}');
  }
}
