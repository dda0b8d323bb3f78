export { PrometheusMetricsFactory, type PrometheusOptions } from './prometheus-metrics-factory.js';
