import { maxBaggageItems, maxBaggageValueChars, normalizeBaggageKey } from '../baggage.js';
import type { W3cBaggageMember } from '../span-context.js';

const maxKeyChars = 256;

/** What baggage headers hold, within the limits; of several items with one key the first stays. */
export class BaggageItems {
  baggage: Record<string, string> | undefined = undefined;
  w3cMembers: Record<string, W3cBaggageMember> | undefined = undefined;
  #count = 0;

  /** @param member what stood in a W3C header, where it says more than the item */
  add(key: string, value: string, member?: string): void {
    if (key === '' || key.length > maxKeyChars || this.#count >= maxBaggageItems) return;
    const normalizedKey = normalizeBaggageKey(key);
    // No prototype, so that keys such as `constructor` are only ever what somebody set.
    this.baggage ??= Object.create(null) as Record<string, string>;
    if (this.baggage[normalizedKey] !== undefined) return;
    this.baggage[normalizedKey] = value.slice(0, maxBaggageValueChars);
    this.#count++;
    if (member === undefined || value.length > maxBaggageValueChars) return;
    this.w3cMembers ??= Object.create(null) as Record<string, W3cBaggageMember>;
    this.w3cMembers[normalizedKey] = { text: member, value };
  }
}
