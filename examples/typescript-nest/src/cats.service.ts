import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, NotFoundException } from '@nestjs/common';
import { activeSpan } from '@spoor/core';
import { tracedMethod } from '@spoor/instrumentation';

@Injectable()
export class CatsService {
  /** Each call is a span, below that of the request. */
  @tracedMethod('find cat')
  async find(id: number) {
    activeSpan()?.setTag('cat.id', id);
    await sleep(5);
    if (id === 9) throw new Error('this cat has no lives left');
    if (id > 9) throw new NotFoundException('no such cat');
    return { id, name: 'Mimi' };
  }
}
