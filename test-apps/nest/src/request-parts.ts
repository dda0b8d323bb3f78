import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  type NestInterceptor,
  type NestMiddleware,
} from '@nestjs/common';
import { tap } from 'rxjs';
import { seenBy } from './seen.js';

@Injectable()
export class SeeingMiddleware implements NestMiddleware {
  use(_request: unknown, _response: unknown, next: () => void) {
    seenBy('middleware');
    next();
  }
}

@Injectable()
export class SeeingGuard implements CanActivate {
  async canActivate(context: ExecutionContext) {
    await null;
    seenBy('guard');
    const { params } = context.switchToHttp().getRequest();
    if (params.what === 'forbidden') throw new ForbiddenException();
    if (params.what === 'broken') throw new TypeError('boom');
    return true;
  }
}

@Injectable()
export class SeeingInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    seenBy('interceptor');
    return next.handle().pipe(tap(() => seenBy('interceptor.after')));
  }
}
