import { isUint8Array } from 'node:util/types';
import { tagValueToText } from './tag-value.js';

/** What a tag or a log field holds; other values become text the moment they are set, so that later changes do not show. */
export type TagValue = string | number | boolean | Uint8Array;

/**
 * Tags or log fields by their names, as they are given: the own enumerable properties of any object. What is no text, number,
 * boolean or `Uint8Array` becomes text.
 */
// biome-ignore lint/suspicious/noExplicitAny: with unknown, no object of an interface of the user's would fit
export type Tags = { readonly [name: string]: any };

/**
 * Tags as they are kept: one flat list `[key, value, key, value, …]`, because an object per tag would be
 * most of the memory that a span takes. Duplicates stay, in order; readers let the last one win.
 */
export type TagList = TagValue[];

/** Never throws, whatever getters and `toJSON` the value has. */
export function toTagValue(value: unknown): TagValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return isUint8Array(value) ? value : tagValueToText(value);
}

/** JavaScript callers may give anything as a key. */
export function toTagKey(key: unknown): string {
  return typeof key === 'string' ? key : tagValueToText(key);
}

/** The tags as an object; of duplicates the last one wins. */
export function tagsToObject(list: Readonly<TagList>): Record<string, TagValue> {
  const entries: [string, TagValue][] = [];
  for (let i = 0; i < list.length; i += 2) entries.push([String(list[i]), list[i + 1]!]);
  // fromEntries defines properties, so that a tag called `__proto__` is a tag.
  return Object.fromEntries(entries);
}
