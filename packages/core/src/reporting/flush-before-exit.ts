interface Flushable {
  flush(): Promise<void>;
  flushNow(): void;
}

const open = new Set<Flushable>();
/** Those that were flushed when the process ran out of work. */
const flushed = new WeakSet<Flushable>();

/**
 * Flushes `reporter` when the process runs out of work, and when it exits, so that a short program loses no span even if it
 * never calls `close()`. One listener for all reporters. Returns a function that ends this.
 */
export function flushBeforeExit(reporter: Flushable): () => void {
  if (open.size === 0) process.on('beforeExit', flushAll).on('exit', flushAllNow);
  open.add(reporter);
  return () => {
    open.delete(reporter);
    if (open.size === 0) process.off('beforeExit', flushAll).off('exit', flushAllNow);
  };
}

/** Once per reporter: a backend that never answers must not bring the event, and us, back for ever. */
function flushAll(): void {
  for (const reporter of open) {
    if (flushed.has(reporter)) continue;
    flushed.add(reporter);
    void reporter.flush();
  }
}

/** After `process.exit()` and after an exception that nobody caught. */
function flushAllNow(): void {
  for (const reporter of open) reporter.flushNow();
}
