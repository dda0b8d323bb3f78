/**
 * The fields of a message by their ids: varints, and the bytes of texts and of messages. Of several with one id the last.
 * Undefined for what is no message: an answer may hold anything.
 *
 * @see Protocol Buffers, "Encoding"
 */
export function readFields(
  bytes: Uint8Array,
): ReadonlyMap<number, number | Uint8Array> | undefined {
  const fields = new Map<number, number | Uint8Array>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; at < bytes.length; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const type = tag & 7;
    const value =
      type === 0 || type === 2 ? varint() : type === 1 ? 8 : type === 5 ? 4 : Number.NaN;
    const end = type === 0 ? at : at + value;
    if (!(tag >= 8 && value >= 0 && end <= bytes.length)) return undefined;
    fields.set(Math.floor(tag / 8), type === 0 ? value : bytes.subarray(at, end));
    at = end;
  }
  return fields;
}
