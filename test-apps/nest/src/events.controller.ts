import { Controller, Inject, Injectable, type MessageEvent, Sse } from '@nestjs/common';
import { type Observable, ReplaySubject, tap } from 'rxjs';
import { seenBy } from './seen.js';

/** What is sent to everybody who listens. */
@Injectable()
export class Events extends ReplaySubject<MessageEvent> {}

@Controller({ path: 'events', version: '1' })
export class EventsController {
  constructor(@Inject(Events) private readonly events: Events) {}

  @Sse()
  all(): Observable<MessageEvent> {
    return this.events.pipe(tap(() => seenBy('stream')));
  }
}
