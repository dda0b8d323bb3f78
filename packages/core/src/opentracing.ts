// By its files: the index of `opentracing` loads a mock tracer too, which would take every process 3 ms at its start.
import type * as opentracing from 'opentracing';
import binaryCarrier from 'opentracing/lib/binary_carrier.js';
import tags from 'opentracing/lib/ext/tags.js';
import reference from 'opentracing/lib/reference.js';

export type { SpanOptions } from 'opentracing';
export {
  FORMAT_BINARY,
  FORMAT_HTTP_HEADERS,
  FORMAT_TEXT_MAP,
  REFERENCE_CHILD_OF,
  REFERENCE_FOLLOWS_FROM,
} from 'opentracing/lib/constants.js';
export { childOf, followsFrom } from 'opentracing/lib/functions.js';
export { globalTracer, initGlobalTracer } from 'opentracing/lib/global_tracer.js';
export { Span } from 'opentracing/lib/span.js';
export { SpanContext } from 'opentracing/lib/span_context.js';
export { Tracer } from 'opentracing/lib/tracer.js';

/** The carrier of the format `binary`, as `opentracing` has it. */
export const BinaryCarrier: typeof opentracing.BinaryCarrier = binaryCarrier.default;
export type BinaryCarrier = opentracing.BinaryCarrier;
/** Of a span to another, with its kind, as `opentracing` has it; `childOf` and `followsFrom` make one. */
export const Reference: typeof opentracing.Reference = reference.default;
export type Reference = opentracing.Reference;
/** The names of the standard tags, as `opentracing` has them. */
export const Tags: typeof opentracing.Tags = tags;
