// Hot path: runs for every request. Measure before and after (bench/).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { globalTracer, opentracing, type Span, type Tracer, w3cCodec, withSpan } from '@spoor/core';
import { reportFault, wrapMethod } from '@spoor/instrumentation';
import { switchingProtocols, watchHandshake } from './handshake.js';
import { isIgnored } from './ignore.js';
import { emitBodyInSpan, endInSpan, hasBody } from './in-span.js';
import { isConnected, type Outcome, outcomeOf } from './outcome.js';
import {
  ignoreRequest,
  type RequestTrace,
  setTraceOf,
  type TraceOwner,
  traceOf,
} from './request-trace.js';
import { sentHeader } from './sent-header.js';
import {
  describesMore,
  readServerOptions,
  type ServerOptions,
  type ServerSettings,
} from './server-options.js';
import { methodName, ServerTags } from './server-tags.js';

/** What a framework package adds to the life of a server span. */
export interface Framework<Context> {
  /** The tag `component`. */
  readonly name: string;
  /**
   * The template that matched (`/users/:id`), undefined when none did. Called when the response has ended, with what was
   * given to {@link ServerTracing.trace}.
   */
  routeOf(context: Context): string | undefined;
  /** The framework ends the response when `next` is over, outside of the span. */
  readonly endsOutside?: boolean;
}

/**
 * The life of a server span, for all frameworks alike: started from the headers of the request, active in everything
 * that `next` does, finished once, when the response is closed.
 */
export class ServerTracing<Context = IncomingMessage> implements TraceOwner {
  readonly #framework: Framework<Context>;
  readonly #settings: ServerSettings;
  readonly #tags: ServerTags;
  /** Whether the first tags differ from those that any middleware sets. */
  readonly #describesMore: boolean;

  /**
   * @param where how the user called what makes this, for messages
   * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
   */
  constructor(where: string, framework: Framework<Context>, options: ServerOptions) {
    this.#framework = framework;
    this.#settings = readServerOptions(where, options);
    this.#tags = new ServerTags(this.#settings);
    this.#describesMore = describesMore(this.#settings);
  }

  /**
   * Runs `next` in the span of this request and returns what it returns. Just runs it where there is no tracer.
   *
   * @param context what the framework calls the request, for {@link Framework.routeOf}
   */
  trace<T>(request: IncomingMessage, response: ServerResponse, context: Context, next: () => T): T {
    const span = this.#spanOf(request, response, request.socket, context);
    return span === undefined ? next() : withSpan(span, next);
  }

  /**
   * The same for a request that changes the protocol of its connection (WebSocket, CONNECT), where there is no response:
   * the span is that of the handshake.
   */
  traceUpgrade<T>(request: IncomingMessage, socket: Duplex, context: Context, next: () => T): T {
    const span = this.#spanOf(request, undefined, socket, context);
    return span === undefined ? next() : withSpan(span, next);
  }

