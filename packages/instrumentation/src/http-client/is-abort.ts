/** `AbortError` of Node, undici and browsers; `CanceledError` of axios. */
const abortNames = new Set<unknown>(['AbortError', 'CanceledError']);

/** Whether it says that the caller gave up, of its own will: not that a time limit did. */
export function isAbort(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: { name?: unknown } };
  return abortNames.has(name) && cause?.name !== 'TimeoutError';
}
