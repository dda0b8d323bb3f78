import type { Span } from '@spoor/core';

const maxStackChars = 8192;

/**
 * Marks the span with `error=true` and logs what was thrown, as {@link logError} does.
 */
export function recordError(span: Span, error: unknown): void {
  span.setTag('error', true);
  logError(span, error);
}

/**
 * Logs what was thrown: `event`, `error.kind`, `message` and `stack`. Takes anything that can be thrown and never throws
 * itself.
 *
 * @see OpenTracing semantic conventions, "Captured errors"
 */
export function logError(span: Span, error: unknown): void {
  if (!span.isWritable()) return;
  let fields: Record<string, string>;
  try {
    fields = errorFields(error);
  } catch {
    // An error object with throwing getters.
    fields = { event: 'error' };
  }
  span.log(fields);
}

/**
 * Logs a log record of an error on the span: `event` and `message`, and of an `Error` that it carries `error.kind` and `stack`.
 * Never throws.
 */
export function logErrorRecord(span: Span, message: unknown, error: unknown): void {
  try {
    if (!span.isSampled()) return;
    const fields = error instanceof Error ? errorFields(error) : { event: 'error' };
    span.log(typeof message === 'string' ? { ...fields, message } : fields);
  } catch {
    // An error object with throwing getters, or a span that is none of ours.
  }
}

function errorFields(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) {
    return { event: 'error', 'error.kind': typeof error, message: String(error) };
  }
  const fields: Record<string, string> = {
    event: 'error',
    'error.kind': error.name,
    message: error.message,
  };
  if (typeof error.stack === 'string') fields.stack = error.stack.slice(0, maxStackChars);
  return fields;
}
