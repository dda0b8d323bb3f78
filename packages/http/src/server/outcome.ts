import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Who closed a connection. */
type Closer = 'client' | 'server';

/** How a request ended. */
export interface Outcome {
  /** What the client got; undefined where it got nothing. */
  readonly statusCode: number | undefined;
  /** Who closed the connection before the response was complete. */
  readonly abortedBy: Closer | undefined;
}

/** Of a response that is closed. */
export function outcomeOf(request: IncomingMessage, response: ServerResponse): Outcome {
  return {
    statusCode: sentStatus(response),
    abortedBy: isComplete(request, response) ? undefined : closedBy(request, response),
  };
}

/** Node's status is 200 from the start: it says nothing until somebody has got it. */
function sentStatus(response: ServerResponse): number | undefined {
  return areHeadersSent(response) ? response.statusCode : undefined;
}

function areHeadersSent(response: ServerResponse): boolean {
  const stream = streamOf(response);
  if (stream !== undefined) return stream.headersSent;
  // Without a socket it still waits behind another response of its connection.
  return response.writableFinished || (response.headersSent && response.socket !== null);
}

/** HTTP/2 has a stream for each request; the connection outlives it. */
function streamOf(response: ServerResponse): Http2ServerResponse['stream'] | undefined {
  return (response as { stream?: Http2ServerResponse['stream'] }).stream;
}

function isComplete(request: IncomingMessage, response: ServerResponse): boolean {
  const stream = streamOf(response);
  if (stream !== undefined) return !stream.aborted && stream.writableFinished;
  return response.writableFinished || (response.writableEnded && !isConnected(request));
}

/** False for requests that are injected, as tests and serverless adapters do. */
export function isConnected(request: IncomingMessage): boolean {
  return 'stream' in request || request.socket instanceof Socket;
}

function closedBy({ socket }: IncomingMessage, response: ServerResponse): Closer {
  const stream = streamOf(response);
  if (stream === undefined) return closerOf(socket);
  return stream.aborted ? 'client' : 'server';
}

/** A client that goes away ends or resets the connection; otherwise it was this side, by a time-out or by hand. */
export function closerOf(socket: Duplex): Closer {
  return socket.readableEnded || socket.errored !== null ? 'client' : 'server';
}
