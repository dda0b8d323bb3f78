export type { ServerOptions } from '@spoor/http';
export type { KoaContext } from './koa-types.js';
export { type JaegerMiddleware, jaegerMiddleware } from './middleware.js';
