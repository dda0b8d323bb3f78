export type { HttpClientOptions, SemanticConventions, UrlRule } from '@spoor/instrumentation';
export { install, type UndiciOptions, uninstall } from './undici.js';
export type { UndiciRequest, UndiciResponse } from './undici-request.js';
