export type { LogFieldNames } from '@spoor/instrumentation';
export { type JaegerFormat, type JaegerFormatOptions, jaegerFormat } from './format.js';
export { install, uninstall, type WinstonOptions } from './winston.js';
