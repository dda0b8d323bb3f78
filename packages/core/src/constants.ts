/** Header that carries ids and flags. @see Jaeger documentation, "Propagation Format" */
export const TRACE_CONTEXT_HEADER = 'uber-trace-id';

/** Prefix of the headers that carry one baggage item each. @see Jaeger documentation, "Propagation Format" */
export const BAGGAGE_HEADER_PREFIX = 'uberctx-';

/** Header whose value asks for a trace that can be found by it. @see Jaeger documentation, "Propagation Format" */
export const DEBUG_ID_HEADER = 'jaeger-debug-id';

/** Header with baggage of callers that have no trace. @see Jaeger documentation, "Propagation Format" */
export const JAEGER_BAGGAGE_HEADER = 'jaeger-baggage';

/** @see W3C Trace Context 3.2 */
export const TRACEPARENT_HEADER = 'traceparent';

/** @see W3C Trace Context 3.3 */
export const TRACESTATE_HEADER = 'tracestate';

/** @see W3C Baggage 3.3 */
export const W3C_BAGGAGE_HEADER = 'baggage';

/** Flag of a span that is reported. */
export const FLAG_SAMPLED = 1;

/** Flag of a trace that somebody asked for by hand; only set together with {@link FLAG_SAMPLED}. */
export const FLAG_DEBUG = 2;

/** Flag of a trace that the backend stores and does not index: found by its id alone. */
export const FLAG_FIREHOSE = 8;

/** In this process alone, beyond the byte that travels: the caller has left it to us whether the trace is kept. */
export const FLAG_UNDECIDED = 0x100;

/** Of the flags, what travels. */
export const WIRE_FLAGS = 0xff;

/** Tag that keeps a trace (above 0) or drops it (0), whatever the sampler said. */
export const SAMPLING_PRIORITY_TAG = 'sampling.priority';

/** UDP port on which Jaeger takes Thrift compact `emitBatch` messages. */
export const DEFAULT_AGENT_PORT = 6831;

/** UDP port on which Jaeger takes the same messages as Thrift binary; `jaeger-client` for Node sent them there. */
export const BINARY_AGENT_PORT = 6832;

/** What a Jaeger agent accepts in one datagram, in bytes. */
export const MAX_UDP_PACKET_BYTES = 65_000;

/** Process tags. @see jaeger-client-go constants.go for what the backend makes of them */
export const CLIENT_VERSION_TAG = 'jaeger.version';
export const HOSTNAME_TAG = 'hostname';
export const IP_TAG = 'ip';
export const CLIENT_UUID_TAG = 'client-uuid';

/** Tags of the first span of a trace that say why it was kept. */
export const SAMPLER_TYPE_TAG = 'sampler.type';
export const SAMPLER_PARAM_TAG = 'sampler.param';

/**
 * How long after the start that is begun which nobody waits for, in milliseconds: a program that has ended by then, or is busy
 * loading its modules, does not pay for it.
 */
export const AFTER_START_MS = 100;
