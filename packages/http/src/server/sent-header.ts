import type { ServerResponse } from 'node:http';

/**
 * The value of a response header, as text. Headers that were given to `writeHead` alone Node keeps only in the text that
 * it sends.
 */
export function sentHeader(response: ServerResponse, lowerCaseName: string): string | undefined {
  const value = response.getHeader(lowerCaseName);
  if (value !== undefined) return String(value);
  const { _header: head } = response as { _header?: unknown };
  if (typeof head !== 'string') return undefined;
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).toLowerCase() === lowerCaseName) return line.slice(colon + 1).trim();
  }
  return undefined;
}
