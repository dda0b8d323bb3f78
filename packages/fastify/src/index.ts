export type { ServerOptions } from '@spoor/http';
export { jaegerPlugin, jaegerPlugin as default } from './plugin.js';
