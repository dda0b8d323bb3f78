export type { ServerOptions } from '@spoor/http';
export { type JaegerMiddleware, jaegerMiddleware } from './middleware.js';
