// The counterpart of Python's opentracing_instrumentation

export { activeSpan, withoutSpan, withSpan } from '@spoor/core';
export {
  type ChildSpanSettings,
  type ParentExtractor,
  setParentExtractor,
  startChildSpan,
} from './child-span.js';
export {
  type ClientInterceptor,
  clearClientInterceptors,
  installClientInterceptors,
  type OutgoingRequest,
  runClientInterceptors,
} from './client-interceptors.js';
// For instrumentations of HTTP clients
export { HttpClientCall, type HttpResponse } from './http-client/http-client-call.js';
export { isAbort } from './http-client/is-abort.js';
export {
  type HttpClientOptions,
  type HttpClientSettings,
  readHttpClientOptions,
  type SemanticConventions,
} from './http-client/options.js';
export type { HeaderReader } from './http-client/propagation-headers.js';
export type { HttpTarget } from './http-client/target.js';
export type { UrlRule } from './http-client/url-rules.js';
export { installAllPatches, installPatches, uninstallAllPatches } from './install-patches.js';
// For instrumentations
export { installWhenLoaded, type LazyInstrumentation } from './install-when-loaded.js';
export {
  defineInstrumentation,
  type Instrumentation,
  type InstrumentationDefinition,
  type LibraryPatch,
  type Live,
  type ModuleOption,
  type SeenLibrary,
  type Undo,
} from './instrumentation.js';
// For instrumentations of loggers
export {
  type LogFieldNames,
  type LogFieldOptions,
  type LogFieldSettings,
  type LogFields,
  type LogOptions,
  type LogSettings,
  logFieldsOf,
  readLogFields,
  readLogOptions,
  spanOfRecord,
} from './log-fields.js';
export type { LoadedLibrary, ModuleFile } from './module-hook.js';
export { isListOfNames, listOf, lowerCase } from './option-lists.js';
export { logError, logErrorRecord, recordError } from './record-error.js';
export { redactPath } from './redact-url.js';
export { instrumentations, type Registered } from './registry.js';
export { reportFault } from './report-fault.js';
export {
  beforeHttpRequest,
  beforeRequest,
  type ClientRequest,
  type IncomingRequest,
} from './request-helpers.js';
export { type SanitiseOptions, sanitiseSql } from './sanitise-sql.js';
export type { SqlDialect } from './sql-tokens.js';
export {
  funcSpan,
  type TracedMethod,
  type TracedOptions,
  traced,
  tracedMethod,
} from './traced.js';
export { wrapMethod } from './wrap-method.js';
