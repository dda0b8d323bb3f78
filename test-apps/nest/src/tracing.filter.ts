import { type ArgumentsHost, Catch } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { recordRequestError } from '@spoor/http';

/** Nest answers for exceptions itself: neither Express nor Fastify gets to see them. */
@Catch()
export class TracingFilter extends BaseExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost) {
    const request = host.switchToHttp().getRequest();
    // Fastify's request is around that of node:http.
    recordRequestError(request.raw ?? request, exception);
    super.catch(exception, host);
  }
}
