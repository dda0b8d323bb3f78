// Hot path: runs for every request. Measure before and after (bench/).
import { EventEmitter } from 'node:events';
import { type IncomingMessage, ServerResponse } from 'node:http';
import { globalTracer, opentracing, type Span, Tracer, w3cCodec, withSpan } from '@spoor/core';
import { recordError, reportFault } from '@spoor/instrumentation';
import { isIgnored } from './ignore.js';
import { sentHeader } from './sent-header.js';
import { readServerOptions, type ServerOptions, type ServerSettings } from './server-options.js';
import { methodName, ServerTags } from './server-tags.js';

/** What a framework package adds to the life of a server span. */
export interface Framework<Context> {
  /** The tag `component`. */
  readonly name: string;
  /**
   * The template that matched (`/users/:id`), undefined when none did. Called when the response has ended, with what was
   * given to {@link ServerTracing.trace}; `hasFailed` where a handler threw.
   */
  routeOf(context: Context, hasFailed: boolean): string | undefined;
}

/** What is known of a request that is traced; found on the request, by every copy of this package. */
interface RequestTrace {
  readonly span: Span;
  /** Whoever knows most of the request: a framework's middleware takes over from the patch of `node:http`. */
  tracing: ServerTracing<unknown>;
  /** What that one calls the request. */
  context: unknown;
  lastError: unknown;
  isFinished: boolean;
}

const traceKey = Symbol.for('spoor.1.request');

interface Traced {
  [traceKey]?: RequestTrace | undefined;
}

/** Active in requests that are ignored: not sampled, so that nothing below it is either. */
const silentSpan = new Tracer('ignored').startSpan('ignored', { ignoreActiveSpan: true });

/**
 * The life of a server span, for all frameworks alike: started from the headers of the request, active in everything
 * that `next` does, finished once, when the response is closed.
 */
export class ServerTracing<Context = IncomingMessage> {
  readonly #framework: Framework<Context>;
  readonly #settings: ServerSettings;
  readonly #tags: ServerTags;

  /**
   * @param where how the user called what makes this, for messages
   * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
   */
  constructor(where: string, framework: Framework<Context>, options: ServerOptions) {
    this.#framework = framework;
    this.#settings = readServerOptions(where, options);
    this.#tags = new ServerTags(this.#settings);
  }

  /**
   * Runs `next` in the span of this request and returns what it returns. Just runs it where there is no tracer.
   *
   * @param context what the framework calls the request, for {@link Framework.routeOf}
   */
  trace<T>(request: IncomingMessage, response: ServerResponse, context: Context, next: () => T): T {
    const span = this.#spanOf(request, response, context);
    return span === undefined ? next() : withSpan(span, next);
  }

  #spanOf(request: IncomingMessage, response: ServerResponse, context: Context): Span | undefined {
    const known = (request as Traced)[traceKey];
    if (known !== undefined) return this.#takeOver(known, context);
    const tracer = this.#settings.tracer ?? globalTracer();
    if (tracer === undefined) return undefined;
    try {
      const { ignore } = this.#settings;
      if (ignore.length > 0 && isIgnored(request, ignore)) return silentSpan;
      const span = this.#start(tracer, request, response);
      this.#attach(span, request, response, context);
      return span;
    } catch (error) {
      reportFault(this.#framework.name, error);
      return undefined;
    }
  }

