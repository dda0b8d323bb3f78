import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { type Span, withSpan } from '@spoor/core';

/** Whether the client sends a body; an HTTP/2 stream knows it without any header. */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    return true;
  }
  // The version is what the client wrote, over HTTP/1 too; only HTTP/2 has streams.
  const { stream } = request as { stream?: Http2ServerRequest['stream'] };
  return stream !== undefined && !stream.endAfterHeaders;
}

/**
 * Makes the span active in the events of a body. They come from the socket, outside of what the middleware did: whoever
 * reads the body by hand would lose the span.
 */
export function emitBodyInSpan(request: IncomingMessage, span: Span): void {
  const { emit } = request;
  replace(request, 'emit', function emitInSpan(this: IncomingMessage, ...args: unknown[]) {
    if (this.listenerCount(args[0] as string) === 0) return Reflect.apply(emit, this, args);
    return withSpan(span, () => Reflect.apply(emit, this, args));
  });
}

/** Makes the span active where the response ends, and so for those who wait for its `finish`. */
export function endInSpan(response: ServerResponse, span: Span): void {
  const { end } = response;
  replace(response, 'end', function endInSpan(this: ServerResponse, ...args: unknown[]) {
    return withSpan(span, () => Reflect.apply(end, this, args));
  });
}

/** For one object, without a trace in the list of its properties. */
function replace(target: object, name: string, value: (...args: unknown[]) => unknown): void {
  Object.defineProperty(target, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}
