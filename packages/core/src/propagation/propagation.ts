import type { IncomingHttpHeaders } from 'node:http';
import type { Metrics } from '../metrics/metrics.js';
import { type Baggage, type Ids, isValidIds, SpanContext } from '../span-context.js';
import { extractBaggage, hasBaggageHeader, injectBaggage } from './baggage-headers.js';
import type { Codec, Headers, Injectable } from './codec.js';

/** `req.headers` of `node:http`. */
export type RequestHeaders = IncomingHttpHeaders;

const noIds: Ids = {
  traceId0: 0,
  traceId1: 0,
  traceId2: 0,
  traceId3: 0,
  spanId0: 0,
  spanId1: 0,
  parentId0: 0,
  parentId1: 0,
  flags: 0,
};

/** Reads the first format that is there, in the given order, and writes all of the given ones. */
export class Propagation {
  readonly #extractors: readonly Codec[];
  readonly #injectors: readonly Codec[];

  constructor(extractors: readonly Codec[], injectors: readonly Codec[]) {
    this.#extractors = extractors;
    this.#injectors = injectors;
  }

  inject(context: Injectable, carrier: Record<string, unknown>, isHttp: boolean): void {
    // Zeros would be a malformed context to whoever reads them.
    if (isValidIds(context)) for (const codec of this.#injectors) codec.inject(context, carrier);
    if (context.baggage !== undefined && this.#injectors.length > 0) {
      injectBaggage(context.baggage, carrier, isHttp);
    }
  }

  /** From any object; header names in any case. */
  extractFromCarrier(carrier: object, isHttp: boolean, metrics: Metrics): SpanContext | undefined {
    const headers = withLowerCaseNames(carrier);
    return this.#toContext(
      headers,
      this.#extractIds(headers, metrics),
      this.#extractors.length === 0 ? undefined : extractBaggage(headers, isHttp),
      isHttp,
    );
  }

  // Hot path: runs for every request. Measure before and after (bench/).
  /** From a request of `node:http`, whose header names are in lower case already. */
  extractFromRequest(
    headers: RequestHeaders,
    rawHeaders: readonly string[],
    metrics: Metrics,
  ): SpanContext | undefined {
    if (this.#extractors.length === 0) return undefined;
    return this.#toContext(
      headers,
      this.#extractIds(headers, metrics),
      hasBaggageHeader(rawHeaders) ? extractBaggage(headers, true) : undefined,
      true,
    );
  }

  #extractIds(headers: Headers, metrics: Metrics): Ids | undefined {
    for (const codec of this.#extractors) {
      const ids = codec.extract(headers);
      if (ids === undefined) continue;
      if (ids !== 'malformed') return ids;
      metrics.malformedContext();
    }
    return undefined;
  }

  #toContext(
    headers: Headers,
    ids: Ids | undefined,
    baggage: Baggage | undefined,
    isHttp: boolean,
  ): SpanContext | undefined {
    if (ids !== undefined) return new SpanContext(ids, baggage, true);
    const debugId = this.#extractDebugId(headers, isHttp);
    if (debugId === undefined && baggage === undefined) return undefined;
    return new SpanContext(noIds, baggage, true, { debugId });
  }

  #extractDebugId(headers: Headers, isHttp: boolean): string | undefined {
    for (const codec of this.#extractors) {
      const debugId = codec.extractDebugId?.(headers, isHttp);
      if (debugId !== undefined) return debugId;
    }
    return undefined;
  }
}

/** Own properties only. An array of one string, as some frameworks give, counts as that string. */
function withLowerCaseNames(carrier: object): Headers {
  const headers: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(carrier)) {
    headers[name.toLowerCase()] = Array.isArray(value) && value.length === 1 ? value[0] : value;
  }
  return headers;
}
