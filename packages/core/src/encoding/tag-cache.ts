// Hot path: runs for every tag. Measure before and after (bench/).
import type { ByteWriter, Chunk } from './byte-writer.js';

const maxKeys = 256;
const maxValuesPerKey = 32;

/** One tag as bytes, and its key alone. Fills itself with what is written. */
interface KnownKey {
  readonly head: Chunk;
  /** Whole tags by value; undefined once the values turned out not to repeat. */
  values: Map<unknown, Chunk> | undefined;
}

/** How an encoder writes a tag. */
export interface TagFormat {
  writeKey(writer: ByteWriter, key: unknown): void;
  writeValue(writer: ByteWriter, value: unknown): void;
}

/**
 * Writes tags, and remembers the bytes of keys and of whole tags that repeat (`span.kind=server`), because turning short
 * strings into bytes is most of the cost of a span. Bounded: beyond so many keys, or values of a key, it just writes.
 */
export class TagCache {
  readonly #format: TagFormat;
  readonly #keys = new Map<unknown, KnownKey>();

  constructor(format: TagFormat) {
    this.#format = format;
  }

  write(writer: ByteWriter, key: unknown, value: unknown): void {
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

  #writeNewKey(writer: ByteWriter, key: unknown, value: unknown): void {
    const start = writer.length;
    this.#format.writeKey(writer, key);
    if (typeof key === 'string' && this.#keys.size < maxKeys) {
      const head = writer.chunkFrom(start);
      if (head !== undefined) this.#keys.set(key, { head, values: new Map() });
    }
    this.#format.writeValue(writer, value);
  }
}

function remember(known: KnownKey, value: unknown, whole: Chunk | undefined): void {
  // An object can change while its identity stays.
  if (whole === undefined || (typeof value === 'object' && value !== null)) return;
  if (known.values!.size < maxValuesPerKey) known.values!.set(value, whole);
  else known.values = undefined;
}
