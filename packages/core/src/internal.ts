// For other @spoor packages alone: no promise that any of it stays.

export { readConfig } from './config/given.js';
export { nearest } from './config/nearest.js';
export { type Option, options, type Settings } from './config/options.js';
export { otelVariables } from './config/otel-variables.js';
export { clientKeys, optionKeys, pythonKeys } from './config/other-names.js';
export { resolveSettings } from './config/resolve.js';
export { refuseUnknownOptions } from './config/unknown-options.js';
export { FLAG_DEBUG, FLAG_SAMPLED } from './constants.js';
export { consoleLogger, FaultLog, messageOf } from './logger.js';
export { processState } from './process-state.js';
export { isUntraced, withoutTracing } from './untraced.js';
