import {
  type MetricsFactory,
  type Counter as SpoorCounter,
  SpoorError,
  type Gauge as SpoorGauge,
  type Timer,
} from '@spoor/core';
import { refuseUnknownOptions } from '@spoor/core/internal';
import {
  Counter,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  type Registry,
  register,
} from 'prom-client';

/** Options of {@link PrometheusMetricsFactory}. */
export interface PrometheusOptions {
  /**
   * Stands in front of every name: `orders` makes `orders_jaeger:traces`. What Prometheus takes in no name, such as a
   * hyphen, becomes `_`. @default nothing
   */
  namespace?: string | undefined;
  /** Where the metrics are registered, to be scraped. @default the registry of `prom-client` itself, `register` */
  registry?: Registry | Registry<OpenMetricsContentType> | undefined;
  /** Value of a label `service` on every metric, as `service_name_label` of Python's client. @default no such label */
  serviceNameLabel?: string | undefined;
  /**
   * Upper bounds of the buckets in which durations are counted, in seconds, ascending.
   *
   * @default those of `prom-client`, from 0.005 to 10
   */
  buckets?: readonly number[] | undefined;
}

type Kind = typeof Counter<string> | typeof Gauge<string> | typeof Histogram<string>;

const kindNames = new Map<unknown, string>([
  [Counter, 'counter'],
  [Gauge, 'gauge'],
  [Histogram, 'histogram'],
]);

/** What factories of this package have registered, and with which labels: it may be shared, what others made may not. */
const labelsOf = new WeakMap<object, string>();

/**
 * Counts in `prom-client`, under the names that `jaeger-client` for Node has: `jaeger:traces` with the labels `state` and
 * `sampled`, and so on; no `_total` is added. Counters are there with 0 from the start.
 *
 * Several tracers and several factories may share a registry and a namespace: their counts add up.
 *
 * @throws SpoorError `SPOOR_CONFIG` for options that cannot be meant, and, from `initTracer`, where somebody else has
 * registered a name
 */
export class PrometheusMetricsFactory implements MetricsFactory {
  readonly #prefix: string;
  readonly #registry: Registry | Registry<OpenMetricsContentType>;
  readonly #ownTags: Readonly<Record<string, string>>;
  readonly #buckets: readonly number[] | undefined;

  constructor(options: PrometheusOptions = {}) {
    refuseModule(options);
    const where = 'PrometheusMetricsFactory';
    refuseUnknownOptions(where, options, ['namespace', 'registry', 'serviceNameLabel', 'buckets']);
    const { registry = register, serviceNameLabel } = options;
    const namespace = text('namespace', options.namespace);
    if (typeof registry?.registerMetric !== 'function') {
      throw new SpoorError(
        'SPOOR_CONFIG',
        `${where}.registry: expected a Registry of prom-client. Write registry: new promClient.Registry(), or leave it out.`,
      );
    }
    this.#prefix = namespace === undefined ? '' : `${toMetricName(namespace)}_`;
    this.#registry = registry;
    const service = text('serviceNameLabel', serviceNameLabel);
    this.#ownTags = service === undefined ? {} : { service };
    this.#buckets = ascending(options.buckets);
  }

  /** The counter starts at 0. `increment()` adds 1. */
  createCounter(name: string, tags: Record<string, string> = {}): SpoorCounter {
    const labels = { ...tags, ...this.#ownTags };
    const counter = this.#metric(Counter, name, labels);
    counter.inc(labels, 0);
    return { increment: (delta = 1) => counter.inc(labels, delta) };
  }

  /** Several gauges of one name and the same tags show their sum. */
  createGauge(name: string, tags: Record<string, string> = {}): SpoorGauge {
    const labels = { ...tags, ...this.#ownTags };
    const gauge = this.#metric(Gauge, name, labels);
    gauge.inc(labels, 0);
    let last = 0;
    return {
      update(value) {
        gauge.inc(labels, value - last);
        last = value;
      },
    };
  }

  /** A histogram in seconds, Prometheus's unit. The tracer records milliseconds. */
  createTimer(name: string, tags: Record<string, string> = {}): Timer {
    const labels = { ...tags, ...this.#ownTags };
    const histogram = this.#metric(Histogram, name, labels, `${name}, in seconds`);
    return { record: (durationMs) => histogram.observe(labels, durationMs / 1000) };
  }

  #metric<K extends Kind>(
    kind: K,
    name: string,
    labels: Record<string, string>,
    help = name,
  ): InstanceType<K> {
    const fullName = this.#prefix + toMetricName(name);
    const labelNames = Object.keys(labels).sort();
    const known = this.#registry.getSingleMetric(fullName);
    if (known === undefined) {
      const metric = new kind({
        name: fullName,
        help,
        labelNames,
        registers: [this.#registry],
        ...(kind === Histogram && this.#buckets !== undefined && { buckets: [...this.#buckets] }),
      });
      labelsOf.set(metric, labelNames.join());
      // A class that is given as a parameter makes its own instances.
      return metric as InstanceType<K>;
    }
    const problem = whyNotShared(known, kind, fullName, labelNames);
    if (problem === undefined) return known as InstanceType<K>;
    throw new SpoorError('SPOOR_CONFIG', `PrometheusMetricsFactory: ${problem}`);
  }
}

function whyNotShared(
  known: object,
  kind: Kind,
  name: string,
  labelNames: readonly string[],
): string | undefined {
  const knownLabels = labelsOf.get(known);
  if (knownLabels === undefined) {
    return `the registry has a metric "${name}" of somebody else. Write another namespace, or registry: new promClient.Registry().`;
  }
  if (!(known instanceof kind)) {
    return `"${name}" is a ${kindNames.get(known.constructor)} already. Write another name.`;
  }
  if (knownLabels === labelNames.join()) return undefined;
  return `another factory has made "${name}" with other labels. Write serviceNameLabel for each factory of a registry, or for none.`;
}

/** `jaeger-client` took the module of prom-client and the namespace. */
function refuseModule(options: object): void {
  if (typeof (options as { Registry?: unknown } | null)?.Registry !== 'function') return;
  throw new SpoorError(
    'SPOOR_CONFIG',
    'PrometheusMetricsFactory: expected options, got prom-client itself. Write new PrometheusMetricsFactory({ namespace, registry: promClient.register }).',
  );
}

function text(option: keyof PrometheusOptions, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `PrometheusMetricsFactory.${option}: expected a text, got ${JSON.stringify(value)}. Write ${option}: 'orders', or leave it out.`,
  );
}

function ascending(buckets: unknown): readonly number[] | undefined {
  if (buckets === undefined) return undefined;
  const isAscending =
    Array.isArray(buckets) &&
    buckets.length > 0 &&
    buckets.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > buckets[i - 1]));
  if (isAscending) return buckets;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `PrometheusMetricsFactory.buckets: expected ascending numbers of seconds, got ${JSON.stringify(buckets)}. Write buckets: [0.005, 0.05, 0.5, 5], or leave it out.`,
  );
}

/** @see Prometheus data model: `[a-zA-Z_:][a-zA-Z0-9_:]*` */
function toMetricName(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9_:]/g, '_').replace(/^(?=\d)/, '_');
}
