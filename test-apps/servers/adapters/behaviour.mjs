import { setTimeout as sleep } from 'node:timers/promises';
import { activeSpan } from '@spoor/core';

/** What the handlers of all frameworks do alike, as far as no framework is in it. */

/** The ids of the active span at several moments of one request: before and after an await, in a callback of a timer. */
export async function activeSpanIds() {
  const ids = [id()];
  await sleep(1);
  ids.push(id());
  await new Promise((resolve) => {
    setImmediate(() => {
      ids.push(id());
      resolve();
    });
  });
  return ids;
}

/** Reads a body by hand, as old middleware does, and resolves with the id of the span that was active at its end. */
export function readByHand(request) {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    request.on('data', (chunk) => {
      bytes += chunk.length;
    });
    request.on('error', reject);
    // A callback, not a promise: the context in here is that of the event.
    request.on('end', () => resolve({ bytes, spanId: id() }));
  });
}

/** What the error handlers of the applications answer for; they leave the rest to the framework. */
export class Handled extends RangeError {
  name = 'Handled';
}

/** Answers with a trailer, by hand. */
export function answerWithTrailer(response) {
  response.writeHead(200, { trailer: 'x-checksum' });
  response.write('body');
  response.addTrailers({ 'x-checksum': '42' });
  response.end();
}

/** Calls back with the id of the span that is active when the response is finished. */
export function onFinish(response, callback) {
  response.on('finish', () => callback(id()));
}

/** Work of a random length with a span of its own, which says for whom it was. */
export async function childWork(tracer, n) {
  await sleep(Math.random() * 20);
  tracer.startSpan('child', { tags: { n } }).finish();
}

export function id() {
  return activeSpan()?.context().toSpanId() ?? 'none';
}
