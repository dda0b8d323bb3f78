export type { PgOptions, PgQuery } from './options.js';
export { install, tracePg, uninstall } from './pg.js';
