import {
  activeSpan,
  globalTracer,
  type Span,
  type StartSpanOptions,
  type Tracer,
} from '@spoor/core';
import { isUntraced } from '@spoor/core/internal';

/** Where a client finds the span that its own goes below. */
export type ParentExtractor = () => Span | undefined;

let extractParent: ParentExtractor = activeSpan;

/**
 * Replaces how every instrumentation finds the parent of its spans, for frameworks that carry a span by themselves;
 * `undefined` puts the active span back.
 */
export function setParentExtractor(extractor: ParentExtractor | undefined): void {
  extractParent = extractor ?? activeSpan;
}

/** The span that a client's call, or a log record, belongs to. */
export function parentSpan(): Span | undefined {
  return extractParent();
}

/** What decides whether and where a client's call has a span. */
export interface ChildSpanSettings {
  /** @default the global tracer, looked up for every call */
  readonly tracer?: Tracer | undefined;
  /** No span where no span is active. */
  readonly requireActiveTrace?: boolean | undefined;
}

/**
 * Starts a span below the active one. Undefined where there is no tracer, or no active span and one is required, or where
 * Spoor itself sends: then the call is to go on without.
 *
 * @param startTime for one that is known late to deserve a span; milliseconds since the epoch
 */
export function startChildSpan(
  name: string,
  { tracer, requireActiveTrace }: ChildSpanSettings,
  tags?: StartSpanOptions['tags'],
  startTime?: number,
): Span | undefined {
  const parent = extractParent();
  if (parent === undefined ? requireActiveTrace === true : isUntraced(parent)) return undefined;
  const chosen = tracer ?? globalTracer() ?? parent?.tracer();
  return chosen?.startSpan(name, { childOf: parent, tags, startTime, ignoreActiveSpan: true });
}
