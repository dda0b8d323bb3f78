import {
  type Counter,
  type MetricsFactory,
  makeCounter,
  makeTimer,
  type Timer,
} from './metrics-factory.js';

const maxNames = 200;

/** The counters of each endpoint, made when it is seen for the first time. */
export class RpcEndpoints {
  readonly #factory: MetricsFactory;
  readonly #byName = new Map<string, RpcEndpoint>();
  /** Different names may be reduced to one endpoint. */
  readonly #byEndpoint = new Map<string, RpcEndpoint>();
  readonly #other: RpcEndpoint;

  constructor(factory: MetricsFactory) {
    this.#factory = factory;
    // At once, so that a factory that cannot make these says so at the start.
    this.#other = this.#endpoint('other');
  }

  /** That of a span with this name. */
  of(operationName: string): RpcEndpoint {
    const known = this.#byName.get(operationName);
    if (known !== undefined) return known;
    if (this.#byName.size >= maxNames) return this.#other;
    const endpoint = this.#endpoint(operationName.replaceAll(/[^\w./-]/g, '-'));
    this.#byName.set(operationName, endpoint);
    return endpoint;
  }

  #endpoint(reducedName: string): RpcEndpoint {
    let endpoint = this.#byEndpoint.get(reducedName);
    if (endpoint === undefined) {
      endpoint = new RpcEndpoint(this.#factory, reducedName);
      this.#byEndpoint.set(reducedName, endpoint);
    }
    return endpoint;
  }
}

class RpcEndpoint {
  readonly #succeeded: Counter;
  readonly #failed: Counter;
  readonly #successLatency: Timer | undefined;
  readonly #failureLatency: Timer | undefined;
  /** By the first digit of the status; the others are not counted. */
  readonly #byStatusClass: ReadonlyMap<number, Counter>;

  constructor(factory: MetricsFactory, endpoint: string) {
    const success = { endpoint, error: 'false' };
    const failure = { endpoint, error: 'true' };
    this.#succeeded = makeCounter(factory, 'jaeger-rpc:requests', success);
    this.#failed = makeCounter(factory, 'jaeger-rpc:requests', failure);
    this.#successLatency = makeTimer(factory, 'jaeger-rpc:request_latency', success);
    this.#failureLatency = makeTimer(factory, 'jaeger-rpc:request_latency', failure);
    this.#byStatusClass = new Map(
      [2, 3, 4, 5].map((digit) => {
        const tags = { endpoint, status_code: `${digit}xx` };
        return [digit, makeCounter(factory, 'jaeger-rpc:http_requests', tags)];
      }),
    );
  }

  /** @param statusCode undefined where there is none */
  count(isError: boolean, durationMs: number, statusCode: number | undefined): void {
    (isError ? this.#failed : this.#succeeded).increment(1);
    (isError ? this.#failureLatency : this.#successLatency)?.record(durationMs);
    if (statusCode !== undefined) {
      this.#byStatusClass.get(Math.floor(statusCode / 100))?.increment(1);
    }
  }
}
