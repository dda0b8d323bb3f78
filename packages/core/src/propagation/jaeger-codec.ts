import { DEBUG_ID_HEADER, TRACE_CONTEXT_HEADER } from '../constants.js';
import { formatIds, type Ids, isValidIds } from '../span-context.js';
import { decodeHeaderValue } from './baggage-headers.js';
import type { Codec } from './codec.js';
import { hexWord, isHex } from './hex.js';

/** 32 + 16 + 16 + 2 digits, three colons; each colon may be escaped as `%3A`. */
const maxHeaderChars = 32 + 16 + 16 + 2 + 3 * 3;

/** A debug id that is longer is cut: it comes from a stranger and becomes a tag. */
const maxDebugIdChars = 256;

/**
 * `uber-trace-id: {trace}:{span}:{parent}:{flags}`, all hex: up to 32, 16, 16 and 2 digits. Ids are written
 * zero-padded to 16 or 32 digits.
 *
 * @see Jaeger documentation, "Propagation Format"
 */
export const jaegerCodec: Codec = {
  name: 'jaeger',

  inject(context, carrier) {
    carrier[TRACE_CONTEXT_HEADER] = formatIds(context);
  },

  extract(headers) {
    const header = headers[TRACE_CONTEXT_HEADER];
    if (header === undefined) return undefined;
    return (typeof header === 'string' && parse(header)) || 'malformed';
  },

  extractDebugId(headers, isHttp) {
    const header = headers[DEBUG_ID_HEADER];
    if (typeof header !== 'string' || header === '') return undefined;
    return (isHttp ? decodeHeaderValue(header) : header).slice(0, maxDebugIdChars);
  },
};

function parse(header: string): Ids | undefined {
  if (header.length > maxHeaderChars) return undefined;
  const text = header.includes('%') ? header.replaceAll(/%3a/gi, ':') : header;
  const span = text.indexOf(':') + 1;
  const parent = text.indexOf(':', span) + 1;
  const flags = text.indexOf(':', parent) + 1;
  if (span === 0 || parent === 0 || flags === 0) return undefined;
  if (!isField(text, 0, span - 1, 32) || !isField(text, span, parent - 1, 16)) return undefined;
  if (!isField(text, parent, flags - 1, 16) || !isField(text, flags, text.length, 2)) {
    return undefined;
  }
  const ids: Ids = {
    traceId0: hexWord(text, 0, span - 1, 3),
    traceId1: hexWord(text, 0, span - 1, 2),
    traceId2: hexWord(text, 0, span - 1, 1),
    traceId3: hexWord(text, 0, span - 1, 0),
    spanId0: hexWord(text, span, parent - 1, 1),
    spanId1: hexWord(text, span, parent - 1, 0),
    parentId0: hexWord(text, parent, flags - 1, 1),
    parentId1: hexWord(text, parent, flags - 1, 0),
    flags: hexWord(text, flags, text.length, 0),
  };
  return isValidIds(ids) ? ids : undefined;
}

function isField(text: string, start: number, end: number, maxDigits: number): boolean {
  return end - start <= maxDigits && isHex(text, start, end);
}
