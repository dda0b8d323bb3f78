import type { Observer, SpanObserver } from '../observer.js';
import * as opentracing from '../opentracing.js';
import type { Span } from '../span.js';
import type { StartSpanOptions } from '../tracer-options.js';
import type { MetricsFactory } from './metrics-factory.js';
import { RpcEndpoints } from './rpc-endpoints.js';

const { SPAN_KIND, SPAN_KIND_RPC_CLIENT, SPAN_KIND_RPC_SERVER, ERROR, HTTP_STATUS_CODE } =
  opentracing.Tags;

/** @see OpenTelemetry semantic conventions, "HTTP server" */
const OTEL_STATUS_CODE = 'http.response.status_code';

const watchedTags = [SPAN_KIND, ERROR, HTTP_STATUS_CODE, OTEL_STATUS_CODE];

/**
 * Counts the calls that a service answers, sampled or not, by the last name of their server spans: `jaeger-rpc:requests` and
 * `jaeger-rpc:request_latency` with the tags `endpoint` and `error`, `jaeger-rpc:http_requests` with `endpoint` and
 * `status_code`. Names beyond the first 200 are the endpoint `other`; what is no letter, digit, `-`, `.`, `_` or `/` in a name
 * becomes `-`. Below another span of the process it is a server span only if it is started with `span.kind=server`.
 *
 * `rpcMetrics: true` in the configuration makes one; for `new Tracer` it goes into `observers`.
 *
 * @see jaeger-client-go rpcmetrics; here `http.response.status_code` counts as `http.status_code` does
 */
export class RpcMetrics implements Observer {
  readonly #endpoints: RpcEndpoints;

  /** @throws SpoorError `SPOOR_CONFIG` when the factory throws, or makes what cannot count */
  constructor(factory: MetricsFactory) {
    this.#endpoints = new RpcEndpoints(factory);
  }

  onStartSpan(
    span: Span,
    _operationName: string,
    { startTime, tags }: StartSpanOptions & { readonly startTime: number },
  ): SpanObserver | undefined {
    const kind = tags?.[SPAN_KIND];
    // Each span that is watched is described in full: those of clients, below it, shall not be.
    const mayBeServer = kind === undefined ? span.isLocalRoot() : kind === SPAN_KIND_RPC_SERVER;
    if (!mayBeServer) return undefined;
    const call = new RpcCall(this.#endpoints, span, startTime);
    if (tags !== undefined) for (const key of watchedTags) call.onSetTag(key, tags[key]);
    return call;
  }
}

/** A span that is, or may turn out to be, that of a server. */
class RpcCall implements SpanObserver {
  readonly #endpoints: RpcEndpoints;
  readonly #span: Span;
  readonly #startTimeMs: number;
  #isServer = false;
  #isError = false;
  #statusCode: number | undefined = undefined;

  constructor(endpoints: RpcEndpoints, span: Span, startTimeMs: number) {
    this.#endpoints = endpoints;
    this.#span = span;
    this.#startTimeMs = startTimeMs;
  }

  onSetTag(key: string, value: unknown): void {
    if (key === SPAN_KIND) {
      if (value === SPAN_KIND_RPC_SERVER) this.#isServer = true;
      else if (value === SPAN_KIND_RPC_CLIENT) this.#isServer = false;
    } else if (key === ERROR) {
      this.#isError = toFlag(value) ?? this.#isError;
    } else if (key === HTTP_STATUS_CODE || key === OTEL_STATUS_CODE) {
      this.#statusCode = toStatusCode(value) ?? this.#statusCode;
    }
  }

  onFinish(finishTimeMs: number): void {
    // Its last name: by now the route is known.
    const name: unknown = this.#span.operationName;
    if (!this.#isServer || typeof name !== 'string' || name === '') return;
    const durationMs = Math.max(0, finishTimeMs - this.#startTimeMs);
    this.#endpoints.of(name).count(this.#isError, durationMs, this.#statusCode);
  }
}

/** A boolean, or a text as Go reads one; undefined for what says neither. */
function toFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  if (/^(1|t|T|true|True|TRUE)$/.test(value)) return true;
  return /^(0|f|F|false|False|FALSE)$/.test(value) ? false : undefined;
}

/** A number, or a text of digits; undefined for what is neither. */
function toStatusCode(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
}
