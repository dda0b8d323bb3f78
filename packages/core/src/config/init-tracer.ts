import { SpoorError } from '../errors.js';
import { setGlobalTracer } from '../global-tracer.js';
import type { Tracer } from '../tracer.js';
import { buildTracer, type InitOptions } from './build-tracer.js';
import { show } from './kinds.js';
import type { TracingConfig } from './options.js';
import { refuseUnknownOptions } from './unknown-options.js';

const optionNames = [
  'reporter',
  'sampler',
  'logger',
  'metrics',
  'tags',
  'traceId128bit',
  'contextKey',
  'baggagePrefix',
];

/** What an object in the options must have, and how one is written. */
const objects = [
  { name: 'reporter', method: 'report', example: 'new InMemoryReporter()' },
  { name: 'sampler', method: 'isSampled', example: 'new ConstSampler(true)' },
  { name: 'logger', method: 'error', example: 'console' },
  { name: 'metrics', method: 'createCounter', example: 'a MetricsFactory' },
] as const;

/**
 * Makes a tracer and the global one of it, also of `opentracing`. What `config` and `options` leave out is read from the
 * `JAEGER_*` variables.
 *
 * @throws SpoorError `SPOOR_CONFIG` for anything that cannot be meant, with what to write instead
 */
export function initTracer(config?: TracingConfig, options: InitOptions = {}): Tracer {
  refuseUnknownOptions('options', options, optionNames);
  for (const { name, method, example } of objects)
    refuseOtherObjects(options, name, method, example);
  const tracer = buildTracer(config, options);
  setGlobalTracer(tracer);
  return tracer;
}

function refuseOtherObjects(
  options: InitOptions,
  name: keyof InitOptions,
  method: string,
  example: string,
): void {
  const object = options[name] as Record<string, unknown> | null | undefined;
  if (object === undefined || typeof object?.[method] === 'function') return;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `options.${name}: expected an object with ${method}(), got ${show(object)}. Write ${name}: ${example}; settings go into the first argument.`,
  );
}

/** The same as {@link initTracer}, under the name that `jaeger-client` has for it. */
export const initTracerFromEnv: typeof initTracer = initTracer;
