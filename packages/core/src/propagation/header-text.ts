/** What a list in one header may take, in characters; members beyond it are not read. @see W3C Baggage 3.3.2 */
export const maxListChars = 8192;

/** The members of a comma-separated list, trimmed, as far as they are within {@link maxListChars}. */
export function listMembers(text: string): string[] {
  const end = text.length > maxListChars ? text.lastIndexOf(',', maxListChars) : text.length;
  return text
    .slice(0, Math.max(0, end))
    .split(',')
    .map((member) => member.trim());
}

/** What looks like an array may be of any length. */
const maxRepeats = 64;

/** The text of a header of which there may be several; they are one list then. @see RFC 9110 5.3 */
export function listText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value) || value.length > maxRepeats) return undefined;
  return value.every((one) => typeof one === 'string') ? value.join(',') : undefined;
}

/** @see RFC 9110 5.6.2, token */
export function isHeaderName(text: string): boolean {
  return /^[!#$%&'*+.^`|~\w-]+$/.test(text);
}

export function percentEncode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    // A lone surrogate is no text; what is left of the value still tells something.
    return encodeURIComponent(text.toWellFormed());
  }
}

/** Malformed escapes stay as they are, as in the Jaeger clients. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
