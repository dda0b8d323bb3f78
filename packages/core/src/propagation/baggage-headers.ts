import { maxBaggageItems, maxBaggageValueChars, normalizeBaggageKey } from '../baggage.js';
import { BAGGAGE_HEADER_PREFIX } from '../constants.js';
import type { Baggage } from '../span-context.js';
import type { Headers } from './codec.js';

const maxKeyChars = 256;
const firstLetter = BAGGAGE_HEADER_PREFIX.charCodeAt(0);
const prefixChars = BAGGAGE_HEADER_PREFIX.length;

/**
 * Writes each item as `uberctx-{key}`. For HTTP the value is percent-encoded, in the key what is no header name
 * is left out with its item: one odd key must not break the user's request.
 *
 * @see Jaeger documentation, "Propagation Format", baggage
 */
export function injectBaggage(
  baggage: Baggage,
  carrier: Record<string, unknown>,
  isHttp: boolean,
): void {
  for (const key in baggage) {
    const value = baggage[key]!;
    if (!isHttp) carrier[BAGGAGE_HEADER_PREFIX + key] = value;
    else if (isHeaderName(key)) carrier[BAGGAGE_HEADER_PREFIX + key] = encodeHeaderValue(value);
  }
}

/** Reads the `uberctx-` headers; of too many, too long or unreadable ones as much as is allowed. */
export function extractBaggage(headers: Headers, isHttp: boolean): Baggage | undefined {
  let baggage: Record<string, string> | undefined;
  let count = 0;
  for (const name in headers) {
    if (!isBaggageHeader(name)) continue;
    const value = headers[name];
    if (typeof value !== 'string' || name.length > maxKeyChars || count >= maxBaggageItems)
      continue;
    baggage ??= Object.create(null) as Record<string, string>;
    const text = isHttp && value.includes('%') ? decodeHeaderValue(value) : value;
    baggage[normalizeBaggageKey(name.slice(prefixChars))] = text.slice(0, maxBaggageValueChars);
    count++;
  }
  return baggage;
}

/**
 * True when one of the header names starts with the baggage prefix, in any case. Most requests carry none, and
 * looking at the first letters is much cheaper than walking through the headers object.
 */
export function hasBaggageHeader(rawHeaders: readonly string[]): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if ((name.charCodeAt(0) | 0x20) === firstLetter && isBaggageHeader(name.toLowerCase())) {
      return true;
    }
  }
  return false;
}

function isBaggageHeader(lowerCaseName: string): boolean {
  return lowerCaseName.length > prefixChars && lowerCaseName.startsWith(BAGGAGE_HEADER_PREFIX);
}

/** @see RFC 9110 5.6.2, token */
function isHeaderName(key: string): boolean {
  return /^[!#$%&'*+.^`|~\w-]+$/.test(key);
}

function encodeHeaderValue(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    // A lone surrogate is no text; what is left of the value still tells something.
    return encodeURIComponent(value.toWellFormed());
  }
}

/** Malformed escapes stay as they are, as in the Jaeger clients. */
export function decodeHeaderValue(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
