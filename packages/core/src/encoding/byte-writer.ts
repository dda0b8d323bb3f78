// Hot path: runs for every span. Measure before and after (bench/).

/** A `Buffer` with a method that its types do not tell. */
interface Bytes extends Buffer {
  /** As `write(text, offset, length, 'utf8')` without its checks; in Node since 0.6. */
  utf8Write(text: string, offset: number, length?: number): number;
}

const twoTo32 = 2 ** 32;

/** Up to this many characters a loop is quicker than the call into C++. */
const maxLoopChars = 12;

/** Up to this many characters UTF-8 takes at most 127 bytes, so the length before it is one byte. */
const maxShortChars = 42;

/** More than any of the fixed parts of a span, and any {@link Chunk}, takes. */
const slackBytes = 1024;

/** Bytes that are written again and again, eight at a time: one by one takes five times as long. */
export interface Chunk {
  readonly doubles: Float64Array;
  readonly length: number;
}

/** The largest {@link Chunk}, in bytes. */
const maxChunkBytes = 256;

/**
 * Writes into one preallocated buffer, up to a soft end. What goes beyond is left out but counted in `length`: whoever
 * wrote a span compares `length` with {@link capacity}, once, at the span's end, and every loop inside ends at
 * {@link isFull}.
 */
export class ByteWriter {
  readonly bytes: Bytes;
  /** What can be filled, in bytes. */
  readonly capacity: number;
  /** Bytes written so far: where the next one goes. */
  length = 0;
  readonly #view: DataView;

  constructor(capacity: number) {
    this.capacity = capacity;
    // Not from the pool, so that the buffer keeps no other memory alive; not zeroed, because all of it is written.
    this.bytes = Buffer.allocUnsafeSlow(capacity + slackBytes) as Bytes;
    this.#view = new DataView(this.bytes.buffer);
  }

  get isFull(): boolean {
    return this.length > this.capacity;
  }

  /** What was written from `start` on, to be written again by {@link chunk}; undefined where that is not possible. */
  chunkFrom(start: number): Chunk | undefined {
    const length = this.length - start;
    if (length > maxChunkBytes || this.isFull) return undefined;
    const doubles = new Float64Array(Math.ceil(length / 8));
    for (let i = 0; i < doubles.length; i++) {
      doubles[i] = this.#view.getFloat64(start + i * 8, true);
      // There are many bit patterns for NaN, and V8 may write another one.
      if (Number.isNaN(doubles[i])) return undefined;
    }
    return { doubles, length };
  }

  /** Not to be called when {@link isFull}. */
  chunk({ doubles, length }: Chunk): void {
    const view = this.#view;
    let at = this.length;
    for (let i = 0; i < doubles.length; i++, at += 8) view.setFloat64(at, doubles[i]!, true);
    this.length += length;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** A 32-bit integer, big endian. */
  int32(value: number): void {
    if (!this.isFull) this.#view.setInt32(this.length, value);
    this.length += 4;
  }

  /** A signed 64-bit integer, given as two words, big endian. */
  int64(high: number, low: number): void {
    this.int32(high);
    this.int32(low);
  }

  /** A whole number up to 2^53 as a 64-bit integer, big endian. */
  int64Number(value: number): void {
    this.int64(Math.floor(value / twoTo32) | 0, value | 0);
  }

  /** A 64-bit integer, given as two words, little endian. */
  fixed64(high: number, low: number): void {
    if (!this.isFull) {
      this.#view.setInt32(this.length, low, true);
      this.#view.setInt32(this.length + 4, high, true);
    }
    this.length += 8;
  }

  /** An unsigned 32-bit integer as a varint of 1 to 5 bytes. */
  varint32(value: number): void {
    const { bytes } = this;
    while (value >>> 0 > 0x7f) {
      bytes[this.length++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    bytes[this.length++] = value;
  }

  /** A signed 64-bit integer, given as two words, as a zigzag varint of 1 to 10 bytes. */
  zigzag64(high: number, low: number): void {
    // Two words instead of a BigInt: no allocation per field.
    const sign = high >> 31;
    let lo = (low << 1) ^ sign;
    let hi = ((high << 1) | (low >>> 31)) ^ sign;
    if (hi >>> 0 >= 1 << 24 && !this.isFull) {
      this.#longVarint(hi, lo);
      return;
    }
    const { bytes } = this;
    let at = this.length;
    while (hi !== 0 || lo >>> 0 > 0x7f) {
      bytes[at++] = (lo & 0x7f) | 0x80;
      lo = (lo >>> 7) | (hi << 25);
      hi >>>= 7;
    }
    bytes[at++] = lo;
    this.length = at;
  }

  /** 9 or 10 bytes, as nearly every random id takes; four at a time is twice as quick. */
  #longVarint(hi: number, lo: number): void {
    const { bytes } = this;
    const view = this.#view;
    const at = this.length;
    view.setInt32(at, spreadBy7(lo), true);
    view.setInt32(at + 4, spreadBy7((lo >>> 28) | (hi << 4)), true);
    const top = hi >>> 24;
    bytes[at + 8] = top > 0x7f ? top | 0x80 : top;
    bytes[at + 9] = 1;
    this.length = top > 0x7f ? at + 10 : at + 9;
  }

  /** A whole number up to 2^53 as a zigzag varint. */
  zigzagNumber(value: number): void {
    // ToInt32 takes the low word of a negative number in two's complement, as is wanted.
    this.zigzag64(Math.floor(value / twoTo32) | 0, value | 0);
  }

  double(value: number, isLittleEndian: boolean): void {
    if (!this.isFull) this.#view.setFloat64(this.length, value, isLittleEndian);
    this.length += 8;
  }

  raw(source: Uint8Array): void {
    if (this.length + source.length <= this.capacity) this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** UTF-8 with its length in bytes as a varint before it. */
  string(text: string): void {
    const chars = text.length;
    if (chars > maxShortChars || this.isFull) {
      this.#longString(text);
      return;
    }
    const start = this.length;
    if (chars > maxLoopChars || !this.#writeAscii(text, start + 1)) {
      this.bytes[start] = this.bytes.utf8Write(text, start + 1);
    } else {
      this.bytes[start] = chars;
    }
    this.length = start + 1 + this.bytes[start]!;
  }

  /** UTF-8 with its length in bytes as a 32-bit integer before it. */
  string32(text: string): void {
    if (text.length <= maxShortChars && !this.isFull) {
      const size = this.bytes.utf8Write(text, this.length + 4);
      this.int32(size);
      this.length += size;
      return;
    }
    const size = Buffer.byteLength(text);
    this.int32(size);
    if (this.length + size <= this.capacity) this.bytes.utf8Write(text, this.length, size);
    this.length += size;
  }

  /** False where it is not ASCII. */
  #writeAscii(text: string, at: number): boolean {
    const { bytes } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at + i] = code;
    }
    return true;
  }

  #longString(text: string): void {
    const size = Buffer.byteLength(text);
    this.varint32(size);
    if (this.length + size <= this.capacity) this.bytes.utf8Write(text, this.length, size);
    this.length += size;
  }
}

/** The lower 28 bits as four bytes of seven, each marked as not the last. */
function spreadBy7(bits: number): number {
  return (
    (bits & 0x7f) |
    ((bits & 0x3f80) << 1) |
    ((bits & 0x1fc000) << 2) |
    ((bits & 0xfe00000) << 3) |
    (0x80808080 | 0)
  );
}
