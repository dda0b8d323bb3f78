/**
 * Finds out whether a request has one of some headers that most requests have not. Looking at a few letters of each name
 * is much cheaper than asking the headers object for every one of them.
 */
export class RareHeaders {
  /** By the code of the first letter, in lower case: one list for all letters takes half as long again per request. */
  readonly #byFirstLetter: (readonly string[] | undefined)[] = new Array(128).fill(undefined);

  /** @param starts names, or how they start, in lower case */
  constructor(starts: readonly string[]) {
    for (const start of starts) {
      const letter = start.charCodeAt(0) & 0x7f;
      this.#byFirstLetter[letter] = [...(this.#byFirstLetter[letter] ?? []), start];
    }
  }

  // Hot path: runs for every request. Measure before and after (bench/).
  /** @param rawHeaders as of `node:http`: names and values in turn */
  isIn(rawHeaders: readonly string[]): boolean {
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = rawHeaders[i]!;
      const starts = this.#byFirstLetter[(name.charCodeAt(0) | 0x20) & 0x7f];
      if (starts !== undefined && startsWithOneOf(name, starts)) return true;
    }
    return false;
  }
}

function startsWithOneOf(name: string, starts: readonly string[]): boolean {
  for (const start of starts) {
    const last = start.length - 1;
    // One letter tells `user-agent` from `uberctx-`, and `traceparent` from `tracestate`, without another string.
    if ((name.charCodeAt(last) | 0x20) !== (start.charCodeAt(last) | 0x20)) continue;
    if (name.toLowerCase().startsWith(start)) return true;
  }
  return false;
}
