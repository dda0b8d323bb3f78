import type { IncomingHttpHeaders } from 'node:http';
import { FLAG_SAMPLED, TRACESTATE_HEADER } from '../constants.js';
import type { Metrics } from '../metrics/metrics.js';
import { type Ids, isValidIds, noIds, SpanContext, type W3cHeaders } from '../span-context.js';
import { BaggageItems } from './baggage-items.js';
import type { BaggageCodec, Codec, Headers, Injectable } from './codec.js';
import { type HeaderNames, resolveHeaderNames } from './header-names.js';
import { percentDecode } from './header-text.js';
import { RareHeaders } from './rare-headers.js';

/** `req.headers` of `node:http`. */
export type RequestHeaders = IncomingHttpHeaders;

/** It becomes a tag that people search for, no more. */
const maxDebugIdChars = 256;

/**
 * Reads the first format that is there, in the given order, and writes all of the given ones. Baggage is read in all of
 * them: of several items with one key that of the first format stays.
 */
export class Propagation {
  readonly #extractors: readonly Codec[];
  readonly #injectors: readonly Codec[];
  readonly #baggageExtractors: readonly BaggageCodec[];
  readonly #baggageInjectors: readonly BaggageCodec[];
  readonly #traceStateExtractor: Codec | undefined;
  readonly #debugHeader: string;
  readonly #rareHeaders: RareHeaders;

  constructor(
    extractors: readonly Codec[],
    injectors: readonly Codec[],
    names: Pick<HeaderNames, 'jaegerDebugHeader'> = {},
  ) {
    this.#extractors = extractors;
    this.#injectors = injectors;
    this.#baggageExtractors = baggageCodecs(extractors);
    this.#baggageInjectors = baggageCodecs(injectors);
    this.#traceStateExtractor = extractors.find((codec) => codec.extractTraceState !== undefined);
    this.#debugHeader = resolveHeaderNames(names).jaegerDebugHeader;
    this.#rareHeaders = new RareHeaders([
      TRACESTATE_HEADER,
      this.#debugHeader,
      ...this.#baggageExtractors.flatMap(({ headers }) => headers),
    ]);
  }

  inject(context: Injectable, carrier: Record<string, unknown>, isHttp: boolean): void {
    // Zeros would be a malformed context to whoever reads them.
    if (isValidIds(context)) for (const codec of this.#injectors) codec.inject(context, carrier);
    if (context.baggage !== undefined) {
      for (const codec of this.#baggageInjectors) codec.inject(context, carrier, isHttp);
    }
  }

  /** Whether a header that {@link inject} wrote carries baggage, not ids. */
  isBaggageHeader(name: string): boolean {
    return this.#baggageInjectors.some(({ headers }) =>
      headers.some((start) => name.startsWith(start)),
    );
  }

  /** From any object; header names in any case. */
  extractFromCarrier(carrier: object, isHttp: boolean, metrics: Metrics): SpanContext | undefined {
    if (this.#extractors.length === 0) return undefined;
    const headers = withLowerCaseNames(carrier);
    return this.#extractAll(headers, this.#extractIds(headers, metrics), isHttp, metrics);
  }

  // Hot path: runs for every request. Measure before and after (bench/).
  /** From a request of `node:http`, whose header names are in lower case already. */
  extractFromRequest(
    headers: RequestHeaders,
    rawHeaders: readonly string[],
    metrics: Metrics,
  ): SpanContext | undefined {
    if (this.#extractors.length === 0) return undefined;
    const ids = this.#extractIds(headers, metrics);
    if (this.#rareHeaders.isIn(rawHeaders)) return this.#extractAll(headers, ids, true, metrics);
    if (ids === undefined) return undefined;
    if (!isValidIds(ids)) return this.#extractAll(headers, ids, true, metrics);
    return new SpanContext(ids, undefined, true);
  }

  /** However many headers cannot be read, it is one context that is lost. Of no trace where there are but flags. */
  #extractIds(headers: Headers, metrics: Metrics): Ids | undefined {
    let isMalformed = false;
    let found: Ids | undefined;
    for (const codec of this.#extractors) {
      const ids = codec.extract(headers);
      if (ids === undefined) continue;
      if (ids === 'malformed') {
        isMalformed = true;
        continue;
      }
      if (isValidIds(ids)) {
        found = ids;
        break;
      }
      found ??= ids;
    }
    if (isMalformed) metrics.malformedContext();
    return found;
  }

  #extractAll(
    headers: Headers,
    ids: Ids | undefined,
    isHttp: boolean,
    metrics: Metrics,
  ): SpanContext | undefined {
    const items = new BaggageItems();
    for (const codec of this.#baggageExtractors) codec.extract(headers, items, isHttp);
    const { baggage, w3cMembers } = items;
    if (ids === undefined || !isValidIds(ids)) {
      const debugId = this.#extractDebugId(headers, isHttp, metrics);
      if (baggage === undefined && debugId === undefined && ids === undefined) return undefined;
      return new SpanContext(noIds, baggage, true, {
        w3c: w3cHeaders(undefined, w3cMembers),
        debugId,
        requestedFlags: ids?.flags,
      });
    }
    const state = this.#traceStateExtractor?.extractTraceState?.(headers, ids);
    // Our member says what `traceparent` cannot; whether the trace is kept is for that to say.
    const flags = (ids.flags & FLAG_SAMPLED) === 0 ? 0 : (state?.flags ?? 0);
    const all = flags === 0 ? ids : { ...ids, flags: ids.flags | flags };
    return new SpanContext(all, baggage, true, { w3c: w3cHeaders(state?.others, w3cMembers) });
  }

  #extractDebugId(headers: Headers, isHttp: boolean, metrics: Metrics): string | undefined {
    const value = headers[this.#debugHeader];
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'string' && value.length <= maxDebugIdChars) {
      return isHttp ? percentDecode(value) : value;
    }
    metrics.malformedContext();
    return undefined;
  }
}

function w3cHeaders(
  traceState: string | undefined,
  baggageMembers: W3cHeaders['baggageMembers'],
): W3cHeaders | undefined {
  if (traceState === undefined && baggageMembers === undefined) return undefined;
  return { traceState, baggageMembers };
}

function baggageCodecs(codecs: readonly Codec[]): BaggageCodec[] {
  return [...new Set(codecs.flatMap(({ baggage }) => baggage ?? []))];
}

/** Own properties only. An array of one string, as some frameworks give, counts as that string. */
function withLowerCaseNames(carrier: object): Headers {
  const headers: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(carrier)) {
    headers[name.toLowerCase()] = Array.isArray(value) && value.length === 1 ? value[0] : value;
  }
  return headers;
}
