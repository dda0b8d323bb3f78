// Hot path: runs for every request. Measure before and after (bench/).
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Span, SpoorError, Tracer, withSpan } from '@spoor/core';
import { processState, refuseUnknownOptions } from '@spoor/core/internal';
import { recordError, redactPath, reportFault } from '@spoor/instrumentation';

/** Options of every Spoor server middleware. */
export interface ServerOptions {
  /** @default the global tracer, looked up for every request, so that the order of set-up does not matter */
  tracer?: Tracer | undefined;
}

const optionNames = ['tracer'];

/** What a framework package adds to the life of a server span. */
export interface Framework<Request extends IncomingMessage> {
  /** The tag `component`. */
  readonly name: string;
  /**
   * The template that matched (`/users/:id`), undefined when none did. Called when the response has ended; `hasFailed`
   * where a handler threw.
   */
  routeOf(request: Request, hasFailed: boolean): string | undefined;
}

/** Where the span of a request is found, also by middleware that another copy of this package made. */
const spanKey = Symbol.for('spoor.1.serverSpan');

interface Traced {
  [spanKey]?: Span | undefined;
}

/**
 * The life of a server span, for all frameworks alike: started from the headers of the request, active in everything
 * that `next` does, finished once, when the response is closed.
 */
export class ServerTracing<Request extends IncomingMessage> {
  readonly #framework: Framework<Request>;
  readonly #tracer: Tracer | undefined;
  readonly #onClose: (this: ServerResponse) => void;

  /**
   * @param where how the user called what makes this, for messages
   * @throws SpoorError `SPOOR_CONFIG` for an unknown option, or a tracer that is none of Spoor's
   */
  constructor(where: string, framework: Framework<Request>, options: ServerOptions) {
    refuseUnknownOptions(where, options, optionNames);
    if (options.tracer !== undefined && !(options.tracer instanceof Tracer)) {
      throw new SpoorError(
        'SPOOR_CONFIG',
        `${where}.tracer: expected a tracer of @spoor/core. Write { tracer: initTracer({ serviceName: 'orders' }) }, or leave it out.`,
      );
    }
    this.#framework = framework;
    this.#tracer = options.tracer;
    // One function for all responses; the response is `this`.
    const finish = (response: ServerResponse): void => this.#finish(response);
    this.#onClose = function onClose() {
      finish(this);
    };
  }

  /** Runs `next` in the span of this request. Just runs it where there is no tracer, or where the request has a span already. */
  trace(request: Request, response: ServerResponse, next: () => void): void {
    const span = this.#start(request, response);
    if (span === undefined) next();
    else withSpan(span, next);
  }

  #start(request: Request, response: ServerResponse): Span | undefined {
    const tracer = this.#tracer ?? processState.globalTracer;
    if (tracer === undefined || (request as Traced)[spanKey] !== undefined) return undefined;
    try {
      const span = tracer.startSpan(request.method ?? 'HTTP', {
        childOf: tracer.extractRequest(request.headers, request.rawHeaders),
        ignoreActiveSpan: true,
      });
      (request as Traced)[spanKey] = span;
      if (span.isSampled()) this.#describe(span, request);
      response.on('close', this.#onClose);
      return span;
    } catch (error) {
      reportFault(this.#framework.name, error);
      return undefined;
    }
  }

  #describe(span: Span, request: IncomingMessage): void {
    span.setTag('span.kind', 'server');
    span.setTag('component', this.#framework.name);
    span.setTag('http.method', request.method);
    span.setTag('http.url', urlOf(request));
    tagPeer(span, request.socket);
  }

  #finish(response: ServerResponse): void {
    const request = response.req as Request & Traced;
    const span = request[spanKey];
    if (span === undefined) return;
    try {
      if (span.isSampled()) this.#describeOutcome(span, request, response);
    } catch (error) {
      reportFault(this.#framework.name, error);
    }
    span.finish();
  }

  #describeOutcome(span: Span, request: Request, response: ServerResponse): void {
    const route = this.#framework.routeOf(request, lastErrors.has(request));
    if (route !== undefined) {
      span.setOperationName(`${request.method} ${route}`);
      span.setTag('http.route', route);
    }
    const isComplete = response.writableFinished;
    // Node's status is 200 from the start: it says nothing until somebody has got it.
    if (isComplete || response.headersSent) span.setTag('http.status_code', response.statusCode);
    if (!isComplete) {
      span.setTag('http.aborted', true);
      span.setTag('error', true);
      span.log({
        event: 'aborted',
        message: 'The connection was closed before the response was complete.',
      });
    } else if (response.statusCode >= 500) {
      span.setTag('error', true);
    }
  }
}

/** The span of a request that passed a Spoor middleware; undefined for any other. */
export function spanOf(request: IncomingMessage): Span | undefined {
  return (request as Traced)[spanKey];
}

/** Logs an error that the framework caught while it served `request`, each error once. Judging the outcome is the status' matter. */
export function recordRequestError(request: IncomingMessage, error: unknown): void {
  const span = (request as Traced)[spanKey];
  if (span === undefined || lastErrors.get(request) === error) return;
  lastErrors.set(request, error);
  recordError(span, error);
}

/** Errors are rare: better a map than a field on every request. */
const lastErrors = new WeakMap<IncomingMessage, unknown>();

function urlOf(request: IncomingMessage): string {
  const { originalUrl } = request as { originalUrl?: unknown };
  // Express and Koa shorten `url` while they route.
  const path = typeof originalUrl === 'string' ? originalUrl : (request.url ?? '/');
  if (!path.startsWith('/')) return redactPath(path);
  const scheme = (request.socket as TLSSocket | undefined)?.encrypted === true ? 'https' : 'http';
  return `${scheme}://${request.headers.host ?? 'localhost'}${redactPath(path)}`;
}

const ipv4InIpv6 = '::ffff:';

/** The machine at the other end of the connection, which may be a proxy. */
function tagPeer(span: Span, socket: Socket | undefined): void {
  const address = socket?.remoteAddress;
  if (address === undefined) return;
  if (address.startsWith(ipv4InIpv6)) span.setTag('peer.ipv4', address.slice(ipv4InIpv6.length));
  else span.setTag(address.includes(':') ? 'peer.ipv6' : 'peer.ipv4', address);
  span.setTag('peer.port', socket?.remotePort);
}
