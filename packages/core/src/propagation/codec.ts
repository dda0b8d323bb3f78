import type { Baggage, Ids } from '../span-context.js';

/** What is written to a carrier. */
export type Injectable = Ids & { readonly baggage: Baggage | undefined };

/** Header names in lower case. */
export type Headers = Readonly<Record<string, unknown>>;

/**
 * One header format for the ids of a span. Baggage and the order of the formats are not its matter, see
 * `Propagation`.
 */
export interface Codec {
  readonly name: string;
  /** Adds the headers of this format to `carrier`. */
  inject(context: Ids, carrier: Record<string, unknown>): void;
  /** `undefined` where there is no header of this format, `'malformed'` where there is one that cannot be read. */
  extract(headers: Headers): Ids | 'malformed' | undefined;
  /** Asked where no format has found ids: under which name the caller wants a new trace to be kept. */
  extractDebugId?(headers: Headers, isHttp: boolean): string | undefined;
}
