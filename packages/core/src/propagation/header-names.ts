import {
  BAGGAGE_HEADER_PREFIX,
  DEBUG_ID_HEADER,
  JAEGER_BAGGAGE_HEADER,
  TRACE_CONTEXT_HEADER,
} from '../constants.js';

/** What the headers of Jaeger are called, under the keys of jaeger-client-go. Names are case-insensitive. */
export interface HeaderNames {
  /** Carries ids and flags. @default 'uber-trace-id' */
  readonly traceContextHeaderName?: string | undefined;
  /** In front of the key of each baggage item. @default 'uberctx-' */
  readonly traceBaggageHeaderPrefix?: string | undefined;
  /** Asks for a trace by hand. @default 'jaeger-debug-id' */
  readonly jaegerDebugHeader?: string | undefined;
  /** Baggage of callers that have no trace: `key=value, key=value`. @default 'jaeger-baggage' */
  readonly jaegerBaggageHeader?: string | undefined;
}

/** Every name, in lower case. */
export function resolveHeaderNames(names: HeaderNames): {
  readonly [Name in keyof HeaderNames]-?: string;
} {
  return {
    traceContextHeaderName: (names.traceContextHeaderName ?? TRACE_CONTEXT_HEADER).toLowerCase(),
    traceBaggageHeaderPrefix: (
      names.traceBaggageHeaderPrefix ?? BAGGAGE_HEADER_PREFIX
    ).toLowerCase(),
    jaegerDebugHeader: (names.jaegerDebugHeader ?? DEBUG_ID_HEADER).toLowerCase(),
    jaegerBaggageHeader: (names.jaegerBaggageHeader ?? JAEGER_BAGGAGE_HEADER).toLowerCase(),
  };
}
