import type { Span } from '@spoor/core';
import { reportFault } from '@spoor/instrumentation';

/** What pg and Node put on errors. `detail`, `where`, `hint` and `internalQuery` hold values and are never read. */
interface PgError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly routine?: unknown;
}

const maxStackChars = 8192;

/** Marks the span and logs the error with what of its message cannot be a value of the user's. */
export function recordPgError(span: Span, error: unknown): void {
  span.setTag('error', true);
  if (!span.isWritable()) return;
  try {
    const type = codeOf(error as PgError | null | undefined);
    if (type !== undefined) span.setTag('error.type', type);
    span.log(errorFields(error, type));
  } catch (fault) {
    reportFault('pg', fault);
  }
}

function errorFields(error: unknown, code: string | undefined): Record<string, string> {
  if (!(error instanceof Error)) return { event: 'error', 'error.kind': typeof error };
  const kind = error.name === 'error' ? 'DatabaseError' : error.name;
  const message = safeMessage(error, code);
  return { event: 'error', 'error.kind': kind, message, stack: stackOf(error) };
}

/** The SQLSTATE of the server, or Node's code of a failed connection. */
function codeOf(error: PgError | null | undefined): string | undefined {
  const code = error?.code;
  return typeof code === 'string' && /^[A-Z0-9_]{3,40}$/.test(code) ? code : undefined;
}

/**
 * The server quotes what it was given: everything between the first and the last quote is left out, and every number. What
 * PL/pgSQL raises is the user's own text, and what is not in English quotes in ways that are not known here: only the code.
 */
function safeMessage(error: PgError, code: string | undefined): string {
  const { message } = error;
  const fallback = code ?? 'unknown';
  if (typeof message !== 'string' || message === '') return fallback;
  if (typeof error.syscall === 'string') return message;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything in ASCII
  const isKnown = /^[\x00-\x7f]*$/.test(message) && error.routine !== 'exec_stmt_raise';
  if (!isKnown) return fallback;
  const first = message.search(/["'`]/);
  const last = Math.max(...['"', "'", '`'].map((quote) => message.lastIndexOf(quote)));
  const unquoted = first === -1 ? message : `${message.slice(0, first)}…${message.slice(last + 1)}`;
  const text = unquoted.replace(/\d+/g, '?');
  return code === undefined ? text : `${text} (${code})`;
}

/** The places alone: the first line of a stack is the message. */
function stackOf({ message, stack }: Error): string {
  const start = typeof stack === 'string' ? stack.indexOf(message) : -1;
  if (start === -1) return '';
  const lines = stack!.slice(start + message.length).split('\n');
  const places = lines.filter((line) => line.startsWith('    at '));
  return places.join('\n').slice(0, maxStackChars);
}
