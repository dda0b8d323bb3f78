// Hot path: runs for every tag. Measure before and after (bench/).
import type { ByteWriter } from '@spoor/core/internal';

/** The byte before a message, a text or bytes. @see Protocol Buffers, "Encoding" */
export const messageField = (id: number): number => (id << 3) | 2;
/** Before a varint. */
export const varintField = (id: number): number => id << 3;
/** Before eight bytes. */
export const fixed64Field = (id: number): number => (id << 3) | 1;
/** Before four bytes. */
export const fixed32Field = (id: number): number => (id << 3) | 5;

const twoTo32 = 2 ** 32;

/** What the length of a message takes itself. */
export function lengthBytes(length: number): number {
  if (length < 1 << 7) return 1;
  if (length < 1 << 14) return 2;
  return length < 1 << 21 ? 3 : 4;
}

/**
 * Writes the length of a message in front of it: it begins at `start`, with `reservedBytes` that were left free. Where that was
 * too much or too little, the message moves.
 */
export function endMessage(writer: ByteWriter, start: number, reservedBytes: number): void {
  // Some of it is not there, and all of it will be dropped.
  if (writer.isFull) return;
  const bodyStart = start + reservedBytes;
  const end = writer.length;
  const length = end - bodyStart;
  const movedTo = start + lengthBytes(length);
  if (movedTo !== bodyStart) writer.bytes.copyWithin(movedTo, bodyStart, end);
  writer.length = start;
  writer.varint32(length);
  writer.length = movedTo + length;
}

/** A whole number of up to 2^53 as a varint; a negative one takes ten bytes. */
export function writeInt64(writer: ByteWriter, value: number): void {
  if (value >= 0 && value < twoTo32) {
    writer.varint32(value);
    return;
  }
  // ToInt32 takes the low word of a negative number in two's complement, as is wanted.
  let high = Math.floor(value / twoTo32) | 0;
  let low = value | 0;
  while (high !== 0 || low >>> 0 > 0x7f) {
    writer.byte((low & 0x7f) | 0x80);
    low = (low >>> 7) | (high << 25);
    high >>>= 7;
  }
  writer.byte(low);
}

/** Microseconds since the epoch, a whole number of up to 2^53, as nanoseconds. */
export function writeNanoseconds(writer: ByteWriter, microseconds: number): void {
  const high = Math.floor(microseconds / twoTo32);
  const low = (microseconds - high * twoTo32) * 1000;
  writer.fixed64((high * 1000 + Math.floor(low / twoTo32)) | 0, low | 0);
}
