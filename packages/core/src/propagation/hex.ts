const digits = Buffer.from('0123456789abcdef', 'latin1');
const upperCaseDigits = Buffer.from('0123456789ABCDEF', 'latin1');
const scratch = Buffer.alloc(32);

/** Digit values by character code; 255 is no hex digit. */
const digitValues = new Uint8Array(128).fill(255);
for (let value = 0; value < 16; value++) {
  digitValues[digits[value]!] = value;
  digitValues[upperCaseDigits[value]!] = value;
}

/** Sixteen digits for a 64-bit id given as two words. */
export function hex64(high: number, low: number): string {
  writeWord(high, 0);
  writeWord(low, 8);
  return scratch.toString('latin1', 0, 16);
}

/** Thirty-two digits for a 128-bit id given as four words, most significant first. */
export function hex128(word0: number, word1: number, word2: number, word3: number): string {
  writeWord(word0, 0);
  writeWord(word1, 8);
  writeWord(word2, 16);
  writeWord(word3, 24);
  return scratch.toString('latin1', 0, 32);
}

function writeWord(word: number, offset: number): void {
  for (let i = 7; i >= 0; i--) {
    scratch[offset + i] = digits[word & 15]!;
    word >>>= 4;
  }
}

/** True when `text` from `start` up to `end` is one or more hex digits. */
export function isHex(text: string, start: number, end: number): boolean {
  if (start >= end) return false;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code > 127 || digitValues[code] === 255) return false;
  }
  return true;
}

/** As {@link isHex}, of at most `maxDigits`. */
export function isHexField(text: string, start: number, end: number, maxDigits: number): boolean {
  return end - start <= maxDigits && isHex(text, start, end);
}

/**
 * The word number `word` (0 is the least significant) of the hex number in `text` from `start` up to
 * `end`, as a signed 32-bit integer; 0 where the number has no digits left. Check with {@link isHex} first.
 */
export function hexWord(text: string, start: number, end: number, word: number): number {
  const last = end - word * 8;
  let value = 0;
  for (let i = Math.max(start, last - 8); i < last; i++) {
    value = (value << 4) | digitValues[text.charCodeAt(i)]!;
  }
  return value;
}
