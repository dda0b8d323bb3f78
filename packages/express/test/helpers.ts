import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { InMemoryReporter, initTracer, type RecordedSpan, type Tracer } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/express';
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
  readonly tracer: Tracer;
  readonly reporter: InMemoryReporter;
  /** Starts the application, asks for the path, and resolves with the server span once it has finished. */
  request(path: string, init?: RequestInit): Promise<RecordedSpan>;
  /** Where the application listens; starts it. */
  url(): Promise<string>;
  /** Resolves when so many spans have finished. */
  finished(count: number): Promise<readonly RecordedSpan[]>;
}

/** An application with the middleware in front, whose spans stay in memory. */
export function tracedApp(t: TestContext, express: typeof express5, samplingParam = 1): Traced {
  const reporter = new NotifyingReporter();
  const tracer = initTracer(
    { serviceName: 'test', sampler: { type: 'const', param: samplingParam } },
    { reporter },
  );
  const app = express();
  // Express prints errors that nobody handles, except in tests.
  app.set('env', 'test');
  app.use(jaegerMiddleware());
  const url = lazily(() => listen(t, app));
  return {
    app,
    tracer,
    reporter,
    url,
    finished: (count) => reporter.finished(count),
    async request(path, init) {
      const before = reporter.spans.length;
      const response = await fetch((await url()) + path, init);
      await response.arrayBuffer();
      await reporter.finished(before + 1);
      return reporter.spans.at(-1)!;
    },
  };
}

/** Listens on a free port and closes when the test has ended. */
export async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Ends the wait of a test when a span arrives, instead of asking again and again. */
class NotifyingReporter extends InMemoryReporter {
  #wake: (() => void)[] = [];

  override report(span: Parameters<InMemoryReporter['report']>[0]): void {
    super.report(span);
    for (const wake of this.#wake.splice(0)) wake();
  }

  async finished(count: number): Promise<readonly RecordedSpan[]> {
    const deadline = AbortSignal.timeout(5000);
    while (this.spans.length < count) {
      if (deadline.aborted) {
        const names = this.spans.map(({ operationName }) => operationName);
        throw new Error(`waited for ${count} spans, got ${JSON.stringify(names)}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return this.spans;
  }
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
