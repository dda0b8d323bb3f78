import { SqlOutput } from './sql-output.js';
import {
  endOfComment,
  endOfNumber,
  endOfQuoted,
  endOfWord,
  isDigit,
  isSpace,
  isWordStart,
  type SqlDialect,
} from './sql-tokens.js';

/** Options of {@link sanitiseSql}. */
export interface SanitiseOptions {
  /** What quotes what: in MySQL double quotes are strings, in PostgreSQL names. */
  readonly dialect: SqlDialect;
}

const maxCached = 500;
const maxCachedChars = 16_384;
const caches: Record<SqlDialect, Map<string, string>> = { postgresql: new Map(), mysql: new Map() };

/**
 * The statement without what may be a secret: every literal is `?`, comments are gone, white space is folded, `IN (1, 2)` is
 * `IN (?)`, of several rows of `VALUES` there is one, and what is longer than 1024 bytes ends in `…`. Placeholders (`$1`, `?`,
 * `:name`) stay.
 *
 * Takes any text, in linear time. Assumes the servers' default settings: with `standard_conforming_strings` off or
 * `NO_BACKSLASH_ESCAPES` on, a backslash before a quote ends a literal elsewhere than the server does.
 */
export function sanitiseSql(text: string, { dialect }: SanitiseOptions): string {
  const cache = caches[dialect];
  const known = cache.get(text);
  if (known !== undefined) {
    // The order of insertion is the order of use: the first is what was not used for longest.
    cache.delete(text);
    cache.set(text, known);
    return known;
  }
  const sanitised = scan(text, dialect);
  if (text.length <= maxCachedChars) {
    if (cache.size >= maxCached) cache.delete(cache.keys().next().value!);
    cache.set(text, sanitised);
  }
  return sanitised;
}

function scan(text: string, dialect: SqlDialect): string {
  const output = new SqlOutput();
  let at = 0;
  while (at < text.length && !output.isFull) {
    const char = text[at]!;
    const commentEnd = endOfComment(text, at, dialect);
    if (isSpace(char) || commentEnd !== at) {
      output.space();
      at = Math.max(commentEnd, at + 1);
      continue;
    }
    at = readToken(text, at, dialect, output);
  }
  return output.finish(at < text.length);
}

/** Writes one token and returns where it ends. */
function readToken(text: string, at: number, dialect: SqlDialect, output: SqlOutput): number {
  const char = text[at]!;
  const next = text[at + 1] ?? '';
  if (char === "'" || (char === '"' && dialect === 'mysql')) {
    output.value('?');
    return endOfQuoted(text, at, dialect === 'mysql') ?? text.length;
  }
  if (char === '"' || char === '`') return readQuotedName(text, at, output);
  if (char === '$' && dialect === 'postgresql') return readDollar(text, at, output);
  if (isDigit(char) || (char === '.' && isDigit(next) && !output.endsInWord)) {
    output.value('?');
    return endOfNumber(text, at);
  }
  if (char === '?') {
    output.value('?');
    return at + 1;
  }
  if (char === ':' && isWordStart(next) && text[at - 1] !== ':') {
    const end = endOfWord(text, at + 1);
    output.value(text.slice(at, end));
    return end;
  }
  if (isWordStart(char)) return readWord(text, at, dialect, output);
  output.sign(char);
  return at + 1;
}

function readWord(text: string, at: number, dialect: SqlDialect, output: SqlOutput): number {
  const end = endOfWord(text, at);
  const word = text.slice(at, end);
  const quote = text[end] === '&' ? end + 1 : end;
  const isLiteral = text[quote] === "'" && isLiteralPrefix(word, quote !== end);
  if (!isLiteral) {
    output.word(word);
    return end;
  }
  const hasBackslashes = dialect === 'mysql' || word === 'E' || word === 'e';
  output.value('?');
  return endOfQuoted(text, quote, hasBackslashes) ?? text.length;
}

/** `E'…'`, `B'…'`, `X'…'`, `N'…'`, `U&'…'` */
function isLiteralPrefix(word: string, hasAmpersand: boolean): boolean {
  return word.length === 1 && (hasAmpersand ? 'Uu' : 'EeBbXxNn').includes(word);
}

/** A name without an end may hide anything. */
function readQuotedName(text: string, at: number, output: SqlOutput): number {
  const end = endOfQuoted(text, at, false);
  if (end === undefined) {
    output.value('?');
    return text.length;
  }
  output.word(text.slice(at, end));
  return end;
}

const maxTagChars = 64;

/** `$1`, or a literal such as `$$…$$` and `$body$…$body$`. */
function readDollar(text: string, at: number, output: SqlOutput): number {
  let end = at + 1;
  if (isDigit(text[end] ?? '')) {
    while (isDigit(text[end] ?? '')) end++;
    output.value(text.slice(at, end));
    return end;
  }
  if (isWordStart(text[end] ?? '')) end = endOfWord(text, end, at + maxTagChars, false);
  if (end === at + maxTagChars) {
    output.value('?');
    return text.length;
  }
  if (text[end] !== '$') {
    output.sign('$');
    return at + 1;
  }
  const tag = text.slice(at, end + 1);
  const close = text.indexOf(tag, end + 1);
  output.value('?');
  return close === -1 ? text.length : close + tag.length;
}
