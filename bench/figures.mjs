/** The middle one; of two in the middle their mean. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** `median (least, greatest)`: the spread is half of the message. */
export function spread(numbers, digits = 0) {
  const [middle, least, greatest] = [median(numbers), Math.min(...numbers), Math.max(...numbers)]
    // Without the sign of what rounds to nothing.
    .map((number) => number.toFixed(digits).replace(/^-(0(\.0*)?)$/, '$1'));
  return `${middle} (${least}, ${greatest})`;
}

/** A Markdown table that can be read in a terminal as well. */
export function printTable(head, rows) {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  const line = (cells) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  console.log(line(head));
  console.log(
    `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
  );
  for (const row of rows) console.log(line(row));
}
