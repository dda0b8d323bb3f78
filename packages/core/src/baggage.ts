import type { Baggage } from './span-context.js';
import { tagValueToText } from './tag-value.js';

/** As in `jaeger-client` and jaeger-client-go: longer values are cut. */
export const maxBaggageValueChars = 2048;

/** What one context can carry, so that a stranger's headers cannot fill the memory or every outgoing request. */
export const maxBaggageItems = 64;

/** Keys travel as parts of header names, so they are lower case with `-`; done here once, for reading too. */
export function normalizeBaggageKey(key: string): string {
  // JavaScript callers may give anything.
  return tagValueToText(key).replaceAll('_', '-').toLowerCase();
}

/**
 * The baggage with one item more, or one item changed. A value of `null` or `undefined` removes the item.
 * Returns the same baggage when the item does not fit any more.
 */
export function withBaggageItem(
  baggage: Baggage | undefined,
  normalizedKey: string,
  value: string | null | undefined,
): Baggage | undefined {
  const isNew = baggage?.[normalizedKey] === undefined;
  if (isNew && baggage !== undefined && Object.keys(baggage).length >= maxBaggageItems) {
    return baggage;
  }
  // No prototype, so that keys such as `constructor` are only ever what somebody set.
  const copy: Record<string, string> = Object.assign(Object.create(null), baggage);
  if (value === null || value === undefined) delete copy[normalizedKey];
  else copy[normalizedKey] = value.slice(0, maxBaggageValueChars);
  return copy;
}
