import type { HeaderReader, HttpTarget } from '@spoor/instrumentation';

/** What undici publishes of a request; the same in every version from 6 on, and in the copy inside Node. */
export interface UndiciRequest {
  readonly method: string;
  readonly origin: string | URL;
  readonly path: string;
  /** Name, value, name, value; a value may be a list. */
  readonly headers: readonly unknown[];
  addHeader(name: string, value: string): unknown;
}

/** What undici publishes of a response. */
export interface UndiciResponse {
  readonly statusCode: number;
  readonly statusText: string;
  /** Name, value, name, value, as bytes. */
  readonly headers: readonly unknown[];
}

/** The inside of a request that changes the protocol of its connection: nothing is published of the answer. */
export interface UndiciUpgrade {
  readonly upgrade: string | null;
  /** Undici 6 and 7, and the copies inside Node 20 to 24. */
  onUpgrade?(statusCode: number | null, headers: unknown, ...rest: unknown[]): unknown;
  /** Undici 8, and the copy inside Node 26. */
  onRequestUpgrade?(statusCode: number | null, headers: unknown, ...rest: unknown[]): unknown;
}

export function targetOf({ method, origin, path }: UndiciRequest): HttpTarget {
  const { protocol, hostname, port } = new URL(origin);
  return {
    method: method.toUpperCase(),
    protocol,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    path,
  };
}

export function headerReader(headers: readonly unknown[]): HeaderReader {
  return (name) => {
    for (let i = 0; i + 1 < headers.length; i += 2) {
      if (String(headers[i]).toLowerCase() === name) return String(headers[i + 1]);
    }
    return undefined;
  };
}
