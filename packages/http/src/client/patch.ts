// Hot path: runs for every outgoing request. Measure before and after (bench/).
//
// One mechanism on every Node: the methods through which each request must pass, on the prototypes. `http.request` and its
// kin are left alone, so that arguments, thrown errors and stacks are Node's own, and so that it does not matter who has
// taken a reference to them, or calls `new ClientRequest`. The channel `http.client.request.created` is missing in Node 20,
// and comes when headers given as a list, or with `Expect`, are written already.
import type { ClientRequest, IncomingMessage } from 'node:http';
import {
  HttpClientCall,
  type HttpClientSettings,
  type Live,
  reportFault,
  type Undo,
  wrapMethod,
} from '@spoor/instrumentation';
import { type AgentInside, insideOf, insideOfAgents } from './client-inside.js';
import { ClientTrace } from './client-trace.js';
import { headerLines } from './header-lines.js';
import { requestHeaderReader } from './header-readers.js';
import { targetOf } from './request-target.js';
import { setTraceOf, traceOf, watch } from './watch.js';

// Not imported: that evaluates every export of `node:http`, undici among them, which takes 15 ms at start.
const http = process.getBuiltinModule('node:http');

/** Of {@link patchClients}: there is no client side while it is undefined. */
export type ClientSettings = HttpClientSettings<ClientRequest, IncomingMessage>;

type LiveClient = Live<{ readonly client: ClientSettings | undefined }>;

/** Traces every request of every client on `node:http` and `node:https`, as long as there is a `live.settings.client`. */
export function patchClients(live: LiveClient): readonly Undo[] {
  const requests = insideOf(http.ClientRequest.prototype);
  return [
    wrapMethod(insideOfAgents(http.Agent.prototype), 'addRequest', (addRequest) => {
      return function tracedAddRequest(this: AgentInside, request, options, ...legacy) {
        begin(live.settings?.client, request, options);
        return Reflect.apply(addRequest, this, [request, options, ...legacy]);
      };
    }),
    // For requests without an agent, or with one of another family.
    wrapMethod(requests, 'onSocket', (onSocket) => {
      return function tracedOnSocket(this: ClientRequest, ...args) {
        begin(live.settings?.client, this, undefined);
        return Reflect.apply(onSocket, this, args);
      } as typeof onSocket;
    }),
    wrapMethod(requests, '_storeHeader', (storeHeader) => {
      return function tracedStoreHeader(this: ClientRequest, firstLine: string, headers: unknown) {
        const lines = linesFor(live.settings?.client, this, headers);
        // Behind the request line no shape of headers matters, and the user's own are as they were.
        return Reflect.apply(storeHeader, this, [firstLine + lines, headers]);
      } as typeof storeHeader;
    }),
  ];
}

/** In the context of whoever makes the request. */
function begin(settings: ClientSettings | undefined, request: unknown, options: unknown): void {
  if (settings === undefined || !(request instanceof http.ClientRequest)) return;
  if (traceOf(request) !== undefined) return;
  setTraceOf(request, null);
  try {
    const call = HttpClientCall.start<ClientRequest, IncomingMessage>(
      'http',
      targetOf(request, options),
      settings,
    );
    if (call === undefined) return;
    const trace = new ClientTrace(call, request);
    setTraceOf(request, trace);
    if (call.span.isWritable()) watch(request);
  } catch (error) {
    reportFault('http', error);
  }
}

/** What goes out with the request beside the user's headers. */
function linesFor(
  settings: ClientSettings | undefined,
  request: ClientRequest,
  stored: unknown,
): string {
  // Headers that are given as a list are written first of all.
  begin(settings, request, undefined);
  const trace = traceOf(request);
  if (trace === undefined || trace === null) return '';
  try {
    return headerLines(trace.call.headers(request, requestHeaderReader(request, stored)));
  } catch (error) {
    reportFault('http', error);
    return '';
  }
}
