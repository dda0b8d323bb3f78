// For applications on node:http

// For framework packages: the life of a server span
export type { Span } from '@spoor/core';
export { offerSpan } from './offer-span.js';
export type {
  IgnoreRule,
  ResponseHeader,
  SemanticConventions,
  ServerOptions,
} from './server-options.js';
export { originalPath } from './server-tags.js';
export { type Framework, recordRequestError, ServerTracing, spanOf } from './server-tracing.js';
export { traceRequests } from './trace-requests.js';
