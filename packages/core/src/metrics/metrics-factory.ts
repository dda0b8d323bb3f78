import { SpoorError } from '../errors.js';
import { messageOf } from '../logger.js';
import type { RpcMetrics } from './rpc-metrics.js';

/** A number that only grows. */
export interface Counter {
  increment(delta?: number): void;
}

/** A number that goes up and down. */
export interface Gauge {
  update(value: number): void;
}

/** How long something took. */
export interface Timer {
  /** @param value milliseconds, fractions included */
  record(value: number): void;
}

/**
 * Makes the counters that the tracer writes to; the interface of `jaeger-client` for Node. Called while the
 * tracer is made, and what it throws then is a configuration error; what its counters throw later is swallowed. For
 * {@link RpcMetrics} it is also called when an endpoint is seen for the first time.
 */
export interface MetricsFactory {
  /** Called once for each set of tags, e.g. `('jaeger:traces', { state: 'started', sampled: 'y' })`. */
  createCounter(name: string, tags?: Record<string, string>): Counter;
  createGauge(name: string, tags?: Record<string, string>): Gauge;
  /** For {@link RpcMetrics} alone, which does without where it is missing: `jaeger-client` never called it. */
  createTimer?(name: string, tags?: Record<string, string>): Timer;
}

/**
 * A counter that never throws.
 *
 * @throws SpoorError `SPOOR_CONFIG` when the factory throws, or makes what cannot count
 */
export function makeCounter(
  factory: MetricsFactory,
  name: string,
  tags?: Record<string, string>,
): Counter {
  const counter = make('createCounter', name, () => factory.createCounter(name, tags));
  return new SafeCounter(withMethod(counter, 'increment', 'createCounter'));
}

/** As {@link makeCounter}. */
export function makeGauge(factory: MetricsFactory, name: string): Gauge {
  const gauge = make('createGauge', name, () => factory.createGauge(name));
  return new SafeGauge(withMethod(gauge, 'update', 'createGauge'));
}

/** As {@link makeCounter}; undefined where the factory makes no timers. */
export function makeTimer(
  factory: MetricsFactory,
  name: string,
  tags: Record<string, string>,
): Timer | undefined {
  if (factory.createTimer === undefined) return undefined;
  const timer = make('createTimer', name, () => factory.createTimer?.(name, tags));
  return new SafeTimer(withMethod(timer, 'record', 'createTimer'));
}

function make<T>(method: keyof MetricsFactory, name: string, create: () => T): T {
  try {
    return create();
  } catch (error) {
    // A factory of ours has said what to write instead.
    if (error instanceof SpoorError) throw error;
    throw new SpoorError(
      'SPOOR_CONFIG',
      `metrics: ${method}('${name}') threw: ${messageOf(error)}. Write a factory that makes every metric, or leave metrics out.`,
    );
  }
}

function withMethod<T>(
  metric: T | undefined,
  method: keyof T & string,
  maker: keyof MetricsFactory,
): T {
  if (typeof metric?.[method] === 'function') return metric;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `metrics: ${maker}() returned an object without ${method}(). Return { ${method}() {} } from ${maker}.`,
  );
}

/** A counter of the user that cannot throw into the application. */
class SafeCounter implements Counter {
  readonly #counter: Counter;

  constructor(counter: Counter) {
    this.#counter = counter;
  }

  increment(delta: number): void {
    try {
      this.#counter.increment(delta);
    } catch (error) {
      warnOnce(error);
    }
  }
}

class SafeGauge implements Gauge {
  readonly #gauge: Gauge;

  constructor(gauge: Gauge) {
    this.#gauge = gauge;
  }

  update(value: number): void {
    try {
      this.#gauge.update(value);
    } catch (error) {
      warnOnce(error);
    }
  }
}

class SafeTimer implements Timer {
  readonly #timer: Timer;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  record(value: number): void {
    try {
      this.#timer.record(value);
    } catch (error) {
      warnOnce(error);
    }
  }
}

let hasWarned = false;

function warnOnce(error: unknown): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(`a metric could not be updated: ${messageOf(error)}`, 'SpoorWarning');
}
