import { normalizeBaggageKey } from '../baggage.js';
import { W3C_BAGGAGE_HEADER } from '../constants.js';
import type { BaggageCodec } from './codec.js';
import {
  isHeaderName,
  listMembers,
  listText,
  maxListChars,
  percentDecode,
  percentEncode,
} from './header-text.js';

/**
 * `baggage: key=value;property, key=value`, percent-encoded also in a text map, whose other readers expect it so. A member
 * keeps its properties, and its key the spelling that it came with, until somebody changes the item.
 *
 * @see W3C Baggage 3.3
 */
export const w3cBaggage: BaggageCodec = {
  headers: [W3C_BAGGAGE_HEADER],

  inject({ baggage, w3c }, carrier) {
    let list = '';
    for (const key in baggage) {
      const value = baggage[key]!;
      const received = w3c?.baggageMembers?.[key];
      const member = received?.value === value ? received.text : format(key, value);
      if (member === undefined || list.length + 1 + member.length > maxListChars) continue;
      list += list === '' ? member : `,${member}`;
    }
    if (list !== '') carrier[W3C_BAGGAGE_HEADER] = list;
  },

  extract(headers, items) {
    const list = listText(headers[W3C_BAGGAGE_HEADER]);
    if (list === undefined) return;
    for (const member of listMembers(list)) {
      const [item = '', ...properties] = member.split(';');
      const equals = item.indexOf('=');
      const key = item.slice(0, equals).trim();
      if (equals === -1 || !isHeaderName(key) || !isHeaderValue(member)) continue;
      const value = percentDecode(item.slice(equals + 1).trim());
      const isPlain = properties.length === 0 && member === format(normalizeBaggageKey(key), value);
      items.add(key, value, isPlain ? undefined : member);
    }
  },
};

/** Undefined where the key is none. */
function format(key: string, value: string): string | undefined {
  return isHeaderName(key) ? `${key}=${percentEncode(value)}` : undefined;
}

/** What is passed on as it came must not break the request that it goes out with. */
function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(text);
}