  #spanOf(
    request: IncomingMessage,
    response: ServerResponse | undefined,
    socket: Duplex,
    context: Context,
  ): Span | undefined {
    try {
      const known = traceOf(request);
      if (known !== undefined) return this.#takeOver(known, request, response, context);
      const tracer = this.#settings.tracer ?? globalTracer();
      if (tracer === undefined) return undefined;
      if (this.#isIgnored(request)) return ignoreRequest(request);
      const span = this.#start(tracer, request);
      const trace = {
        span,
        owner: this,
        context,
        lastError: undefined,
        isFinished: false,
      };
      setTraceOf(request, trace);
      if (response !== undefined) this.#followResponse(trace, request, response);
      if (isUpgrade(request)) followHandshake(trace, request, response, socket);
      this.#describe(span, request, response);
      return span;
    } catch (error) {
      reportFault(this.#framework.name, error);
      return traceOf(request)?.span;
    }
  }

  #isIgnored(request: IncomingMessage): boolean {
    const { ignore } = this.#settings;
    return ignore.length > 0 && isIgnored(request, ignore);
  }

  #start(tracer: Tracer, request: IncomingMessage): Span {
    const parent = tracer.extractRequest(request.headers, request.rawHeaders);
    const name = methodName(request.method);
    const { trustIncoming } = this.#settings;
    const isTrusted =
      parent === undefined ||
      trustIncoming === true ||
      (trustIncoming !== false && trustIncoming(request));
    return isTrusted
      ? tracer.startSpan(name, { childOf: parent, ignoreActiveSpan: true })
      : tracer.startSpan(name, { references: [opentracing.followsFrom(parent)], newTrace: true });
  }

  #describe(span: Span, request: IncomingMessage, response: ServerResponse | undefined): void {
    const { onRequest, responseHeader } = this.#settings;
    if (response !== undefined && responseHeader.length > 0) this.#nameSpanIn(response, span);
    if (!span.isWritable()) return;
    this.#tags.start(span, this.#framework.name, request);
    if (onRequest !== undefined) this.#guarded(() => onRequest(span, request));
  }

  #followResponse(trace: RequestTrace, request: IncomingMessage, response: ServerResponse): void {
    if (hasBody(request)) emitBodyInSpan(request, trace.span);
    if (this.#framework.endsOutside === true) endInSpan(response, trace.span);
    if (this.#settings.endStreamsAtHeaders) endStreamAtHeaders(trace, request, response);
    response.on('close', onClose);
    if (!(response.socket instanceof Socket)) followWithoutConnection(request, response);
  }

  /** The request has a span already: mounted twice, or under the patch of `node:http`. The last one knows most. */
  #takeOver(
    known: RequestTrace,
    request: IncomingMessage,
    response: ServerResponse | undefined,
    context: Context,
  ): Span {
    if (known.isFinished || known.owner === this) return known.span;
    if (this.#isIgnored(request)) {
      known.isFinished = true;
      return ignoreRequest(request);
    }
    known.owner = this;
    known.context = context;
    if (this.#describesMore) this.#describe(known.span, request, response);
    else known.span.setTag('component', this.#framework.name);
    return known.span;
  }

  #nameSpanIn(response: ServerResponse, span: Span): void {
    const carrier: Record<string, unknown> = {};
    w3cCodec.inject(span, carrier);
    const traceparent = String(carrier.traceparent);
    for (const name of this.#settings.responseHeader) {
      // Named already by whoever traced the request first.
      if (String(response.getHeader(name)).includes(traceparent)) continue;
      if (name === 'traceresponse') response.setHeader('traceresponse', traceparent);
      else response.appendHeader('server-timing', `traceparent;desc="${traceparent}"`);
    }
  }

  /** For what follows the response or the handshake alone. */
  finish(
    trace: RequestTrace,
    request: IncomingMessage,
    response: ServerResponse | undefined,
    outcome: Outcome,
  ): void {
    if (trace.isFinished) return;
    trace.isFinished = true;
    try {
      if (trace.span.isWritable()) this.#describeOutcome(trace, request, response, outcome);
    } catch (error) {
      reportFault(this.#framework.name, error);
    }
    trace.span.finish();
  }

  #describeOutcome(
    trace: RequestTrace,
    request: IncomingMessage,
    response: ServerResponse | undefined,
    { statusCode, abortedBy }: Outcome,
  ): void {
    const { span } = trace;
    const { isError, onResponse } = this.#settings;
    const route = this.#framework.routeOf(trace.context as Context);
    this.#rename(span, request, route);
    this.#tags.finish(span, statusCode, response, route);
    if (abortedBy !== undefined) describeAbort(span, abortedBy);
    else if (statusCode !== undefined && isError(statusCode)) span.setTag('error', true);
    if (onResponse !== undefined && response !== undefined) {
      this.#guarded(() => onResponse(span, request, response));
    }
  }

  #rename(span: Span, request: IncomingMessage, route: string | undefined): void {
    const method = methodName(request.method);
    // A handler that gave the span a name of its own knew why.
    if (span.operationName !== method) return;
    const { operationName } = this.#settings;
    let name: string | undefined;
    if (operationName !== undefined) {
      this.#guarded(() => {
        name = operationName(request, route);
      });
    }
    span.setOperationName(name ?? (route === undefined ? method : nameOf(method, route)));
  }

  /** Runs a function of the user: what it throws is logged, and the span goes on. */
  #guarded(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      reportFault(this.#framework.name, error);
    }
  }
}

/** Names by method and route, so that the same name is the same string, which the encoder knows at once. */
const names = new Map<string, Map<string, string>>();
const maxNamesPerMethod = 1000;

function nameOf(method: string, route: string): string {
  let ofMethod = names.get(method);
  if (ofMethod === undefined) {
    ofMethod = new Map();
    names.set(method, ofMethod);
  }
  let name = ofMethod.get(route);
  if (name === undefined) {
    name = `${method} ${route}`;
    if (ofMethod.size < maxNamesPerMethod) ofMethod.set(route, name);
  }
  return name;
}

/** One function for the responses of all servers. */
function onClose(this: ServerResponse): void {
  const trace = traceOf(this.req);
  if (trace === undefined || trace.isFinished) return;
  trace.owner?.finish(trace, this.req, this, outcomeOf(this.req, this));
}

function followWithoutConnection(request: IncomingMessage, response: ServerResponse): void {
  // It waits behind others of its connection; Node never closes it when the client goes away meanwhile.
  if (response.socket === null) request.on('close', () => onClose.call(response));
  // Injected, as tests and serverless adapters do: the end of the response is all that will be heard of it.
  else if (!isConnected(request)) response.on('finish', onClose);
}

/** Ends the span of an event stream when its headers are on their way. */
function endStreamAtHeaders(
  trace: RequestTrace,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  wrapMethod(response, 'writeHead', (writeHead) => {
    return function writeHeadOfStream(this: ServerResponse, ...args: unknown[]) {
      const result = Reflect.apply(writeHead, this, args) as ServerResponse;
      if (sentHeader(this, 'content-type')?.startsWith('text/event-stream')) {
        const { statusCode } = this;
        trace.owner?.finish(trace, request, this, { statusCode, abortedBy: undefined });
      }
      return result;
    };
  });
}

function followHandshake(
  trace: RequestTrace,
  request: IncomingMessage,
  response: ServerResponse | undefined,
  socket: Duplex,
): void {
  watchHandshake(socket, (outcome) => {
    // An ordinary answer has a response, which knows when it is complete.
    const isOrdinary = response !== undefined && outcome.statusCode !== switchingProtocols;
    if (!isOrdinary) trace.owner?.finish(trace, request, response, outcome);
  });
}

/** Node's types leave it out: true where the server has a listener for the change of protocol that the client asks for. */
function isUpgrade(request: IncomingMessage): boolean {
  return (request as { upgrade?: unknown }).upgrade === true;
}

function describeAbort(span: Span, closer: string): void {
  span.setTag('http.aborted', true);
  span.setTag('error', true);
  span.log({
    event: 'aborted',
    message: `The ${closer} closed the connection before the response was complete.`,
  });
}