  #start(tracer: Tracer, request: IncomingMessage, response: ServerResponse): Span {
    const parent = tracer.extractRequest(request.headers, request.rawHeaders);
    const name = methodName(request.method);
    const { trustIncoming, responseHeader } = this.#settings;
    const isTrusted =
      parent === undefined ||
      trustIncoming === true ||
      (trustIncoming !== false && trustIncoming(request));
    const span = isTrusted
      ? tracer.startSpan(name, { childOf: parent, ignoreActiveSpan: true })
      : tracer.startSpan(name, { references: [opentracing.followsFrom(parent)], newTrace: true });
    if (span.isSampled()) this.#describe(span, request);
    if (responseHeader.length > 0) this.#nameSpanIn(response, span);
    return span;
  }

  #attach(span: Span, request: IncomingMessage, response: ServerResponse, context: Context): void {
    (request as Traced)[traceKey] = {
      span,
      tracing: this as ServerTracing<unknown>,
      context,
      lastError: undefined,
      isFinished: false,
    };
    if (hasBody(request)) request.emit = emitInSpan;
    if (this.#settings.endStreamsAtHeaders) response.writeHead = writeHeadOfStream;
    response.on('close', onClose);
  }

  /** The request has a span already: mounted twice, or under the patch of `node:http`. The last one knows most. */
  #takeOver(known: RequestTrace, context: Context): Span {
    if (known.tracing !== this) {
      known.tracing = this as ServerTracing<unknown>;
      known.context = context;
      known.span.setTag('component', this.#framework.name);
    }
    return known.span;
  }

  #describe(span: Span, request: IncomingMessage): void {
    this.#tags.start(span, this.#framework.name, request);
    const { onRequest } = this.#settings;
    if (onRequest !== undefined) this.#guarded(() => onRequest(span, request));
  }

  #nameSpanIn(response: ServerResponse, span: Span): void {
    const carrier: Record<string, unknown> = {};
    w3cCodec.inject(span, carrier);
    const traceparent = String(carrier.traceparent);
    for (const name of this.#settings.responseHeader) {
      if (name === 'traceresponse') response.setHeader('traceresponse', traceparent);
      else response.appendHeader('server-timing', `traceparent;desc="${traceparent}"`);
    }
  }

  /** For the listener of the response alone. */
  finish(trace: RequestTrace, request: IncomingMessage, response: ServerResponse): void {
    if (trace.isFinished) return;
    trace.isFinished = true;
    try {
      if (trace.span.isSampled()) this.#describeOutcome(trace, request, response);
    } catch (error) {
      reportFault(this.#framework.name, error);
    }
    trace.span.finish();
  }

  #describeOutcome(trace: RequestTrace, request: IncomingMessage, response: ServerResponse): void {
    const { span } = trace;
    const { isError, onResponse } = this.#settings;
    const route = this.#framework.routeOf(trace.context as Context, trace.lastError !== undefined);
    this.#rename(span, request, route);
    this.#tags.finish(span, response, route);
    const isStream = this.#settings.endStreamsAtHeaders && response.headersSent;
    if (!response.writableFinished && !isStream) describeAbort(span, request);
    else if (isError(response.statusCode)) span.setTag('error', true);
    if (onResponse !== undefined) this.#guarded(() => onResponse(span, request, response));
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
  const trace = (this.req as Traced)[traceKey];
  trace?.tracing.finish(trace, this.req, this);
}

const { writeHead } = ServerResponse.prototype;
const { emit } = EventEmitter.prototype;

/** Ends the span of an event stream when its headers are on their way. */
function writeHeadOfStream(this: ServerResponse, ...args: unknown[]): ServerResponse {
  const result = Reflect.apply(writeHead, this, args) as ServerResponse;
  if (sentHeader(this, 'content-type')?.startsWith('text/event-stream')) onClose.call(this);
  return result;
}

/**
 * Events of a body come from the socket, outside of what `next` did: whoever reads the body by hand would lose the span.
 * Only put on requests that have a body.
 */
function emitInSpan(this: IncomingMessage, event: string | symbol, ...args: unknown[]): boolean {
  const span = (this as Traced)[traceKey]?.span;
  if (span === undefined || this.listenerCount(event) === 0) return emit.call(this, event, ...args);
  return withSpan(span, () => emit.call(this, event, ...args));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
}

function describeAbort(span: Span, { socket }: IncomingMessage): void {
  // A client that goes away ends or resets the connection; otherwise it was this side, by a time-out or by hand.
  const isByClient = socket.readableEnded || socket.errored !== null;
  span.setTag('http.aborted', true);
  span.setTag('error', true);
  span.log({
    event: 'aborted',
    message: `The ${isByClient ? 'client' : 'server'} closed the connection before the response was complete.`,
  });
}

/** The span of a request that passed a Spoor middleware; undefined for any other. */
export function spanOf(request: IncomingMessage): Span | undefined {
  return (request as Traced)[traceKey]?.span;
}

/**
 * Logs an error that the framework caught while it served `request`, each error once. Whether the request failed is
 * for the status to say.
 */
export function recordRequestError(request: IncomingMessage, error: unknown): void {
  const trace = (request as Traced)[traceKey];
  if (trace === undefined || trace.lastError === error) return;
  trace.lastError = error;
  recordError(trace.span, error);
}
