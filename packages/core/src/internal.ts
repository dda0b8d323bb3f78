// For other @spoor packages alone: no promise that any of it stays.

export { Clock } from './clock.js';
export { type Given, readConfig } from './config/given.js';
export { collectorUrl, wholeNumber } from './config/kinds.js';
export { nearest } from './config/nearest.js';
export { refuseOtherObjects } from './config/object-options.js';
export { type Option, options, type Settings } from './config/options.js';
export { otelVariables } from './config/otel-variables.js';
export { clientKeys, optionKeys, pythonKeys } from './config/other-names.js';
export { isOtlp, type OtlpPackage, offerOtlp, type Sender } from './config/otlp-package.js';
export { resolveSettings } from './config/resolve.js';
export { refuseUnknownOptions } from './config/unknown-options.js';
export { FLAG_DEBUG, FLAG_FIREHOSE, FLAG_SAMPLED, WIRE_FLAGS } from './constants.js';
export { ByteWriter } from './encoding/byte-writer.js';
export { TagCache, type TagFormat } from './encoding/tag-cache.js';
export { minSpansBytes, nameText } from './encoding/thrift-encoder.js';
export { IdGenerator } from './ids.js';
export { consoleLogger, FaultLog, messageOf } from './logger.js';
export { Metrics } from './metrics/metrics.js';
export { processState } from './process-state.js';
export { hex64 } from './propagation/hex.js';
export { SamplingState, UNDECIDED } from './sampling/sampling-state.js';
export type { Parent } from './span-context.js';
export { isSameTrace, isValidIds, noIds, traceIdHex } from './span-context.js';
export { tagsToObject, toTagValue } from './tags.js';
export { isUntraced, withoutTracing } from './untraced.js';
