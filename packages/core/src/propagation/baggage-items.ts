import { maxBaggageItems, maxBaggageValueChars, normalizeBaggageKey } from '../baggage.js';
import type { Baggage } from '../span-context.js';

const maxKeyChars = 256;

/** What baggage headers hold, within the limits; of several items with one key the first stays. */
export class BaggageItems {
  baggage: Baggage | undefined = undefined;
  #count = 0;

  add(key: string, value: string): void {
    if (key === '' || key.length > maxKeyChars || this.#count >= maxBaggageItems) return;
    // No prototype, so that keys such as `constructor` are only ever what somebody set.
    const items: Record<string, string> =
      (this.baggage as Record<string, string>) ?? Object.create(null);
    const normalizedKey = normalizeBaggageKey(key);
    if (items[normalizedKey] !== undefined) return;
    items[normalizedKey] = value.slice(0, maxBaggageValueChars);
    this.baggage = items;
    this.#count++;
  }
}
