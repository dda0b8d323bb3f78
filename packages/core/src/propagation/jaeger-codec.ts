import { formatIds, type Ids, isValidIds } from '../span-context.js';
import type { Codec } from './codec.js';
import { type HeaderNames, resolveHeaderNames } from './header-names.js';
import { hexWord, isHexField } from './hex.js';
import { createJaegerBaggage, jaegerBaggage } from './jaeger-baggage.js';

/** 32 + 16 + 16 + 2 digits, three colons; each colon may be escaped as `%3A`. */
const maxHeaderChars = 32 + 16 + 16 + 2 + 3 * 3;

/**
 * `uber-trace-id: {trace}:{span}:{parent}:{flags}`, all hex: up to 32, 16, 16 and 2 digits. Ids are written
 * zero-padded to 16 or 32 digits. Baggage travels in `uberctx-*`.
 *
 * @see Jaeger documentation, "Propagation Format"
 */
export function createJaegerCodec(names: HeaderNames = {}): Codec {
  const { traceContextHeaderName } = resolveHeaderNames(names);
  return {
    name: 'jaeger',
    baggage: createJaegerBaggage(names),

    inject(context, carrier) {
      carrier[traceContextHeaderName] = formatIds(context);
    },

    extract(headers) {
      const header = headers[traceContextHeaderName];
      if (header === undefined) return undefined;
      return (typeof header === 'string' && parse(header)) || 'malformed';
    },
  };
}

/** {@link createJaegerCodec} with the usual names. */
export const jaegerCodec: Codec = { ...createJaegerCodec(), baggage: jaegerBaggage };

function parse(header: string): Ids | undefined {
  if (header.length > maxHeaderChars) return undefined;
  const text = header.includes('%') ? header.replaceAll(/%3a/gi, ':') : header;
  const span = text.indexOf(':') + 1;
  const parent = text.indexOf(':', span) + 1;
  const flags = text.indexOf(':', parent) + 1;
  if (span === 0 || parent === 0 || flags === 0) return undefined;
  if (!isHexField(text, 0, span - 1, 32) || !isHexField(text, span, parent - 1, 16))
    return undefined;
  if (!isHexField(text, parent, flags - 1, 16) || !isHexField(text, flags, text.length, 2)) {
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
