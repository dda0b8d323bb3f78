import { FLAG_DEBUG, FLAG_SAMPLED, FLAG_UNDECIDED } from '../constants.js';
import { type Ids, isValidIds, noIds, traceIdHex } from '../span-context.js';
import type { Codec, Headers } from './codec.js';
import { hex64, hexWord, isHexField } from './hex.js';
import { jaegerBaggage } from './jaeger-baggage.js';

const singleHeader = 'b3';
const traceIdHeader = 'x-b3-traceid';
const spanIdHeader = 'x-b3-spanid';
const parentIdHeader = 'x-b3-parentspanid';
const sampledHeader = 'x-b3-sampled';
const flagsHeader = 'x-b3-flags';

/** `{32}-{16}-d-{16}` */
const maxSingleChars = 32 + 16 + 1 + 16 + 3;

/** The states that mean something beside ids, in lower case. The words are of old clients; `d` is of the single header. */
const flagsByState = new Map([
  ['0', 0],
  ['false', 0],
  ['1', FLAG_SAMPLED],
  ['true', FLAG_SAMPLED],
  ['d', FLAG_SAMPLED | FLAG_DEBUG],
]);

/**
 * Zipkin's `x-b3-traceid`, `x-b3-spanid`, `x-b3-parentspanid`, `x-b3-sampled` and `x-b3-flags`, which is what the Jaeger
 * clients call `b3`. Reads the single header `b3` too, and first. Ids of fewer digits are read, as the Jaeger client for
 * Node wrote them. Ids without a state leave it to the sampler whether the trace is kept; a state without ids holds for the
 * trace that starts then, debug as far as the throttler agrees. Baggage travels in `uberctx-*`.
 *
 * @see https://github.com/openzipkin/b3-propagation
 */
export const b3Codec: Codec = {
  name: 'b3',
  baggage: jaegerBaggage,

  inject(context, carrier) {
    carrier[traceIdHeader] = traceIdHex(context);
    carrier[spanIdHeader] = hex64(context.spanId0, context.spanId1);
    if (hasParent(context)) carrier[parentIdHeader] = hex64(context.parentId0, context.parentId1);
    // Debug says that the trace is kept; saying it twice is not allowed.
    if (isDebug(context)) carrier[flagsHeader] = '1';
    else if (!isUndecided(context)) carrier[sampledHeader] = state(context);
  },

  extract(headers) {
    const single = headers[singleHeader];
    return single === undefined ? extractMulti(headers) : extractSingle(single);
  },
};

/** As {@link b3Codec}, but writes the single header: `b3: {trace}-{span}-{state}-{parent}`. */
export const b3SingleCodec: Codec = {
  ...b3Codec,
  name: 'b3single',

  inject(context, carrier) {
    const ids = `${traceIdHex(context)}-${hex64(context.spanId0, context.spanId1)}`;
    const parent = hasParent(context) ? `-${hex64(context.parentId0, context.parentId1)}` : '';
    const rest = `-${isDebug(context) ? 'd' : state(context)}${parent}`;
    carrier[singleHeader] = isUndecided(context) ? ids : ids + rest;
  },
};

function extractSingle(header: unknown): Ids | 'malformed' | undefined {
  if (typeof header !== 'string' || header.length > maxSingleChars) return 'malformed';
  const [traceId, spanId, state, parentId, ...rest] = header.split('-');
  if (spanId === undefined) {
    const flags = flagsByState.get(header);
    return flags === undefined ? 'malformed' : { ...noIds, flags };
  }
  const flags = state === undefined ? FLAG_UNDECIDED : flagsByState.get(state);
  if (rest.length > 0 || flags === undefined) return 'malformed';
  return toIds(traceId, spanId, parentId, flags);
}

function extractMulti(headers: Headers): Ids | 'malformed' | undefined {
  const traceId = headers[traceIdHeader];
  const spanId = headers[spanIdHeader];
  const flags = multiFlags(headers[sampledHeader], headers[flagsHeader]);
  if (flags === undefined) return 'malformed';
  if (traceId !== undefined || spanId !== undefined) {
    return toIds(traceId, spanId, headers[parentIdHeader], flags);
  }
  return flags === FLAG_UNDECIDED ? undefined : { ...noIds, flags };
}

function multiFlags(sampled: unknown, flags: unknown): number | undefined {
  if (flags === '1') return FLAG_SAMPLED | FLAG_DEBUG;
  if (flags !== undefined && flags !== '0') return undefined;
  if (sampled === undefined) return FLAG_UNDECIDED;
  return typeof sampled === 'string' ? flagsByState.get(sampled.toLowerCase()) : undefined;
}

function toIds(
  traceId: unknown,
  spanId: unknown,
  parentId: unknown = '0',
  flags: number,
): Ids | 'malformed' {
  if (!isId(traceId, 32) || !isId(spanId, 16) || !isId(parentId, 16)) return 'malformed';
  const ids: Ids = {
    traceId0: hexWord(traceId, 0, traceId.length, 3),
    traceId1: hexWord(traceId, 0, traceId.length, 2),
    traceId2: hexWord(traceId, 0, traceId.length, 1),
    traceId3: hexWord(traceId, 0, traceId.length, 0),
    spanId0: hexWord(spanId, 0, spanId.length, 1),
    spanId1: hexWord(spanId, 0, spanId.length, 0),
    parentId0: hexWord(parentId, 0, parentId.length, 1),
    parentId1: hexWord(parentId, 0, parentId.length, 0),
    flags,
  };
  return isValidIds(ids) ? ids : 'malformed';
}

function isId(text: unknown, maxDigits: number): text is string {
  return typeof text === 'string' && isHexField(text, 0, text.length, maxDigits);
}

function hasParent(ids: Ids): boolean {
  return (ids.parentId0 | ids.parentId1) !== 0;
}

function isDebug({ flags }: Ids): boolean {
  return (flags & FLAG_SAMPLED) !== 0 && (flags & FLAG_DEBUG) !== 0;
}

function isUndecided({ flags }: Ids): boolean {
  return (flags & FLAG_UNDECIDED) !== 0;
}

function state({ flags }: Ids): string {
  return (flags & FLAG_SAMPLED) === 0 ? '0' : '1';
}
