/** An in-memory reporter, whoever made it. */
export interface SpanSource<Span> {
  readonly spans: readonly Span[];
  report(span: never): void;
}

/** Resolves with all spans once there are so many. Rejects after 5 seconds, with the names that came instead. */
export type FinishedSpans<Span> = (count: number) => Promise<readonly Span[]>;

const timeoutMs = 5000;

/** Lets a test wait for the spans of a reporter instead of asking again and again. */
export function awaitSpans<Span extends { operationName: string }>(
  reporter: SpanSource<Span>,
): FinishedSpans<Span> {
  const waiting = new Set<() => void>();
  const { report } = reporter;
  reporter.report = function reportAndWake(span): void {
    report.call(reporter, span);
    for (const look of waiting) look();
  };
  return (count) =>
    new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        waiting.delete(look);
        const names = reporter.spans.map(({ operationName }) => operationName);
        reject(new Error(`waited for ${count} spans, got ${JSON.stringify(names)}`));
      }, timeoutMs);
      const look = (): void => {
        if (reporter.spans.length < count) return;
        clearTimeout(deadline);
        waiting.delete(look);
        resolve(reporter.spans);
      };
      waiting.add(look);
      look();
    });
}
