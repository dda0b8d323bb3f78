export type { ServerOptions } from '@spoor/http';
export { install, uninstall } from './install.js';
export { jaegerPlugin, jaegerPlugin as default } from './plugin.js';
