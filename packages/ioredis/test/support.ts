import { after, type TestContext } from 'node:test';
import {
  ConstSampler,
  InMemoryReporter,
  type RecordedSpan,
  type Span,
  setGlobalTracer,
  Tracer,
} from '@spoor/core';
import { type IoredisOptions, install, uninstall } from '@spoor/ioredis';
import { awaitSpans, type FinishedSpans, type RedisServer, startRedis } from '@spoor/testing';
import * as ioredis6 from 'ioredis';
import * as ioredis5 from 'ioredis-5';

/** Both majors, by the types of the newer one. */
export const majors: readonly { name: string; Redis: typeof ioredis6.Redis }[] = [
  { name: 'ioredis 6', Redis: ioredis6.Redis },
  { name: 'ioredis 5', Redis: ioredis5.Redis as unknown as typeof ioredis6.Redis },
];

/** One server for all tests of a file. */
export function sharedRedis(): Promise<RedisServer> {
  return startRedis({ after: (undo) => after(undo) });
}

export interface Traced {
  readonly tracer: Tracer;
  readonly reporter: InMemoryReporter;
  readonly finished: FinishedSpans<RecordedSpan>;
  /** Runs `fn` in a span of its own, which is never finished: the reporter has the client's spans alone. */
  within<T>(fn: (span: Span) => T): T;
}

/** A tracer for one test. */
export function record(isSampled = true): Traced {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(isSampled) });
  setGlobalTracer(tracer);
  return {
    tracer,
    reporter,
    finished: awaitSpans(reporter),
    within(fn) {
      const span = tracer.startSpan('parent');
      return tracer.withSpan(span, () => fn(span));
    },
  };
}

/** As {@link record}, with ioredis patched until the test ends. */
export function traced(t: TestContext, options?: IoredisOptions): Traced {
  const recorded = record();
  install(options);
  t.after(uninstall);
  return recorded;
}

/** Ends the client with the test. */
export function closing<Client extends { disconnect(): void }>(
  t: TestContext,
  client: Client,
): Client {
  t.after(() => client.disconnect());
  return client;
}

/** A client that is connected. */
export async function connected(
  t: TestContext,
  Redis: typeof ioredis6.Redis,
  options: Omit<ioredis6.RedisOptions, 'replyMapping'>,
): Promise<ioredis6.Redis> {
  const client = closing(t, new Redis({ ...options, lazyConnect: true }));
  await client.connect();
  return client;
}

export function names(reporter: InMemoryReporter): readonly string[] {
  return reporter.spans.map(({ operationName }) => operationName);
}
