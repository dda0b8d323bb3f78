export { install, traceRedis, uninstall } from './ioredis.js';
export type { CommandArgument } from './library.js';
export type { IoredisOptions, TracedCommand } from './options.js';
