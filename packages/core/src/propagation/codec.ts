import type { Baggage, Ids, W3cHeaders } from '../span-context.js';
import type { BaggageItems } from './baggage-items.js';
import type { TraceState } from './trace-state.js';

/** What is written to a carrier. */
export type Injectable = Ids & {
  readonly baggage: Baggage | undefined;
  readonly w3c: W3cHeaders | undefined;
};

/** Header names in lower case. */
export type Headers = Readonly<Record<string, unknown>>;

/** One header format: the ids of a span, and how baggage travels beside them. */
export interface Codec {
  readonly name: string;
  /** @default none: the format carries no baggage */
  readonly baggage?: BaggageCodec | undefined;
  /** Adds the headers of this format to `carrier`. */
  inject(context: Injectable, carrier: Record<string, unknown>): void;
  /**
   * `undefined` where there is no header of this format, `'malformed'` where there is one that cannot be read. Ids of zeros
   * where the caller says no more than whether the trace is to be kept: that is in their flags.
   */
  extract(headers: Headers): Ids | 'malformed' | undefined;
  /** For W3C alone: `tracestate`, where it belongs to the trace of `ids`, whichever format those were read from. */
  extractTraceState?(headers: Headers, ids: Ids): TraceState | undefined;
}

/** Headers for baggage. Several formats may share one. */
export interface BaggageCodec {
  /** The headers that {@link extract} looks for, in lower case: whole names, or how they start. */
  readonly headers: readonly string[];
  /** Adds the items to `carrier`, and leaves out those that its headers cannot carry. */
  inject(context: Injectable, carrier: Record<string, unknown>, isHttp: boolean): void;
  /** Adds what is there to `items`; what cannot be read is left out. */
  extract(headers: Headers, items: BaggageItems, isHttp: boolean): void;
}
