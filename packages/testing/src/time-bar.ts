/**
 * A bar within a row of cells. Blocks grow from the left only, so one that grows from the right is
 * drawn inverse.
 */
export interface TimeBar {
  /** Empty cells before it. */
  indent: number;
  /**
   * The first cell, when the bar starts inside it; to be shown with foreground and background
   * swapped.
   */
  inverseHead: string;
  /** For output that cannot swap them: what comes nearest to `inverseHead`. */
  plainHead: string;
  body: string;
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const;

/**
 * Draws when something ran, to an eighth of a cell, never shorter than that.
 *
 * @param start share of the row before it, from 0 to 1
 * @param end share of the row up to its end, from 0 to 1
 */
export function timeBar(start: number, end: number, cells: number): TimeBar {
  const first = Math.min(Math.round(start * cells * 8), cells * 8 - 1);
  const last = Math.min(Math.max(Math.round(end * cells * 8), first + 1), cells * 8);
  const indent = Math.floor(first / 8);
  const before = first % 8;
  const length = last - first;
  if (before === 0) return bar(indent, 0, repeat(length));
  if (before + length > 8) return bar(indent, 8 - before, repeat(length - (8 - before)));
  // Within one cell it can only touch one of the edges: the nearer one.
  const after = 8 - before - length;
  return before <= after ? bar(indent, 0, repeat(length)) : bar(indent, length, '');
}

function repeat(length: number): string {
  return '█'.repeat(Math.floor(length / 8)) + eighths[length % 8];
}

/**
 * @param headEighths how much of the first cell is filled, from its right edge; 0 for no such cell
 */
function bar(indent: number, headEighths: number, body: string): TimeBar {
  if (headEighths === 0) return { indent, inverseHead: '', plainHead: '', body };
  const plainHead = headEighths > 5 ? '█' : headEighths > 2 ? '▐' : '▕';
  return { indent, inverseHead: eighths[8 - headEighths] ?? '', plainHead, body };
}
