import type { Span } from '@spoor/core';

/** The value of a header of a request or response, by its name in lower case. */
export type HeaderReader = (name: string) => string | undefined;

/**
 * The headers that carry the span. None where the user has written a context himself; of the baggage, what he has not.
 */
export function propagationHeaders(span: Span, headerOf: HeaderReader): Record<string, string> {
  const headers: Record<string, string> = {};
  const tracer = span.tracer();
  tracer.inject(span, 'http_headers', headers);
  for (const name in headers) {
    if (headerOf(name.toLowerCase()) === undefined) continue;
    if (!tracer.isBaggageHeader(name)) return {};
    delete headers[name];
  }
  return headers;
}

/** A signature covers the request as it was signed: some services refuse it with a header more. */
export function isSignedForAws(path: string, headerOf: HeaderReader): boolean {
  return (
    headerOf('authorization')?.startsWith('AWS4-HMAC-SHA256') === true ||
    /[?&]x-amz-signature=/i.test(path)
  );
}
