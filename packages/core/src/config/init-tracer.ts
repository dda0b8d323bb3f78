import { setGlobalTracer } from '../global-tracer.js';
import type { Tracer } from '../tracer.js';
import { buildTracer, type InitOptions } from './build-tracer.js';
import { tags } from './kinds.js';
import { refuseOtherObjects } from './object-options.js';
import type { TracingConfig } from './options.js';
import { fit } from './resolve.js';
import { refuseUnknownOptions } from './unknown-options.js';

const optionNames = [
  'reporter',
  'sampler',
  'throttler',
  'logger',
  'metrics',
  'tags',
  'traceId128bit',
  'shareRpcSpan',
  'baggageRestrictions',
  'noDebugFlagOnForcedSampling',
];

/**
 * Makes a tracer and the global one of it, also of `opentracing`. What `config` and `options` leave out is read from the
 * `JAEGER_*` variables.
 *
 * @throws SpoorError `SPOOR_CONFIG` for anything that cannot be meant, with what to write instead
 */
export function initTracer(config?: TracingConfig, options: InitOptions = {}): Tracer {
  refuseUnknownOptions('options', options, optionNames);
  refuseOtherObjects('options', options);
  if (options.tags !== undefined) fit('options.tags', () => tags.fromCode(options.tags));
  const tracer = buildTracer(config, options);
  setGlobalTracer(tracer);
  return tracer;
}

/** The same as {@link initTracer}, under the name that `jaeger-client` has for it. */
export const initTracerFromEnv: typeof initTracer = initTracer;
