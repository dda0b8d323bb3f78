import type { Key } from './given.js';
import { halfOf, negated, seconds } from './kinds.js';
import { options } from './options.js';

/** Keys of the configuration of other Jaeger clients (Go's, in YAML), for what they mean here. */
export const clientKeys: ReadonlyMap<string, Key> = new Map([
  ['disabled', one('disable')],
  ['traceid_128bit', one('traceId128bit')],
  ['reporter.user', one('reporter.username')],
  ['reporter.http_headers', one('reporter.headers')],
  ['reporter.queueSize', one('reporter.maxQueueSpans')],
  ['reporter.bufferFlushInterval', one('reporter.flushIntervalMs')],
  ['reporter.attemptReconnectInterval', one('reporter.attemptReconnectIntervalMs')],
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
]);

/** Keys of the configuration of Python's client. */
export const pythonKeys: ReadonlyMap<string, Key> = new Map<string, Key>([
  ['service_name', one('serviceName')],
  ['enabled', [{ path: 'disable', kind: negated }]],
  ['logging', one('reporter.logSpans')],
  ['metrics', []],
  ['sampler.type', one('sampler.type')],
  ['sampler.param', one('sampler.param')],
  ['local_agent.enabled', []],
  ['local_agent.reporting_host', one('reporter.agentHost')],
  ['local_agent.reporting_port', one('reporter.agentPort')],
  ['reporter_batch_size', one('reporter.maxBatchSpans')],
  ['reporter_queue_size', one('reporter.maxQueueSpans')],
  [
    'reporter_flush_interval',
    [{ path: 'reporter.flushIntervalMs', kind: seconds(options.flushIntervalMs.kind) }],
  ],
  ['propagation', one('propagation')],
  ['generate_128bit_trace_id', one('traceId128bit')],
  ['tags', one('tags')],
]);

function one(path: string): Key {
  return [{ path }];
}
