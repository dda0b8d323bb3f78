import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import { ConstSampler, InMemoryReporter, type RecordedSpan, Tracer } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/express';
import { awaitSpans, listen, tracedRequests } from '@spoor/testing';
import type { Express } from 'express';
import express5 from 'express';
import express4 from 'express-4';

/** What the tests run against: both major versions, behind the types of the newer one. */
export const versions: readonly { name: string; express: typeof express5 }[] = [
  { name: 'Express 5', express: express5 },
  { name: 'Express 4', express: express4 },
];

export interface Traced {
  readonly app: Express;
  /** Starts the application, asks for the path, and resolves with the server span once it has finished. */
  request(path: string): Promise<RecordedSpan>;
}

/** An application with the middleware in front, whose spans stay in memory. */
export function tracedApp(t: TestContext, express: typeof express5): Traced {
  const reporter = new InMemoryReporter();
  const finished = awaitSpans(reporter);
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  const app = express();
  // Express prints errors that nobody handles, except in tests.
  app.set('env', 'test');
  app.use(jaegerMiddleware({ tracer }));
  let url: string | undefined;
  return {
    app,
    async request(path) {
      url ??= await listen(t, createServer(app));
      return (await tracedRequests(url, reporter, finished)(path)).span;
    },
  };
}
