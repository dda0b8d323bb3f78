import type { Duplex } from 'node:stream';
import { wrapMethod } from '@spoor/instrumentation';
import { closerOf, type Outcome } from './outcome.js';

/** The first line of a response, as far as its status. @see RFC 9112 section 4 */
const statusLine = /^HTTP\/1\.[01] (\d{3})/;
const statusLineChars = 'HTTP/1.1 101'.length;

export const switchingProtocols = 101;

/**
 * Watches the connection of an upgrade (WebSocket, CONNECT), where no response object says what becomes of it: `onOutcome`
 * is called once, when the first answer is written, or when the connection is closed without any.
 */
export function watchHandshake(socket: Duplex, onOutcome: (outcome: Outcome) => void): void {
  let isOver = false;
  const end = (outcome: Outcome): void => {
    if (isOver) return;
    isOver = true;
    unwrapWrite();
    unwrapEnd();
    onOutcome(outcome);
  };
  const answer = (chunk: unknown): void =>
    end({ statusCode: statusIn(chunk), abortedBy: undefined });
  const unwrapWrite = wrapMethod(socket, 'write', (write) => {
    return function watchedWrite(this: Duplex, ...args: unknown[]) {
      answer(args[0]);
      return Reflect.apply(write, this, args) as boolean;
    };
  });
  const unwrapEnd = wrapMethod(socket, 'end', (endOfSocket) => {
    return function watchedEnd(this: Duplex, ...args: unknown[]) {
      if (isData(args[0])) answer(args[0]);
      return Reflect.apply(endOfSocket, this, args) as Duplex;
    };
  });
  socket.once('close', () => end({ statusCode: undefined, abortedBy: closerOf(socket) }));
}

function isData(chunk: unknown): chunk is string | Uint8Array {
  return typeof chunk === 'string' || chunk instanceof Uint8Array;
}

/** What is no HTTP is the new protocol already: the answer was written before anybody watched. */
function statusIn(chunk: unknown): number {
  if (!isData(chunk)) return switchingProtocols;
  const start =
    typeof chunk === 'string'
      ? chunk
      : Buffer.from(chunk.subarray(0, statusLineChars)).toString('latin1');
  return Number(statusLine.exec(start)?.[1] ?? switchingProtocols);
}
