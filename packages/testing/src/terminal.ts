/** The part of a stream that says what it can show; `process.stdout` is one. */
export interface OutputStream {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  hasColors?(): boolean;
}

/** How {@link formatTrace} prints for a stream. */
export interface TerminalOptions {
  width: number;
  colors: boolean;
}

const defaultWidth = 100;

/**
 * Width and colours for a stream: `FORCE_COLOR` decides when it is set; else colours go to
 * terminals only, and not when `NO_COLOR` is set or `TERM` is `dumb`.
 */
export function terminalOptions(stream: OutputStream): TerminalOptions {
  // A pseudo terminal that nobody has sized says 0.
  return { width: stream.columns || defaultWidth, colors: wantsColors(stream) };
}

function wantsColors(stream: OutputStream): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = process.env;
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  if (stream.isTTY !== true || term === 'dumb') return false;
  return stream.hasColors?.() ?? true;
}

const codes = {
  bold: '1',
  dim: '2',
  red: '31',
  boldRed: '1;31',
  yellow: '33',
  inverse: '7',
} as const;

/** A named style, or the parameters of an escape code as {@link serviceStyles} gives them. */
export type Style = keyof typeof codes | `${number}`;

/** Gives a text a style; every text that it returns ends with the style off. */
export type Paint = (text: string, ...styles: Style[]) => string;

/** Paints with escape codes of the 16 colours that every theme defines, or not at all. */
export function createPaint(options: { colors: boolean }): Paint {
  if (!options.colors) return (text) => text;
  return (text, ...styles) => {
    if (text === '') return '';
    const parameters = styles.map((style) =>
      style in codes ? codes[style as keyof typeof codes] : style,
    );
    return `\x1b[${parameters.join(';')}m${text}\x1b[0m`;
  };
}

/** Not red, which means an error; and no two that are hard to tell apart. */
const firstColours: readonly Style[] = ['36', '32', '35', '94', '33'];
/** For traces of more services: paler or darker than one of the first. */
const spareColours: readonly Style[] = ['96', '92', '95', '34', '93'];

/**
 * A colour per service: unlike the others while the colours last, and where it can be the same in
 * every trace.
 */
export function serviceStyles(serviceNames: Iterable<string>): Map<string, Style> {
  const styles = new Map<string, Style>();
  for (const name of [...new Set(serviceNames)].sort()) {
    const preferred = hash(name) % firstColours.length;
    const inOrder = [
      ...firstColours.slice(preferred),
      ...firstColours.slice(0, preferred),
      ...spareColours,
    ];
    const taken = new Set(styles.values());
    const style = inOrder.find((colour) => !taken.has(colour)) ?? inOrder[0];
    if (style !== undefined) styles.set(name, style);
  }
  return styles;
}

function hash(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i++) value = (Math.imul(value, 31) + text.charCodeAt(i)) >>> 0;
  return value;
}
