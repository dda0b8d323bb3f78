export type { ServerOptions } from '@spoor/http';
export { install, uninstall } from './install.js';
export { type JaegerMiddleware, jaegerMiddleware } from './middleware.js';
