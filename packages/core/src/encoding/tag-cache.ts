// Hot path: runs for every tag. Measure before and after (bench/).
import type { TagValue } from '../tags.js';
import type { ByteWriter, Chunk } from './byte-writer.js';

const maxKeys = 256;
const maxValuesPerKey = 32;

/** One tag as bytes, and its key alone. Fills itself with what is written. */
interface KnownKey {
  readonly head: Chunk;
  /** Whole tags by value; undefined once the values turned out not to repeat. */
  values: Map<TagValue, Chunk> | undefined;
}

/** How an encoder writes a tag. */
export interface TagFormat {
  writeKey(writer: ByteWriter, key: TagValue): void;
  writeValue(writer: ByteWriter, value: TagValue): void;
}

/**
 * Writes tags, and remembers the bytes of keys and of whole tags that repeat (`span.kind=server`), because turning short
 * strings into bytes is most of the cost of a span. Bounded: beyond so many keys, or values of a key, it just writes.
 */
export class TagCache {
  readonly #format: TagFormat;
  readonly #keys = new Map<TagValue, KnownKey>();

  constructor(format: TagFormat) {
    this.#format = format;
  }

  write(writer: ByteWriter, key: TagValue, value: TagValue): void {
    const known = this.#keys.get(key);
    if (known === undefined) {
      this.#writeNewKey(writer, key, value);
      return;
    }
    const whole = known.values?.get(value);
    if (whole !== undefined) {
      writer.chunk(whole);
      return;
    }
    const start = writer.length;
    writer.chunk(known.head);
    this.#format.writeValue(writer, value);
    if (known.values !== undefined) remember(known, value, writer.chunkFrom(start));
  }

  #writeNewKey(writer: ByteWriter, key: TagValue, value: TagValue): void {
    const start = writer.length;
    this.#format.writeKey(writer, key);
    if (this.#keys.size < maxKeys) {
      const head = writer.chunkFrom(start);
      if (head !== undefined) this.#keys.set(key, { head, values: new Map() });
    }
    this.#format.writeValue(writer, value);
  }
}

function remember(known: KnownKey, value: TagValue, whole: Chunk | undefined): void {
  // Bytes can change while their identity stays.
  if (whole === undefined || typeof value === 'object') return;
  if (known.values!.size < maxValuesPerKey) known.values!.set(value, whole);
  else known.values = undefined;
}
