// For applications on node:http, and for framework packages
export type { Span } from '@spoor/core';
export type { HttpClientOptions, SemanticConventions, UrlRule } from '@spoor/instrumentation';
export { type HttpOptions, install, uninstall } from './install.js';
export { offerSpan } from './server/offer-span.js';
export { recordRequestError, spanOf } from './server/request-trace.js';
export type {
  IgnoreRule,
  ResponseHeader,
  ServerOptions,
} from './server/server-options.js';
export { originalPath } from './server/server-tags.js';
export { type Framework, ServerTracing } from './server/server-tracing.js';
export { traceRequests, traceUpgrades, type UpgradeListener } from './server/trace-requests.js';
