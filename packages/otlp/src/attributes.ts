// Hot path: runs for every tag. Measure before and after (bench/).
import type { TagValue } from '@spoor/core';
import type { ByteWriter, TagCache, TagFormat } from '@spoor/core/internal';
import { endMessage, fixed64Field, messageField, varintField, writeInt64 } from './protobuf.js';

/** Beyond so many items (keys and values) a map finds out which keys come again. */
const maxSearchedItems = 2 * 32;

/**
 * A KeyValue: key, value, which is an AnyValue. What is remembered of it has one byte in front that its length shall take;
 * {@link writeAttribute} writes that, or moves it all where one byte is not enough.
 *
 * @see opentelemetry-proto common.proto
 */
export const attributeFormat: TagFormat = {
  writeString(writer, text) {
    writer.string(text);
  },

  writeKey(writer, key) {
    writer.byte(0);
    writer.byte(messageField(1));
    writer.string(String(key));
    writer.byte(messageField(2));
  },

  writeValue(writer, value) {
    const start = writer.length;
    const reservedBytes = isLong(value) ? 2 : 1;
    writer.length += reservedBytes;
    if (typeof value === 'string') {
      writer.byte(messageField(1));
      writer.string(value);
    } else if (typeof value === 'boolean') {
      writer.byte(varintField(2));
      writer.byte(value ? 1 : 0);
    } else if (typeof value === 'number' && Number.isSafeInteger(value)) {
      writer.byte(varintField(3));
      writeInt64(writer, value);
    } else if (typeof value === 'number') {
      writer.byte(fixed64Field(4));
      writer.double(value, true);
    } else {
      writer.byte(messageField(7));
      writer.varint32(value.length);
      writer.raw(value);
    }
    endMessage(writer, start, reservedBytes);
  },
};

/** Whether the length of what holds this takes two bytes at least: to reserve one would mean to move it. */
export function isLong(value: TagValue): boolean {
  return typeof value === 'string' && value.length >= 126;
}

/** @param field the byte before it */
export function writeAttribute(
  writer: ByteWriter,
  field: number,
  key: TagValue,
  value: TagValue,
  cache: TagCache,
): void {
  writer.byte(field);
  const start = writer.length;
  const reservedBytes = isLong(value) ? 2 : 1;
  // One byte is in what the cache writes.
  writer.length += reservedBytes - 1;
  cache.write(writer, key, value);
  endMessage(writer, start, reservedBytes);
}

/** Where each key of a long list stands last; undefined for a short one, in which {@link isOverridden} searches. */
export function lastPlaces(tags: Readonly<TagValue[]>): Map<TagValue, number> | undefined {
  if (tags.length <= maxSearchedItems) return undefined;
  const places = new Map<TagValue, number>();
  for (let i = 0; i < tags.length; i += 2) places.set(tags[i]!, i);
  return places;
}

/** Whether a later tag has the same key, and wins: in OTLP a key may be there but once. */
export function isOverridden(
  tags: Readonly<TagValue[]>,
  index: number,
  places: Map<TagValue, number> | undefined,
): boolean {
  const key = tags[index]!;
  if (places !== undefined) return places.get(key) !== index;
  for (let i = index + 2; i < tags.length; i += 2) if (tags[i] === key) return true;
  return false;
}
