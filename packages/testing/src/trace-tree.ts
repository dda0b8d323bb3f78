import type { CollectedSpan } from './collected.js';
import { sortByStart } from './traces.js';

/** One span in its place in the tree. */
export interface TraceRow {
  span: CollectedSpan;
  /** The span above it in the tree. */
  parent: CollectedSpan | undefined;
  /** The lines that lead to the span, such as `│  ├─ `. */
  guides: string;
  /** The lines that go on below it, of the same width or one step more. */
  guidesBelow: string;
  /** Why it stands at the top level although it has a parent. */
  note: 'parent not received' | 'parents form a cycle' | undefined;
}

interface PlacedSpan {
  span: CollectedSpan;
  parent: CollectedSpan | undefined;
  depth: number;
  isLast: boolean;
  hasChildren: boolean;
  note: TraceRow['note'];
}

/**
 * The spans of one trace in reading order: children below their parent, siblings by start time.
 * Every span comes exactly once, whatever the parents say.
 *
 * @param maxGuideCells beyond it, the guides of deep spans are narrowed, then cut on the left
 */
export function traceRows(spans: readonly CollectedSpan[], maxGuideCells: number): TraceRow[] {
  const placed = placeSpans(sortByStart(spans));
  const deepest = placed.reduce((depth, row) => Math.max(depth, row.depth), 0);
  // Narrow steps before the guides take all that they may: names need the room more.
  const step = deepest * 4 <= maxGuideCells ? 3 : 2;
  const maxLevels = Math.floor(maxGuideCells / step);
  /**
   * Per level, whether a sibling is still to come. Read in reading order, so it holds for the row
   * at hand.
   */
  const isOpen: boolean[] = [];
  return placed.map(({ span, parent, depth, isLast, hasChildren, note }) => {
    isOpen[depth] = !isLast;
    let above = '';
    for (let level = Math.max(1, depth - maxLevels + 1); level < depth; level++) {
      above += (isOpen[level] ? '│' : ' ').padEnd(step);
    }
    const fork = depth === 0 ? '' : `${isLast ? '└' : '├'}${'─'.repeat(step - 2)} `;
    const stem = depth === 0 ? '' : (isLast ? ' ' : '│').padEnd(step);
    return {
      span,
      parent,
      note,
      guides: above + fork,
      guidesBelow: above + stem + (hasChildren ? '│' : ' ').padEnd(step),
    };
  });
}

function placeSpans(spans: readonly CollectedSpan[]): PlacedSpan[] {
  const { children, orphans, roots } = linkSpans(spans);
  const placed: PlacedSpan[] = [];
  const seen = new Set<CollectedSpan>();

  // With a stack of its own: a chain of many thousand spans must not overflow ours.
  const place = (root: CollectedSpan, note: TraceRow['note']) => {
    const stack: Omit<PlacedSpan, 'hasChildren' | 'note'>[] = [
      { span: root, parent: undefined, depth: 0, isLast: true },
    ];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      seen.add(next.span);
      const below = (children.get(next.span) ?? []).filter((child) => !seen.has(child));
      placed.push({
        ...next,
        hasChildren: below.length > 0,
        note: next.depth === 0 ? note : undefined,
      });
      const parent = next.span;
      const depth = next.depth + 1;
      below.reverse().forEach((span, index) => {
        stack.push({ span, parent, depth, isLast: index === 0 });
      });
    }
  };

  for (const root of roots) place(root, orphans.has(root) ? 'parent not received' : undefined);
  // What no root leads to hangs on a cycle. The earliest is as good a beginning as any.
  for (const span of spans) if (!seen.has(span)) place(span, 'parents form a cycle');
  return placed;
}

function linkSpans(spans: readonly CollectedSpan[]) {
  const byId = new Map<string, CollectedSpan[]>();
  for (const span of spans) {
    const sameId = byId.get(span.spanId);
    if (sameId === undefined) byId.set(span.spanId, [span]);
    else sameId.push(span);
  }
  const children = new Map<CollectedSpan, CollectedSpan[]>();
  const roots: CollectedSpan[] = [];
  const orphans = new Set<CollectedSpan>();
  for (const span of spans) {
    const parentId = parentIdOf(span);
    const parent = parentId === '' ? undefined : findParent(span, byId.get(parentId) ?? []);
    if (parent === undefined) {
      roots.push(span);
      if (parentId !== '') orphans.add(span);
      continue;
    }
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [span]);
    else siblings.push(span);
  }
  return { children, orphans, roots };
}

/** Spans that follow from others may have a reference only. */
function parentIdOf(span: CollectedSpan): string {
  if (span.parentSpanId !== '') return span.parentSpanId;
  return span.references.find(({ traceId }) => traceId === span.traceId)?.spanId ?? '';
}

/**
 * With Zipkin's habit, the client and the server of a call share one id: the child's own service
 * comes first.
 */
function findParent(
  span: CollectedSpan,
  candidates: readonly CollectedSpan[],
): CollectedSpan | undefined {
  return candidates.find(({ serviceName }) => serviceName === span.serviceName) ?? candidates[0];
}
