import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import {
  defineInstrumentation,
  HttpClientCall,
  type HttpClientOptions,
  type HttpClientSettings,
  type Instrumentation,
  isAbort,
  type Live,
  readHttpClientOptions,
  reportFault,
  type Undo,
  wrapMethod,
} from '@spoor/instrumentation';
import {
  headerReader,
  targetOf,
  type UndiciRequest,
  type UndiciResponse,
  type UndiciUpgrade,
} from './undici-request.js';

/** Options of {@link install}. */
export type UndiciOptions = HttpClientOptions<UndiciRequest, UndiciResponse>;

type UndiciSettings = HttpClientSettings<UndiciRequest, UndiciResponse>;

interface UndiciEvent {
  readonly request: UndiciRequest;
  readonly response?: UndiciResponse;
  readonly socket?: Socket;
  /** An error of undici, or the reason with which the caller has aborted. */
  readonly error?: unknown;
}

/** Each request that is under way; weak, because of some no end is ever published. */
const calls = new WeakMap<UndiciRequest, HttpClientCall<UndiciRequest, UndiciResponse>>();

/** The reason with which `fetch` gives up a response that nobody has read, and nobody can any more. */
const collected = 'Response object has been garbage collected';

/** Once begun it goes on, so that what is under way at an `uninstall` finishes its span. */
let isListening = false;

const instrumentation: Instrumentation<UndiciOptions> = defineInstrumentation({
  name: 'undici',
  readOptions: (options: UndiciOptions) => readHttpClientOptions('install', options),
  start(live) {
    if (!isListening) listenToTheEnd();
    isListening = true;
    return [listen('undici:request:create', (event) => onCreate(event, live))];
  },
});

/**
 * Starts a client span for every request of undici, of the global `fetch` and of whatever is built on them, and sends
 * its context along. Covers every copy of undici in the process, loaded before or after. Calling it again only changes
 * the options.
 *
 * @throws SpoorError `SPOOR_CONFIG` for an unknown option or a value that cannot be meant
 */
export function install(options?: UndiciOptions): void {
  instrumentation.install(options);
}

/** Ends what {@link install} began. Requests under way still finish their spans. */
export function uninstall(): void {
  instrumentation.uninstall();
}

/** Published in the caller's context, before the headers are written. */
function onCreate({ request }: UndiciEvent, { settings }: Live<UndiciSettings>): void {
  if (settings === undefined) return;
  // A tunnel through a proxy is no request of the user's; the one inside it is published for itself.
  if (request.method === 'CONNECT' && !isOfCaller()) return;
  const call = HttpClientCall.start<UndiciRequest, UndiciResponse>(
    'undici',
    targetOf(request),
    settings,
  );
  if (call === undefined) return;
  calls.set(request, call);
  const headers = call.headers(request, headerReader(request.headers));
  for (const name in headers) request.addHeader(name, headers[name]!);
  watchUpgrade(request);
}

/**
 * Whether a CONNECT that is just being made is the application's own. Nothing but the way to it tells it from that of a
 * `ProxyAgent`; where undici is bundled, its files have no names, and none is.
 */
function isOfCaller(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const stack = String(new Error().stack);
  Error.stackTraceLimit = stackTraceLimit;
  return stack.includes('api-connect.js') && !stack.includes('proxy-agent.js');
}

/** Of a change of protocol nothing is published but that it was asked for. */
function watchUpgrade(request: UndiciRequest & Partial<UndiciUpgrade>): void {
  if (!request.upgrade && request.method !== 'CONNECT') return;
  const name = request.onRequestUpgrade === undefined ? 'onUpgrade' : 'onRequestUpgrade';
  wrapMethod(request as Required<UndiciUpgrade>, name, (onUpgrade) => {
    return function watchedUpgrade(this: unknown, statusCode, headers, ...rest) {
      guarded(() => onUpgraded(request, statusCode, headers));
      return Reflect.apply(onUpgrade, this, [statusCode, headers, ...rest]);
    };
  });
}

function onUpgraded(request: UndiciRequest, statusCode: number | null, headers: unknown): void {
  // Over HTTP/2 undici 6 hands the stream out first, and publishes the answer later.
  if (statusCode === null) return;
  const response = { statusCode, statusText: '', headers: Array.isArray(headers) ? headers : [] };
  onHeaders({ request, response });
  onTrailers({ request });
}

function listenToTheEnd(): void {
  listen('undici:client:sendHeaders', onConnected);
  listen('undici:request:headers', onHeaders);
  listen('undici:request:trailers', onTrailers);
  listen('undici:request:error', onError);
}

function onConnected({ request, socket }: UndiciEvent): void {
  calls.get(request)?.connect(socket?.remoteAddress, socket?.remotePort);
}

function onHeaders({ request, response }: UndiciEvent): void {
  if (response === undefined) return;
  const { statusCode, headers } = response;
  calls.get(request)?.respond(request, { response, statusCode, headerOf: headerReader(headers) });
}

function onTrailers({ request }: UndiciEvent): void {
  calls.get(request)?.finish();
}

function onError({ request, error }: UndiciEvent): void {
  const call = calls.get(request);
  if (call === undefined) return;
  if (error === collected) {
    call.span.setTag('http.body', 'unread');
    call.finish();
  }
  // Whoever aborts a request, or does not want the rest of a body, has made no error; the reason may be anything.
  else if (isAbort(error) || !(error instanceof Error)) call.abort();
  // Whether an answer that is asked for once more was an error is for its status to say.
  else if ((error as NodeJS.ErrnoException).code === 'UND_ERR_REQ_RETRY') call.finish();
  else call.fail(error);
}

function listen(channel: string, onEvent: (event: UndiciEvent) => void): Undo {
  const onMessage = (message: unknown): void => guarded(() => onEvent(message as UndiciEvent));
  subscribe(channel, onMessage);
  return () => unsubscribe(channel, onMessage);
}

/** What a subscriber throws would end the process on the next tick. */
function guarded(fn: () => void): void {
  try {
    fn();
  } catch (error) {
    reportFault('undici', error);
  }
}
