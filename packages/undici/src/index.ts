export { install, type UndiciOptions, uninstall } from './undici.js';
