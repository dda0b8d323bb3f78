import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Cleanup, listen } from './listen.js';

/** What a {@link SamplingServer} answers with: JSON of the value, the text as it is, or what the function does. */
export type SamplingAnswer =
  | object
  | string
  | ((request: IncomingMessage, response: ServerResponse) => void);

/** A running server; {@link startSamplingServer} makes one. */
export interface SamplingServer {
  /** Where strategies are served: `http://127.0.0.1:4711/sampling`. */
  readonly url: string;
  readonly port: number;
  /** Path and query of each request, in order of arrival. */
  readonly requests: readonly string[];
  /** Headers of the last request. */
  readonly headers: IncomingMessage['headers'];
  /** The answer from now on. */
  answer(answer: SamplingAnswer): void;
  /** Resolves when there have been so many requests. */
  asked(count: number): Promise<void>;
}

/** Starts what a Jaeger agent or collector has on port 5778; also for `/credits`. Ends with the test. */
export async function startSamplingServer(
  t: Cleanup,
  firstAnswer: SamplingAnswer = jaegerStrategies.probabilistic(1),
): Promise<SamplingServer> {
  const requests: string[] = [];
  let headers: IncomingMessage['headers'] = {};
  let current = firstAnswer;
  let waiters: { count: number; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url!);
    headers = request.headers;
    if (typeof current === 'function') {
      current(request, response);
    } else {
      response.setHeader('content-type', 'application/json');
      response.end(typeof current === 'string' ? current : JSON.stringify(current));
    }
    for (const { count, resolve } of waiters) if (requests.length >= count) resolve();
    waiters = waiters.filter(({ count }) => requests.length < count);
  });
  const address = await listen(t, server);
  return {
    url: `${address}/sampling`,
    port: Number(new URL(address).port),
    requests,
    get headers() {
      return headers;
    },
    answer(answer) {
      current = answer;
    },
    asked(count) {
      if (requests.length >= count) return Promise.resolve();
      return new Promise((resolve) => waiters.push({ count, resolve }));
    },
  };
}

/** Strategies as Jaeger 2.16 and newer serves them, and its agent on `/sampling`; older servers write the enum as a number. */
export const jaegerStrategies = {
  probabilistic: (samplingRate: number): object => ({
    strategyType: 'PROBABILISTIC',
    probabilisticSampling: { samplingRate },
  }),
  rateLimiting: (maxTracesPerSecond: number): object => ({
    strategyType: 'RATE_LIMITING',
    rateLimitingSampling: { maxTracesPerSecond },
  }),
  perOperation: (
    rates: Readonly<Record<string, number>>,
    { defaultRate = 0.8, lowerBound = 0 }: { defaultRate?: number; lowerBound?: number } = {},
  ): object => ({
    strategyType: 'PROBABILISTIC',
    probabilisticSampling: { samplingRate: defaultRate },
    operationSampling: {
      defaultSamplingProbability: defaultRate,
      defaultLowerBoundTracesPerSecond: lowerBound,
      perOperationStrategies: Object.entries(rates).map(([operation, samplingRate]) => ({
        operation,
        probabilisticSampling: { samplingRate },
      })),
      defaultUpperBoundTracesPerSecond: 0,
    },
  }),
};
