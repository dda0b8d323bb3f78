import type { Key } from './given.js';
import { dashedHeaderName, halfOf, type Kind, negated, seconds } from './kinds.js';
import { options } from './options.js';

/** Keys of the configuration of other Jaeger clients (Go's, in YAML), for what they mean here. */
export const clientKeys = (): ReadonlyMap<string, Key> =>
  new Map([
    ['disabled', one('disable')],
    ['traceid_128bit', one('traceId128bit')],
    ['rpc_metrics', one('rpcMetrics')],
    ['reporter.user', one('reporter.username')],
    ['reporter.http_headers', one('reporter.headers')],
    ['reporter.queueSize', one('reporter.maxQueueSpans')],
    ['reporter.bufferFlushInterval', one('reporter.flushIntervalMs')],
    ['reporter.attemptReconnectInterval', one('reporter.attemptReconnectIntervalMs')],
    ['headers.TraceContextHeaderName', one('headers.traceContextHeaderName')],
    ['sampler.samplingRefreshInterval', one('sampler.refreshIntervalMs')],
    ['throttler.refreshInterval', one('throttler.refreshIntervalMs')],
    [
      'throttler.hostPort',
      [
        { path: 'throttler.host', kind: halfOf('host') },
        { path: 'throttler.port', kind: halfOf('port') },
      ],
    ],
    ['baggage_restrictions.hostPort', one('baggageRestrictions.hostPort')],
    ['baggage_restrictions.refreshInterval', one('baggageRestrictions.refreshIntervalMs')],
    [
      'baggage_restrictions.denyBaggageOnInitializationFailure',
      one('baggageRestrictions.denyBaggageOnInitializationFailure'),
    ],
    [
      'reporter.localAgentHostPort',
      [
        { path: 'reporter.agentHost', kind: halfOf('host') },
        { path: 'reporter.agentPort', kind: halfOf('port') },
      ],
    ],
  ]);

/** Keys of `options`, the second argument of `initTracer`, that are settings and no objects. */
export const optionKeys: ReadonlyMap<string, Key> = new Map([
  ['tags', one('options.tags')],
  ['traceId128bit', one('traceId128bit')],
  ['shareRpcSpan', one('shareRpcSpan')],
  ['contextKey', one('headers.traceContextHeaderName')],
  ['baggagePrefix', one('headers.traceBaggageHeaderPrefix')],
  // What Node's client handed to its remote sampler.
  ['hostPort', one('sampler.hostPort')],
  ['host', one('sampler.host')],
  ['port', one('sampler.port')],
  ['samplingPath', one('sampler.samplingPath')],
  ['refreshInterval', one('sampler.refreshIntervalMs')],
  ['maxOperations', one('sampler.maxOperations')],
]);

/** Keys of the configuration of Python's client. Made when they are asked for: most processes never do. */
export function pythonKeys(): ReadonlyMap<string, Key> {
  const samplerPaths = Object.values(options)
    .map(({ path }) => path)
    .filter((path) => path.startsWith('sampler.'));
  return new Map<string, Key>([
    ['service_name', one('serviceName')],
    ['enabled', [{ path: 'disable', kind: negated }]],
    ['logging', one('reporter.logSpans')],
    ['metrics', []],
    ...samplerPaths.map((path): [string, Key] => [path, one(path)]),
    ['sampler.type', [{ path: 'sampler.type', kind: pythonSamplerType }]],
    [
      'sampling_refresh_interval',
      [{ path: 'sampler.refreshIntervalMs', kind: seconds(options.samplingRefreshMs.kind) }],
    ],
    ['max_operations', one('sampler.maxOperations')],
    ['throttler.port', one('throttler.port')],
    [
      'throttler.refresh_interval',
      [{ path: 'throttler.refreshIntervalMs', kind: seconds(options.throttlerRefreshMs.kind) }],
    ],
    ['local_agent.enabled', []],
    ['local_agent.reporting_host', one('reporter.agentHost')],
    ['local_agent.reporting_port', one('reporter.agentPort')],
    ['local_agent.sampling_port', one('sampler.port')],
    ['reporter_batch_size', one('reporter.maxBatchSpans')],
    ['reporter_queue_size', one('reporter.maxQueueSpans')],
    [
      'reporter_flush_interval',
      [{ path: 'reporter.flushIntervalMs', kind: seconds(options.flushIntervalMs.kind) }],
    ],
    ['propagation', one('propagation')],
    ['trace_id_header', [{ path: 'headers.traceContextHeaderName', kind: dashedHeaderName }]],
    [
      'baggage_header_prefix',
      [{ path: 'headers.traceBaggageHeaderPrefix', kind: dashedHeaderName }],
    ],
    ['debug_id_header', [{ path: 'headers.jaegerDebugHeader', kind: dashedHeaderName }]],
    ['generate_128bit_trace_id', one('traceId128bit')],
    ['tags', one('tags')],
    ['max_tag_value_length', one('limits.maxTagValueLength')],
    ['max_traceback_length', one('limits.maxTracebackLength')],
  ]);
}

/** Python has another name for one of them. */
const pythonSamplerType: Kind<unknown> = {
  ...options.samplerType.kind,
  fromCode: (value) =>
    options.samplerType.kind.fromCode(value === 'rate_limiting' ? 'ratelimiting' : value),
};

function one(path: string): Key {
  return [{ path }];
}
