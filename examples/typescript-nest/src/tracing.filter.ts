import { type ArgumentsHost, Catch } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { recordRequestError } from '@spoor/http';

/** Nest answers for exceptions itself, so that Express never sees them: here they get into the trace. */
@Catch()
export class TracingFilter extends BaseExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost) {
    recordRequestError(host.switchToHttp().getRequest(), exception);
    super.catch(exception, host);
  }
}
