export type { LogFieldNames } from '@spoor/instrumentation';
export { type JaegerMixinOptions, jaegerMixin, type Mixin } from './mixin.js';
export { install, type PinoOptions, uninstall } from './pino.js';
