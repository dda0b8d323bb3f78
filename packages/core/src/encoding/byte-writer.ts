// Hot path: runs for every span. Measure before and after (bench/).

declare global {
  interface Buffer {
    /** As `write(text, offset, length, 'utf8')` without its checks; in Node since 0.6. */
    utf8Write(text: string, offset: number, length?: number): number;
  }
}

const twoTo32 = 2 ** 32;

/** Up to this many characters a loop is quicker than the call into C++. */
const maxLoopChars = 12;

/** Up to this many characters UTF-8 takes at most 127 bytes, so the length before it is one byte. */
const maxShortChars = 42;

/** More than any of the fixed parts of a span, and any {@link Chunk}, takes. */
const slackBytes = 1024;

/** Bytes that are written again and again, as little-endian words: copying those takes a fifth of the time of bytes. */
export interface Chunk {
  readonly words: Int32Array;
  readonly length: number;
}

/** The largest {@link Chunk}, in bytes. */
export const maxChunkBytes = 256;

/**
 * Writes into one preallocated buffer, up to a soft end. What goes beyond is left out but counted in `length`: whoever
 * wrote a span compares `length` with {@link capacity}, once, at the span's end, and every loop inside ends at
 * {@link isFull}.
 */
export class ByteWriter {
  readonly bytes: Buffer;
  /** What can be filled, in bytes. */
  readonly capacity: number;
  /** Bytes written so far: where the next one goes. */
  length = 0;
  readonly #view: DataView;

  constructor(capacity: number) {
    this.capacity = capacity;
    // Not from the pool, so that the buffer keeps no other memory alive; not zeroed, because all of it is written.
    this.bytes = Buffer.allocUnsafeSlow(capacity + slackBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  get isFull(): boolean {
    return this.length > this.capacity;
  }

  /** What was written from `start` on, to be written again by {@link chunk}; undefined where it is too long. */
  chunkFrom(start: number): Chunk | undefined {
    const length = this.length - start;
    if (length > maxChunkBytes || this.isFull) return undefined;
    const words = new Int32Array(Math.ceil(length / 4));
    for (let i = 0; i < words.length; i++) words[i] = this.#view.getInt32(start + i * 4, true);
    return { words, length };
  }

  /** Not to be called when {@link isFull}. */
  chunk(chunk: Chunk): void {
    const { words } = chunk;
    const view = this.#view;
    let at = this.length;
    for (let i = 0; i < words.length; i++, at += 4) view.setInt32(at, words[i]!, true);
    this.length += chunk.length;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
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

  /** A whole number up to 2^53 as a zigzag varint. */
  zigzagNumber(value: number): void {
    // ToInt32 takes the low word of a negative number in two's complement, as is wanted.
    this.zigzag64(Math.floor(value / twoTo32) | 0, value | 0);
  }

  double(value: number): void {
    if (!this.isFull) this.#view.setFloat64(this.length, value, true);
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
