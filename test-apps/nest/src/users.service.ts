import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, NotFoundException } from '@nestjs/common';
import { activeSpan } from '@spoor/core';
import { seenBy } from './seen.js';

@Injectable()
export class UsersService {
  async find(id: number): Promise<{ id: number }> {
    await sleep(1);
    seenBy('service');
    if (id === 404) throw new NotFoundException('no such user');
    return { id };
  }

  /** Work of a random length with a span of its own, which says for whom it was. */
  async work(n: number): Promise<void> {
    await sleep(Math.random() * 20);
    activeSpan()?.tracer().startSpan('child', { tags: { n } }).finish();
  }
}
