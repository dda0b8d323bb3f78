import type { CollectedSpan } from './collected.js';
import { count } from './display-text.js';

/** Which trace to wait for. All that is given must hold. */
export interface TraceMatch {
  /** Hex in either case; leading zeros may be left out. */
  traceId?: string | undefined;
  /** At least so many spans. */
  spanCount?: number | undefined;
  /** Each of these services has a span in it. */
  services?: readonly string[] | undefined;
  /** Each of these operation names occurs in it. */
  operationNames?: readonly string[] | undefined;
}

/** Says whether a trace is the one, and complete. Gets its spans in order of start time. */
export type TracePredicate = (spans: readonly CollectedSpan[]) => boolean;

/** Splits spans by trace, in order of start time; so are the spans of each trace. */
export function groupTraces(spans: Iterable<CollectedSpan>): CollectedSpan[][] {
  const traces = new Map<string, CollectedSpan[]>();
  for (const span of sortByStart(spans)) {
    const trace = traces.get(span.traceId);
    if (trace === undefined) traces.set(span.traceId, [span]);
    else trace.push(span);
  }
  return [...traces.values()];
}

/** A copy in order of start time; what started together stays in the order given. */
export function sortByStart(spans: Iterable<CollectedSpan>): CollectedSpan[] {
  return [...spans].sort((a, b) => a.startTimeUs - b.startTimeUs);
}

/** Turns a match into a predicate; a predicate stays as it is. */
export function toPredicate(match: TraceMatch | TracePredicate): TracePredicate {
  if (typeof match === 'function') return match;
  const traceId = match.traceId === undefined ? undefined : significantDigits(match.traceId);
  const { spanCount = 1, services = [], operationNames = [] } = match;
  return (spans) =>
    spans.length >= spanCount &&
    (traceId === undefined || spans.some((span) => significantDigits(span.traceId) === traceId)) &&
    services.every((service) => spans.some((span) => span.serviceName === service)) &&
    operationNames.every((name) => spans.some((span) => span.operationName === name));
}

/** What was asked for, in words for a message. */
export function describeMatch(match: TraceMatch | TracePredicate): string {
  if (typeof match === 'function') return 'a trace that satisfies the predicate';
  const { traceId, spanCount, services, operationNames } = match;
  const wishes = [
    spanCount !== undefined && `at least ${count(spanCount, 'span')}`,
    services !== undefined && `the services ${services.join(', ')}`,
    operationNames !== undefined && `the operations ${operationNames.join(', ')}`,
  ].filter((wish) => wish !== false);
  const which = traceId === undefined ? 'a trace' : `trace ${traceId}`;
  return wishes.length === 0 ? which : `${which} with ${wishes.join(' and ')}`;
}

function significantDigits(traceId: string): string {
  return traceId.toLowerCase().replace(/^0+/, '');
}
