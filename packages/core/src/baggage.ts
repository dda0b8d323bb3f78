import type { BaggageRestriction } from './baggage/baggage-restrictions.js';
import type { Baggage } from './span-context.js';
import { cutText } from './span-limits.js';
import { tagValueToText } from './tag-value.js';

/** As in `jaeger-client` and jaeger-client-go: longer values are cut. */
export const maxBaggageValueChars = 2048;

/** With the prefix of its header 256, of which longer ones are not read. */
const maxBaggageKeyChars = 248;

/** What one context can carry, so that a stranger's headers cannot fill the memory or every outgoing request. */
export const maxBaggageItems = 64;

/** Keys travel as parts of header names, so they are lower case with `-`; done here once, for reading too. */
export function normalizeBaggageKey(key: string): string {
  // JavaScript callers may give anything.
  return tagValueToText(key).replaceAll('_', '-').toLowerCase();
}

/** What became of an item that somebody wanted to set. */
export interface BaggageChange {
  /** The same as before where the item was refused. */
  readonly baggage: Baggage | undefined;
  readonly isRefused: boolean;
  readonly isCut: boolean;
  /** What is logged on the span. @see jaeger-client, whose logs have these fields */
  readonly fields: Readonly<Record<string, string>>;
}

/** Sets an item, or changes it; a `value` of `null` or `undefined` removes it, which is always allowed. */
export function changeBaggage(
  baggage: Baggage | undefined,
  normalizedKey: string,
  value: unknown,
  restriction: BaggageRestriction,
): BaggageChange {
  const previous = baggage?.[normalizedKey];
  const text = value === null || value === undefined ? undefined : tagValueToText(value);
  const isRefused = text !== undefined && !isAllowed(baggage, normalizedKey, restriction);
  const maxChars = isRefused ? maxBaggageValueChars : restriction.maxValueLength;
  const kept = text === undefined ? undefined : cutText(text, maxChars);
  const isCut = !isRefused && kept !== text;
  const fields: Record<string, string> = { event: 'baggage', key: normalizedKey };
  fields.value = kept ?? '';
  if (previous !== undefined) fields.override = 'true';
  if (isCut) fields.truncated = 'true';
  if (isRefused) fields.invalid = 'true';
  const changed = isRefused ? baggage : withItem(baggage, normalizedKey, kept);
  return { baggage: changed, isRefused, isCut, fields };
}

function isAllowed(
  baggage: Baggage | undefined,
  normalizedKey: string,
  { keyAllowed }: BaggageRestriction,
): boolean {
  if (!keyAllowed || normalizedKey.length > maxBaggageKeyChars) return false;
  if (baggage === undefined || baggage[normalizedKey] !== undefined) return true;
  return Object.keys(baggage).length < maxBaggageItems;
}

function withItem(
  baggage: Baggage | undefined,
  normalizedKey: string,
  value: string | undefined,
): Baggage {
  // No prototype, so that keys such as `constructor` are only ever what somebody set.
  const copy: Record<string, string> = Object.assign(Object.create(null), baggage);
  if (value === undefined) delete copy[normalizedKey];
  else copy[normalizedKey] = value;
  return copy;
}
