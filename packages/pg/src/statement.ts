import type { Span } from '@spoor/core';

/** What a statement can begin with. Anything else may be a value in a text that is no SQL. */
const verbs: ReadonlySet<string> = new Set(
  (
    'ABORT ALTER ANALYZE BEGIN CALL CHECKPOINT CLOSE CLUSTER COMMENT COMMIT COPY CREATE DEALLOCATE DECLARE DELETE DISCARD ' +
    'DO DROP END EXECUTE EXPLAIN FETCH GRANT IMPORT INSERT LISTEN LOAD LOCK MERGE MOVE NOTIFY PREPARE REASSIGN REFRESH ' +
    'REINDEX RELEASE RESET REVOKE ROLLBACK SAVEPOINT SECURITY SELECT SET SHOW START TABLE TRUNCATE UNLISTEN UPDATE VACUUM ' +
    'VALUES WITH'
  ).split(' '),
);
const maxVerbChars = 12;

/** `pg:SELECT`, or `pg:query` where the text begins with no word of SQL. */
export function spanName(text: string | undefined): string {
  if (text === undefined) return 'pg:query';
  const start = startOfVerb(text);
  const word = /^[A-Za-z]*/.exec(text.slice(start, start + maxVerbChars))?.[0].toUpperCase() ?? '';
  return verbs.has(word) ? `pg:${word}` : 'pg:query';
}

/** Behind white space, comments and parentheses. */
function startOfVerb(text: string): number {
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (char <= ' ' || char === '(' || char === ';') at++;
    else if (text.startsWith('--', at)) at = endOf(text, '\n', at + 2);
    else if (text.startsWith('/*', at)) at = endOf(text, '*/', at + 2);
    else break;
  }
  return at;
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found + mark.length;
}

/** The text with the span's context in a comment, or undefined where there may be one already. */
export function withComment(text: string, span: Span): string | undefined {
  if (text.includes('--') || text.includes('/*')) return undefined;
  const context = span.context();
  const traceId = context.toTraceId().padStart(32, '0');
  const fields = { traceparent: `00-${traceId}-${context.toSpanId()}-01` };
  const pairs = Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${encodeURIComponent(key)}='${encodeURIComponent(value)}'`);
  return `${text} /*${pairs.join(',')}*/`;
}
