import { activeSpan } from './active-span.js';
import type { SpanReference } from './finished-span.js';
import * as opentracing from './opentracing.js';
import { Span } from './span.js';
import { isValidIds, type Parent, SpanContext } from './span-context.js';

const SELF_REFERENCE = 'self';

/** What of the options of `startSpan` says where a span belongs. */
interface Links {
  readonly childOf?: unknown;
  readonly references?: unknown;
  readonly ignoreActiveSpan?: boolean | undefined;
  readonly newTrace?: boolean | undefined;
}

/**
 * For `startSpan(name, { references: [selfReference(context)] })`: the span is the one that `context` names. It has these ids,
 * this parent, these flags and this baggage; no sampler is asked. For ids that were made elsewhere, and for a span that goes
 * on in another process. Wins over every other parent, and is not reported as a reference.
 *
 * @see jaeger-client-go, SelfRef
 */
export function selfReference(
  context: opentracing.SpanContext | opentracing.Span,
): opentracing.Reference {
  return new opentracing.Reference(SELF_REFERENCE, context);
}

/** Spans and contexts of ours; those of other tracers, and no-op ones, are as good as none. */
export function spoorIds(value: unknown): Span | SpanContext | undefined {
  return value instanceof Span || value instanceof SpanContext ? value : undefined;
}

/** What {@link selfReference} was called with, if it was. */
export function selfOf(links: Links | null | undefined): Parent | undefined {
  const references = links?.references;
  if (!Array.isArray(references) || links?.newTrace === true) return undefined;
  for (const reference of references) {
    const ids = referencedIds(reference);
    if (ids !== undefined && reference.type() === SELF_REFERENCE && isValidIds(ids)) return ids;
  }
  return undefined;
}

/** The span or context under which a new span is started, if any. It may carry baggage alone, and belong to no trace. */
export function parentOf(links: Links | null | undefined): Parent | undefined {
  if (links !== undefined && links !== null) {
    if (links.newTrace === true) return undefined;
    const given = spoorIds(links.childOf);
    const parent = given?.isValid === true ? given : parentAmong(links.references, given);
    if (parent !== undefined || links.ignoreActiveSpan === true) return parent;
  }
  return activeSpan();
}

/** `bare` belongs to no trace, and is the parent only where no other is. */
function parentAmong(
  references: unknown,
  bare: Span | SpanContext | undefined,
): Span | SpanContext | undefined {
  if (!Array.isArray(references)) return bare;
  let followed: Span | SpanContext | undefined;
  for (const reference of references) {
    const ids = referencedIds(reference);
    if (ids === undefined) continue;
    const type = reference.type();
    if (!isValidIds(ids)) bare ??= ids;
    else if (type === opentracing.REFERENCE_CHILD_OF) return ids;
    else if (type === opentracing.REFERENCE_FOLLOWS_FROM) followed ??= ids;
  }
  return followed ?? bare;
}

/** What is reported of the references: those to spans of a trace. */
export function validReferences(references: unknown): SpanReference[] | undefined {
  if (!Array.isArray(references)) return undefined;
  const valid: SpanReference[] = [];
  for (const reference of references) {
    const context = referencedIds(reference);
    if (context === undefined || !isValidIds(context)) continue;
    const type = reference.type();
    if (type === opentracing.REFERENCE_CHILD_OF) valid.push({ type: 'child_of', context });
    else if (type === opentracing.REFERENCE_FOLLOWS_FROM) {
      valid.push({ type: 'follows_from', context });
    }
  }
  return valid;
}

/** JavaScript callers may put anything into the list. */
function referencedIds(
  reference: Partial<opentracing.Reference> | null | undefined,
): Span | SpanContext | undefined {
  return spoorIds(reference?.referencedContext?.());
}
