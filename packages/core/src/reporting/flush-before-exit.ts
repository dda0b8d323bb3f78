interface Flushable {
  flush(): Promise<void>;
}

const open = new Set<Flushable>();

/**
 * Flushes `reporter` when the process runs out of work, so that a short program loses no span even if it never calls
 * `close()`. One listener for all reporters. Returns a function that ends this.
 */
export function flushBeforeExit(reporter: Flushable): () => void {
  if (open.size === 0) process.on('beforeExit', flushAll);
  open.add(reporter);
  return () => {
    open.delete(reporter);
    if (open.size === 0) process.off('beforeExit', flushAll);
  };
}

/** Once per reporter: a backend that never answers must not bring the event, and us, back for ever. */
function flushAll(): void {
  for (const reporter of open) {
    open.delete(reporter);
    void reporter.flush();
  }
}
