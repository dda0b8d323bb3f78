import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  UseFilters,
} from '@nestjs/common';
import { seenBy } from './seen.js';

class Teapot extends Error {}

/** An exception of the application that is no fault. */
@Catch(Teapot)
class TeapotFilter implements ExceptionFilter {
  catch(_exception: Teapot, host: ArgumentsHost) {
    seenBy('filter');
    const reply = host.switchToHttp().getResponse();
    reply.status(418).send({ short: true, stout: true });
  }
}

@Controller({ path: 'faults', version: '1' })
export class FaultsController {
  @Get('throws')
  throws() {
    throw new TypeError('boom');
  }

  @Get('rejects')
  async rejects() {
    await null;
    throw new TypeError('boom');
  }

  @Get('teapot')
  @UseFilters(TeapotFilter)
  teapot() {
    throw new Teapot('short and stout');
  }

  @Get('guarded/:what')
  guarded() {
    return 'never';
  }
}
