import type { BaggageCodec } from './codec.js';
import { type HeaderNames, resolveHeaderNames } from './header-names.js';
import {
  isHeaderName,
  listMembers,
  listText,
  percentDecode,
  percentEncode,
} from './header-text.js';

/**
 * Each item as `uberctx-{key}`. For HTTP the value is percent-encoded, and an item whose key is no header name is left
 * out: one odd key must not break the user's request. Also reads `jaeger-baggage: key=value, key=value`, which gives way to
 * the former.
 *
 * @see Jaeger documentation, "Propagation Format", baggage
 */
export function createJaegerBaggage(names: HeaderNames = {}): BaggageCodec {
  const { traceBaggageHeaderPrefix: prefix, jaegerBaggageHeader } = resolveHeaderNames(names);
  return {
    headers: [prefix, jaegerBaggageHeader],

    inject({ baggage }, carrier, isHttp) {
      for (const key in baggage) {
        const value = baggage[key]!;
        if (!isHttp) carrier[prefix + key] = value;
        else if (isHeaderName(key)) carrier[prefix + key] = percentEncode(value);
      }
    },

    extract(headers, items, isHttp) {
      for (const name in headers) {
        if (!name.startsWith(prefix)) continue;
        const value = headers[name];
        if (typeof value !== 'string') continue;
        items.add(name.slice(prefix.length), isHttp ? percentDecode(value) : value);
      }
      const list = listText(headers[jaegerBaggageHeader]);
      if (list === undefined) return;
      for (const member of listMembers(isHttp ? percentDecode(list) : list)) {
        const [key, value, ...rest] = member.split('=');
        if (value !== undefined && rest.length === 0) items.add(key!.trim(), value);
      }
    },
  };
}

/** Under the usual names; jaeger and b3 share it, so that it is read and written once. */
export const jaegerBaggage: BaggageCodec = createJaegerBaggage();
