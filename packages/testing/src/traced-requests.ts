import type { FinishedSpans, SpanSource } from './await-spans.js';

/** What came of a request to a server that is traced. */
export interface TracedAnswer<Span> {
  readonly response: Response;
  readonly body: string;
  /** The span that finished last: the server's. */
  readonly span: Span;
}

/**
 * Makes a function that sends a request, reads the answer, and waits for its span. For requests that have one span each, one
 * after the other.
 */
export function tracedRequests<Span>(
  url: string,
  reporter: SpanSource<Span>,
  finished: FinishedSpans<Span>,
): (path: string, init?: RequestInit) => Promise<TracedAnswer<Span>> {
  return async (path, init) => {
    const count = reporter.spans.length + 1;
    const response = await fetch(url + path, init);
    const body = await response.text();
    await finished(count);
    return { response, body, span: reporter.spans.at(-1)! };
  };
}
