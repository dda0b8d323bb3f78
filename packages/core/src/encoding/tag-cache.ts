// Hot path: runs for every tag. Measure before and after (bench/).
import type { TagValue } from '../tags.js';
import type { ByteWriter, Chunk } from './byte-writer.js';

const maxKeys = 256;
const maxValuesPerKey = 32;
const maxNames = 1024;

/** Bytes of a tag, or of a key alone; one shape for both, so that V8 reads either without looking twice. */
interface Known {
  readonly key: TagValue;
  /** The value that is in the chunk as well; undefined where it holds the key alone. */
  readonly value: TagValue | undefined;
  readonly chunk: Chunk;
  /** Of a key: its whole tags by value. Undefined once the values turned out not to repeat. */
  values: Map<TagValue, Known> | undefined;
  /** What came after it last time. */
  next: Known | undefined;
}

/** How an encoder writes a tag. */
export interface TagFormat {
  /** With its length before it. */
  writeString(writer: ByteWriter, text: string): void;
  writeKey(writer: ByteWriter, key: TagValue): void;
  writeValue(writer: ByteWriter, value: TagValue): void;
}

/**
 * Writes tags, and remembers the bytes of keys and of whole tags that repeat (`span.kind=server`), because turning short
 * strings into bytes is most of the cost of a span. Bounded: beyond so many keys, or values of a key, it just writes.
 *
 * Spans of one kind have the same tags in the same order, so what followed a tag last time is tried before the maps.
 */
export class TagCache {
  readonly #format: TagFormat;
  readonly #keys = new Map<TagValue, Known>();
  readonly #names = new Map<string, Chunk>();
  /** The tag that was written last. */
  #last: Known | undefined = undefined;

  constructor(format: TagFormat) {
    this.#format = format;
  }

  /** A string with its length, such as the name of a span, which is one of few. */
  writeName(writer: ByteWriter, name: string): void {
    const known = this.#names.get(name);
    if (known !== undefined) {
      writer.chunk(known);
      return;
    }
    const start = writer.length;
    this.#format.writeString(writer, name);
    if (this.#names.size >= maxNames) return;
    const chunk = writer.chunkFrom(start);
    if (chunk !== undefined) this.#names.set(ownString(name), chunk);
  }

  write(writer: ByteWriter, key: TagValue, value: TagValue): void {
    const expected = this.#last?.next;
    if (expected !== undefined && expected.key === key) {
      if (expected.value === value) {
        this.#last = expected;
        writer.chunk(expected.chunk);
        return;
      }
      if (expected.value === undefined && expected.values === undefined) {
        this.#last = expected;
        writer.chunk(expected.chunk);
        this.#format.writeValue(writer, value);
        return;
      }
    }
    this.#writeUnexpected(writer, key, value);
  }

  #writeUnexpected(writer: ByteWriter, key: TagValue, value: TagValue): void {
    const known = this.#keys.get(key);
    if (known === undefined) {
      this.#writeNewKey(writer, key, value);
      return;
    }
    const tag = known.values?.get(value);
    const written = tag ?? known;
    if (this.#last !== undefined) this.#last.next = written;
    this.#last = written;
    const start = writer.length;
    writer.chunk(written.chunk);
    if (tag !== undefined) return;
    this.#format.writeValue(writer, value);
    if (known.values !== undefined) remember(known, value, writer.chunkFrom(start));
  }

  #writeNewKey(writer: ByteWriter, key: TagValue, value: TagValue): void {
    const start = writer.length;
    this.#format.writeKey(writer, key);
    if (this.#keys.size < maxKeys) {
      const chunk = writer.chunkFrom(start);
      if (chunk !== undefined) this.#keys.set(key, toKnown(key, undefined, chunk, new Map()));
    }
    this.#format.writeValue(writer, value);
    this.#last = undefined;
  }
}

function toKnown(
  key: TagValue,
  value: TagValue | undefined,
  chunk: Chunk,
  values: Map<TagValue, Known> | undefined,
): Known {
  return { key, value, chunk, values, next: undefined };
}

function remember(known: Known, value: TagValue, chunk: Chunk | undefined): void {
  // Bytes can change while their identity stays.
  if (chunk === undefined || typeof value === 'object') return;
  if (known.values!.size < maxValuesPerKey) {
    const own = typeof value === 'string' ? ownString(value) : value;
    known.values!.set(own, toKnown(known.key, own, chunk, undefined));
  } else {
    known.values = undefined;
  }
}

/** The same string as a property name, which is a string of its own: a slice would keep the text alive that it is cut from. */
function ownString(value: string): string {
  return Object.keys({ [value]: true })[0]!;
}
