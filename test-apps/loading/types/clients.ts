import type { ClientRequest, IncomingMessage } from 'node:http';
import type { tracer } from '@spoor/auto-instrument';
import {
  type Encoder,
  globalTracer,
  type RemoteReporter,
  type Span,
  type Tracer,
} from '@spoor/core';
import { type HttpOptions, install as installHttp } from '@spoor/http';
import { type IoredisOptions, install as installIoredis, traceRedis } from '@spoor/ioredis';
import { OtlpEncoder, type OtlpReporterOptions, otlpReporter } from '@spoor/otlp';
import { install as installPg, type PgOptions, tracePg } from '@spoor/pg';
import { PrometheusMetricsFactory, type PrometheusOptions } from '@spoor/prometheus';
import {
  install as installUndici,
  type UndiciOptions,
  type UndiciRequest,
  type UndiciResponse,
} from '@spoor/undici';
import { type OpenMetricsContentType, Registry } from 'prom-client';
import { same } from './same.js';

same<typeof tracer, Tracer | undefined>(true);

const forUndici: Required<UndiciOptions> = {
  tracer: globalTracer(),
  requireActiveTrace: true,
  ignore: ['api.example.com', /internal/, (url) => url.endsWith('/health')],
  noHeadersTo: true,
  onRequest(span, request) {
    same<typeof span, Span>(true);
    same<typeof request, UndiciRequest>(true);
  },
  onResponse(_span, _request, response) {
    same<typeof response, UndiciResponse>(true);
  },
  isError: (statusCode) => statusCode === 404,
  calleeNameHeaders: ['x-callee'],
  calleeEndpointHeaders: ['x-endpoint'],
  requestHeaders: ['x-tenant'],
  responseHeaders: ['etag'],
  semconv: 'otel',
};
installUndici(forUndici);
installUndici();
// @ts-expect-error a typing error
installUndici({ requireActiveSpan: true });
// @ts-expect-error a rule is no number
installUndici({ ignore: [7] });

const forHttp: HttpOptions = {
  client: {
    onRequest: (_span, request) => same<typeof request, ClientRequest>(true),
    onResponse: (_span, _request, response) => same<typeof response, IncomingMessage>(true),
  },
};
installHttp(forHttp);
// @ts-expect-error false for none, but not true
installHttp({ client: true });

const forIoredis: Required<IoredisOptions> = {
  tracer: globalTracer(),
  requireActiveTrace: false,
  ignore: (name, args) => name === 'get' && args.length === 1,
  statement: (name) => name,
  onCommand: (span, command) => span.setTag('keys', command.args.length),
  onResponse(_span, command, reply) {
    same<typeof command.name, string>(true);
    same<typeof reply, unknown>(true);
  },
  pipelineCommands: true,
  blocking: 'ignore',
  module: undefined,
};
installIoredis(forIoredis);
class Redis {
  get = async (_key: string): Promise<string> => '';
}
const redis = traceRedis(new Redis(), { ignore: ['ping'] });
same<typeof redis, Redis>(true);
// @ts-expect-error one client has no module
traceRedis(new Redis(), { module: {} });
// @ts-expect-error true or 'ignore'
installIoredis({ blocking: false });

const forPg: Required<PgOptions> = {
  tracer: globalTracer(),
  requireActiveTrace: false,
  statement: (text) => text.slice(0, 10),
  sqlcommenter: true,
  connectSpans: true,
  onQuery: (span, query) => span.setTag('name', query.name),
  onResult: (_span, result) => same<typeof result, unknown>(true),
  module: undefined,
};
installPg(forPg);
class Pool {}
const pool = tracePg(new Pool(), { statement: 'none' });
same<typeof pool, Pool>(true);
// @ts-expect-error a client is an object
tracePg('postgres://localhost');
// @ts-expect-error as it is written on this side of the Atlantic
installPg({ statement: 'sanitized' });

const forPrometheus: Required<PrometheusOptions> = {
  namespace: 'orders',
  registry: new Registry(),
  serviceNameLabel: 'orders',
  buckets: [0.005, 0.05, 0.5],
};
new PrometheusMetricsFactory(forPrometheus).createCounter('own').increment();
const openMetrics = new Registry<OpenMetricsContentType>();
new PrometheusMetricsFactory({ registry: openMetrics });
// @ts-expect-error a typing error
new PrometheusMetricsFactory({ namspace: 'orders' });

const forOtlp: Required<OtlpReporterOptions> = {
  endpoint: new URL('https://collector.example/v1/traces'),
  headers: { 'x-api-key': 'key' },
  timeoutMs: 1000,
  maxBatchBytes: 100_000,
  logger: console,
  flushIntervalMs: 1000,
  maxQueueBytes: 1_000_000,
  maxQueueSpans: 1000,
  maxBatchSpans: 100,
};
same<ReturnType<typeof otlpReporter>, RemoteReporter>(true);
export const reporters: RemoteReporter[] = [otlpReporter(forOtlp), otlpReporter()];
export const encoder: Encoder = new OtlpEncoder();
