import { stripVTControlCharacters } from 'node:util';

/**
 * One line of text that is safe to print: span data comes from outside and may hold escape codes,
 * line breaks or marks that turn the direction of writing.
 */
export function cleanText(text: string): string {
  if (isPlain(text)) return text;
  return stripVTControlCharacters(text)
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{C}/gu, '')
    .trim();
}

/**
 * How many cells a terminal needs for a clean text. An approximation for scripts that are not in
 * `wide`.
 */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** Cuts a clean text to at most `width` cells; an ellipsis says that something is missing. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return width < 1 ? '' : `${head([...text], width - 1)}…`;
}

/**
 * Like {@link shorten}, but cuts in the middle: of a stack line, the function and the file name are
 * worth most.
 */
export function shortenMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  const characters = [...text];
  const start = head(characters, Math.floor((width - 1) / 3));
  const end = head(characters.reverse(), width - 1 - displayWidth(start));
  return `${start}…${[...end].reverse().join('')}`;
}

/** Spaces that fill a clean text up to `width` cells. */
export function padding(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** `1 span`, `2 spans`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** As many of the first characters as fit. */
function head(characters: readonly string[], width: number): string {
  let cells = 0;
  let text = '';
  for (const character of characters) {
    cells += cellsOf(character);
    if (cells > width) break;
    text += character;
  }
  return text;
}

function cellsOf(character: string): 0 | 1 | 2 {
  // Latin letters, lines and blocks, without the price of the properties below.
  if (/[\x20-\u02ff\u2500-\u259f]/.test(character)) return 1;
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

const combining = /^[\p{Mn}\p{Me}]$/u;

/**
 * East Asian Width W and F in blocks, and what is shown as a picture. @see Unicode Standard Annex
 * 11
 */
const wide =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}])$/u;

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
