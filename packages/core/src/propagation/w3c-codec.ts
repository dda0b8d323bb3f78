import { FLAG_SAMPLED, TRACEPARENT_HEADER, TRACESTATE_HEADER, WIRE_FLAGS } from '../constants.js';
import { type Ids, isSameTrace, isValidIds } from '../span-context.js';
import type { Codec } from './codec.js';
import { listText } from './header-text.js';
import { hex64, hex128, hexWord, isHex } from './hex.js';
import { parseTraceState, prependFlags } from './trace-state.js';
import { w3cBaggage } from './w3c-baggage.js';

/** Length of `00-{32}-{16}-{2}`; later versions may append `-…`. */
const headerChars = 55;
const maxHeaderChars = 512;

/**
 * `traceparent: 00-{trace}-{span}-{flags}`. 64-bit trace ids are written with zeros in front. Of the flags only `sampled`
 * travels there. `tracestate` is passed on as it came; in front of it goes a member of our own where the trace has flags
 * that `traceparent` cannot carry, such as debug. Baggage travels in `baggage`.
 *
 * @see W3C Trace Context 3.2 and 3.3
 */
export const w3cCodec: Codec = {
  name: 'w3c',
  baggage: w3cBaggage,

  inject(context, carrier) {
    const { flags, w3c } = context;
    const traceId = hex128(context.traceId0, context.traceId1, context.traceId2, context.traceId3);
    const sampled = (flags & FLAG_SAMPLED) === 0 ? '00' : '01';
    carrier[TRACEPARENT_HEADER] =
      `00-${traceId}-${hex64(context.spanId0, context.spanId1)}-${sampled}`;
    const others = w3c?.traceState;
    if ((flags & WIRE_FLAGS & ~FLAG_SAMPLED) !== 0) {
      carrier[TRACESTATE_HEADER] = prependFlags(others, flags & WIRE_FLAGS);
    } else if (others !== undefined) {
      carrier[TRACESTATE_HEADER] = others;
    }
  },

  extract(headers) {
    const header = headers[TRACEPARENT_HEADER];
    if (header === undefined) return undefined;
    return (typeof header === 'string' && parse(header)) || 'malformed';
  },

  extractTraceState(headers, ids) {
    const traceparent = headers[TRACEPARENT_HEADER];
    const state = listText(headers[TRACESTATE_HEADER]);
    if (typeof traceparent !== 'string' || state === undefined) return undefined;
    const owner = parse(traceparent);
    return owner !== undefined && isSameTrace(owner, ids) ? parseTraceState(state) : undefined;
  },
};

function parse(text: string): Ids | undefined {
  if (text.length < headerChars || text.length > maxHeaderChars) return undefined;
  if (text[2] !== '-' || text[35] !== '-' || text[52] !== '-') return undefined;
  const isVersion0 = text.startsWith('00');
  if (text.length > headerChars && (isVersion0 || text[headerChars] !== '-')) return undefined;
  if (!isLowerHex(text, 0, 2) || text.startsWith('ff')) return undefined;
  if (!isLowerHex(text, 3, 35) || !isLowerHex(text, 36, 52) || !isLowerHex(text, 53, 55)) {
    return undefined;
  }
  const ids: Ids = {
    traceId0: hexWord(text, 3, 35, 3),
    traceId1: hexWord(text, 3, 35, 2),
    traceId2: hexWord(text, 3, 35, 1),
    traceId3: hexWord(text, 3, 35, 0),
    spanId0: hexWord(text, 36, 52, 1),
    spanId1: hexWord(text, 36, 52, 0),
    parentId0: 0,
    parentId1: 0,
    flags: hexWord(text, 53, 55, 0) & FLAG_SAMPLED,
  };
  return isValidIds(ids) ? ids : undefined;
}

/** The specification forbids upper case. */
function isLowerHex(text: string, start: number, end: number): boolean {
  if (!isHex(text, start, end)) return false;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code >= 65 && code <= 70) return false;
  }
  return true;
}
