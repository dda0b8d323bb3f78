/** Whose rules of quoting and of comments hold. */
export type SqlDialect = 'postgresql' | 'mysql';

/** Where the literal or name that begins at `at` is over: the quote is its own escape. Undefined when it never is. */
export function endOfQuoted(text: string, at: number, hasBackslashes: boolean): number | undefined {
  const quote = text[at];
  for (let i = at + 1; i < text.length; i++) {
    const char = text[i];
    if (char === '\\' && hasBackslashes) i++;
    else if (char === quote && text[i + 1] === quote) i++;
    else if (char === quote) return i + 1;
  }
  return undefined;
}

/** Where the comment that begins at `at` is over; `at` when there is none. */
export function endOfComment(text: string, at: number, dialect: SqlDialect): number {
  const char = text[at];
  const next = text[at + 1];
  if (char === '/' && next === '*') return endOfBlock(text, at, dialect === 'postgresql');
  if (char === '#' && dialect === 'mysql') return endOfLine(text, at);
  if (char !== '-' || next !== '-') return at;
  const isComment = dialect === 'postgresql' || isSpace(text[at + 2] ?? ' ');
  return isComment ? endOfLine(text, at) : at;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

function endOfBlock(text: string, at: number, isNesting: boolean): number {
  let depth = 1;
  for (let i = at + 2; i < text.length; i++) {
    if (text[i] === '*' && text[i + 1] === '/') {
      depth--;
      i++;
      if (depth === 0) return i + 1;
    } else if (isNesting && text[i] === '/' && text[i + 1] === '*') {
      depth++;
      i++;
    }
  }
  return text.length;
}

/** Where the name that begins at `at` is over, at the latest at `limit`. */
export function endOfWord(
  text: string,
  at: number,
  limit: number = text.length,
  hasDollars = true,
): number {
  let end = at;
  while (end < limit && end < text.length && isWordPart(text[end]!, hasDollars)) end++;
  return end;
}

/** Where the number that begins at `at` is over: `12`, `1.5e-3`, `0xff`, `1_000`, and what is glued to it. */
export function endOfNumber(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end++) {
    const char = text[end]!;
    if (isWordPart(char, false) || char === '.') continue;
    const isExponent = (char === '-' || char === '+') && 'eE'.includes(text[end - 1]!);
    if (!isExponent || !isDigit(text[end + 1] ?? '')) break;
  }
  return end;
}

export function isSpace(char: string): boolean {
  return char === ' ' || (char >= '\t' && char <= '\r');
}

export function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char !== '';
}

export function isWordStart(char: string): boolean {
  return (
    (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_' || char > '\x7f'
  );
}

function isWordPart(char: string, hasDollars: boolean): boolean {
  return isWordStart(char) || isDigit(char) || (hasDollars && char === '$');
}
