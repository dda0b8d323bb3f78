import { SpoorError } from '@spoor/core';
import opentracing from 'opentracing';
import type { Span } from './span.js';
import type { SpanContext } from './span-context.js';
import { TextMapCodec } from './text-map-codec.js';
import type { Tracer } from './tracer.js';

const prefix = '$tracing$';

// What TChannel hands over is typed nowhere; these are the parts of it that are used.

type Headers = Record<string, unknown>;
type Callback = (error: unknown, response?: unknown) => unknown;

/** What is used of a request of TChannel's. */
export interface TChannelRequest {
  arg1?: string;
  callerName?: string;
  remoteAddr?: string;
  serviceName?: string;
  headers?: Headers;
  context?: unknown;
}

type Handler = (
  perProcessOptions: unknown,
  request: TChannelRequest,
  headers: Headers,
  body: unknown,
  callback: Callback,
) => void;

type Send = (
  request: TChannelRequest,
  endpoint: string,
  headers: Headers | null | undefined,
  body: unknown,
  callback: Callback,
) => unknown;

/** What is used of a channel with an encoding, such as `TChannelAsThrift` makes. */
export interface EncodedChannel {
  channel: { request(options: Headers): TChannelRequest };
  send: Send;
}

/** Keeps the span of a request, where the application has no context of its own. */
class DefaultContext {
  #span: Span | undefined = undefined;

  getSpan(): Span | undefined {
    return this.#span;
  }

  setSpan(span: Span): void {
    this.#span = span;
  }
}

/** Options of {@link TChannelBridge}. */
export interface TChannelBridgeOptions {
  /** Makes the context of a request. @default one that does no more than keep the span */
  contextFactory?: (() => unknown) | undefined;
  /** @default `context.getSpan()` */
  getSpan?: ((context: unknown) => Span | undefined) | undefined;
  /** @default `context.setSpan(span)` */
  setSpan?: ((context: unknown, span: Span) => void) | undefined;
}

/** Traces calls over TChannel: {@link tracedHandler} those that come in, {@link tracedChannel} those that go out. */
export class TChannelBridge {
  readonly #tracer: Tracer;
  readonly #codec: TextMapCodec;
  readonly #createContext: () => unknown;
  readonly #getSpan: (context: unknown) => Span | undefined;
  readonly #setSpan: (context: unknown, span: Span) => void;

  constructor(tracer: Tracer, options: TChannelBridgeOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new SpoorError(
        'SPOOR_CONFIG',
        'TChannelBridge: options must be an object. Write new TChannelBridge(tracer, { contextFactory }).',
      );
    }
    this.#tracer = tracer;
    this.#codec = new TextMapCodec({
      contextKey: `${prefix}uber-trace-id`,
      baggagePrefix: `${prefix}uberctx-`,
    });
    this.#createContext = options.contextFactory ?? (() => new DefaultContext());
    this.#getSpan = options.getSpan ?? ((context) => (context as DefaultContext).getSpan());
    this.#setSpan =
      options.setSpan ?? ((context, span) => (context as DefaultContext).setSpan(span));
  }

  /** Zeros for the ids in TChannel's own frame, so that the other side looks into the headers. */
  static makeFakeTChannelParentSpan(): object {
    return { id: [0, 0], traceid: [0, 0], parentid: [0, 0], flags: 0 };
  }

  /** `handler` with a server span around it, which is in `request.context`. The headers of the trace are removed. */
  tracedHandler(handler: Handler, options: { operationName?: string } = {}): Handler {
    return (perProcessOptions, request, headers, body, callback) => {
      const context = this.#createContext();
      const span = this.#tracer.startSpan(options.operationName ?? request.arg1 ?? '', {
        childOf: this.#codec.extract(headers),
        tags: { [opentracing.Tags.SPAN_KIND]: opentracing.Tags.SPAN_KIND_RPC_SERVER },
      });
      span.setTag(opentracing.Tags.PEER_SERVICE, request.callerName);
      const [, port, ...rest] = (request.remoteAddr ?? '').split(':');
      if (port !== undefined && rest.length === 0) {
        span.setTag(opentracing.Tags.PEER_PORT, Number.parseInt(port, 10));
      }
      if (request.headers?.as) span.setTag('as', request.headers.as);
      this.#setSpan(context, span);
      for (const name of Object.keys(headers)) if (name.startsWith(prefix)) delete headers[name];
      request.context = context;
      handler(perProcessOptions, request, headers, body, finishing(span, callback));
    };
  }

  /** `channel`, changed so that each call has a client span and the headers of the trace. */
  tracedChannel<T extends EncodedChannel>(channel: T): T {
    const { send } = channel;
    const { request } = channel.channel;
    channel.channel.request = (options) => {
      const parent = { span: TChannelBridge.makeFakeTChannelParentSpan() };
      const made = request.call(channel.channel, Object.assign(options, { parent }));
      made.context = options.context;
      return made;
    };
    channel.send = (outgoing, endpoint, headers, body, callback) => {
      const carrier = headers ?? {};
      const parent = this.#getSpan(outgoing.context ?? this.#createContext());
      const span = this.#tracer.startSpan(endpoint, { childOf: parent });
      span.setTag(opentracing.Tags.PEER_SERVICE, outgoing.serviceName);
      span.setTag(opentracing.Tags.SPAN_KIND, opentracing.Tags.SPAN_KIND_RPC_CLIENT);
      this.inject(span.context(), carrier);
      return send.call(channel, outgoing, endpoint, carrier, body, finishing(span, callback));
    };
    return channel;
  }

  /** Writes the headers of the trace. */
  inject(spanContext: SpanContext, headers: Headers): void {
    this.#codec.inject(spanContext, headers);
  }
}

function finishing(span: Span, callback: Callback): Callback {
  return (error, response) => {
    if (error) {
      span.setTag(opentracing.Tags.ERROR, true);
      span.log({ event: 'error', message: error });
    }
    span.finish();
    return callback(error, response);
  };
}
