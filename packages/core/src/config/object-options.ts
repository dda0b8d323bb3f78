import { SpoorError } from '../errors.js';
import type { Observer } from '../observer.js';
import { show } from './kinds.js';

/** What each object in the options must have, and how one is written. */
const objects: readonly { name: string; methods: readonly string[]; example: string }[] = [
  {
    name: 'reporter',
    methods: ['report'],
    example: 'new InMemoryReporter(); settings go into the first argument',
  },
  {
    name: 'sampler',
    methods: ['isSampled'],
    example: 'new ConstSampler(true); settings go into the first argument',
  },
  {
    name: 'throttler',
    methods: ['isAllowed'],
    example: 'new DefaultThrottler(); settings go into the first argument',
  },
  {
    name: 'baggageRestrictions',
    methods: ['getRestriction'],
    example: 'new DefaultBaggageRestrictions(); settings go into the first argument',
  },
  { name: 'logger', methods: ['error'], example: 'console' },
  ...['metrics', 'metricsFactory'].map((name) => ({
    name,
    methods: ['createCounter', 'createGauge'],
    example: 'new PrometheusMetricsFactory() of @spoor/prometheus',
  })),
];

/**
 * Refuses reporters, samplers and so on that lack what will be called.
 *
 * @param where how the caller wrote the object of options, e.g. `options`
 * @throws SpoorError `SPOOR_CONFIG` that names the method
 */
export function refuseOtherObjects(where: string, options: object): void {
  for (const { name, methods, example } of objects) {
    const object = (options as Record<string, Record<string, unknown> | null | undefined>)[name];
    if (object === undefined) continue;
    const missing = methods.find((method) => typeof object?.[method] !== 'function');
    const isLateSampler = name === 'sampler' && typeof object?.onCreateSpan === 'function';
    if (missing === undefined || isLateSampler) continue;
    throw new SpoorError(
      'SPOOR_CONFIG',
      `${where}.${name}: expected an object with ${missing}(), got ${show(object)}. Write ${name}: ${example}.`,
    );
  }
  refuseOtherObservers(where, (options as { observers?: unknown }).observers);
}

function refuseOtherObservers(where: string, observers: unknown): void {
  const isObserver = (object: unknown): boolean =>
    typeof (object as Partial<Observer> | null | undefined)?.onStartSpan === 'function';
  const isList = Array.isArray(observers);
  if (observers === undefined || (isList && observers.every(isObserver))) return;
  const wrong = isList ? observers.find((object) => !isObserver(object)) : observers;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `${where}.observers: expected a list of objects with onStartSpan(), got ${isList ? `${show(wrong)} in it` : show(wrong)}. Write observers: [new RpcMetrics(metrics)], or objects of your own.`,
  );
}
