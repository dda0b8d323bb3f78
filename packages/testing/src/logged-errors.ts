import type { CollectedSpan, TagValue } from './collected.js';
import { cleanText } from './display-text.js';

/** What the log of an error says, in printable text. */
export interface LoggedError {
  headline: string;
  /** First line of the stack that is a place in the code, or empty. */
  place: string;
}

/**
 * @see OpenTracing semantic conventions, log fields: `event=error`, `error.kind`, `message`,
 * `stack`
 */
export function loggedErrors(span: CollectedSpan): LoggedError[] {
  return span.logs
    .filter(({ fields }) => fields.event === 'error')
    .map(({ fields }) => {
      const kind = fieldText(fields['error.kind']);
      const message = fieldText(fields.message ?? fields['error.object']);
      const stack = String(fields.stack ?? '').split('\n', 50);
      return {
        headline: [kind, message].filter((text) => text !== '').join(': ') || 'error',
        place: cleanText(stack.find((line) => /^\s*at /.test(line)) ?? '').trim(),
      };
    });
}

function fieldText(value: TagValue | undefined): string {
  return value === undefined ? '' : cleanText(String(value));
}
