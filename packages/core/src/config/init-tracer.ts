import { setGlobalTracer } from '../global-tracer.js';
import type { Tracer } from '../tracer.js';
import { buildTracer, type InitOptions } from './build-tracer.js';
import { readConfig } from './given.js';
import { refuseOtherObjects } from './object-options.js';
import { optionKeys } from './other-names.js';
import type { TracingConfig } from './tracing-config.js';
import { refuseUnknownOptions } from './unknown-options.js';

const partNames = [
  'reporter',
  'sampler',
  'throttler',
  'logger',
  'metrics',
  'observers',
  'baggageRestrictions',
  'noDebugFlagOnForcedSampling',
];
const optionNames = [...partNames, ...optionKeys.keys()];

/**
 * Makes a tracer and the global one of it, also of `opentracing`. What `config` and `options` leave out is read from the
 * `JAEGER_*` variables.
 *
 * @throws SpoorError `SPOOR_CONFIG` for anything that cannot be meant, with what to write instead
 */
export function initTracer(config?: TracingConfig, options: InitOptions = {}): Tracer {
  refuseUnknownOptions('options', options, optionNames);
  refuseOtherObjects('options', options);
  const given = readConfig(config);
  for (const [name, key] of optionKeys) {
    const value = options[name as keyof InitOptions];
    if (value === undefined) continue;
    for (const { path, kind } of key) given.set(path, { where: `options.${name}`, value, kind });
  }
  const tracer = buildTracer(given, options);
  setGlobalTracer(tracer);
  return tracer;
}

/** The same as {@link initTracer}, under the name that `jaeger-client` has for it. */
export const initTracerFromEnv: typeof initTracer = initTracer;
