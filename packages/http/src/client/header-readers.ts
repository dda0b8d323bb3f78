import type { ClientRequest, IncomingMessage } from 'node:http';
import type { HeaderReader } from '@spoor/instrumentation';

/** Reads the headers of a request: those that were set, or the list that was given instead, which Node sends as it is. */
export function requestHeaderReader(request: ClientRequest, stored: unknown): HeaderReader {
  if (!Array.isArray(stored)) return (name) => textOf(request.getHeader(name));
  const pairs = Array.isArray(stored[0]) ? (stored as unknown[][]) : pairsOf(stored);
  return (name) => textOf(pairs.find(([key]) => String(key).toLowerCase() === name)?.[1]);
}

export function responseHeaderReader(response: IncomingMessage): HeaderReader {
  return (name) => textOf(response.headers[name]);
}

function pairsOf(flat: readonly unknown[]): unknown[][] {
  return flat.flatMap((key, i) => (i % 2 === 0 ? [[key, flat[i + 1]]] : []));
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}
