import { type Counter, type Gauge, SpoorError } from '@spoor/core';
import type { MetricsFactory } from './types.js';

interface Metric {
  labels(...values: string[]): Metric;
}

type MetricClass = new (options: { name: string; help: string; labelNames: string[] }) => Metric;

/** What of `prom-client` is used, in any of its versions. */
export interface PromClient {
  readonly Counter: unknown;
  readonly Gauge: unknown;
}

/** Counts in the `prom-client` that it is given, in its default registry. */
export class PrometheusMetricsFactory implements MetricsFactory {
  readonly #client: { readonly Counter: MetricClass; readonly Gauge: MetricClass };
  readonly #prefix: string;
  readonly #metrics = new Map<string, Metric>();

  /**
   * @param client `require('prom-client')`
   * @param namespace stands in front of each name: `shop` makes `shop_jaeger:traces`; what Prometheus takes in no name, such
   * as a hyphen, becomes `_`
   * @throws SpoorError `SPOOR_CONFIG` when that is no prom-client
   */
  constructor(client: PromClient, namespace?: string) {
    if (!client?.Counter || !client.Gauge) {
      throw new SpoorError(
        'SPOOR_CONFIG',
        "prom-client must be provided. Write new PrometheusMetricsFactory(require('prom-client'), 'shop').",
      );
    }
    // Nothing but the two classes is used, and both have been of this shape in every version.
    this.#client = client as { Counter: MetricClass; Gauge: MetricClass };
    this.#prefix = namespace ? `${toMetricName(namespace)}_` : '';
  }

  createCounter(name: string, tags?: Record<string, string>): Counter {
    const counter = this.#metric(this.#client.Counter, name, tags) as unknown as {
      inc(delta?: number): void;
    };
    return { increment: (delta) => counter.inc(delta) };
  }

  createGauge(name: string, tags?: Record<string, string>): Gauge {
    const gauge = this.#metric(this.#client.Gauge, name, tags) as unknown as {
      set(value: number): void;
    };
    return { update: (value) => gauge.set(value) };
  }

  /** One metric for all values of the same labels. */
  #metric(kind: MetricClass, name: string, tags: Record<string, string> = {}): Metric {
    const labelNames = Object.keys(tags);
    const key = [name, ...labelNames].join();
    let metric = this.#metrics.get(key);
    if (metric === undefined) {
      metric = new kind({ name: this.#prefix + name, help: name, labelNames });
      this.#metrics.set(key, metric);
    }
    return labelNames.length === 0 ? metric : metric.labels(...Object.values(tags));
  }
}

/** @see Prometheus data model: `[a-zA-Z_:][a-zA-Z0-9_:]*` */
function toMetricName(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9_:]/g, '_').replace(/^(?=\d)/, '_');
}
