import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { finished, PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { echoOf } from './content.mjs';

const ownStorage = new AsyncLocalStorage();

/** What happened to requests, under the key that they brought, for a later request to ask. */
const histories = new Map();

/** Requests as Node gives them, and every way to read their body. */
export const rawRequests = {
  inspect: (request, response) => {
    response.end(JSON.stringify({ ...echoOf(request), distinct: request.headersDistinct }));
  },
  keys: (request, response) => response.end(Object.keys(request).join(' ')),
  piped: (request, response) => request.pipe(response),
  'piped-through': (request, response) => request.pipe(new PassThrough()).pipe(response),
  'read-data': (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => response.end(`read: ${Buffer.concat(chunks)}`));
  },
  'read-readable': (request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('readable', () => {
      for (let chunk = request.read(); chunk !== null; chunk = request.read()) body += chunk;
    });
    request.on('end', () => response.end(`read: ${body}`));
  },
  'read-each': async (request, response) => {
    let length = 0;
    for await (const chunk of request) length += chunk.length;
    response.end(`${length} bytes`);
  },
  'read-text': async (request, response) => response.end(`read: ${await text(request)}`),
  'read-array': async (request, response) => {
    response.end(`read: ${Buffer.concat(await request.toArray())}`);
  },
  'read-once': async (request, response) => {
    request.resume();
    await once(request, 'end');
    response.end('ended');
  },
  'read-finished': (request, response) => {
    request.resume();
    finished(request, (error) => response.end(`finished ${error?.code}`));
  },
  'read-paused': async (request, response) => {
    request.pause();
    await sleep(5);
    response.end(`read: ${await text(request)}`);
  },
  'read-late': (request, response) => {
    response.end('answered first');
    request.resume();
  },
  'read-nothing': (_, response) => response.end('not read'),
  'read-and-refuse': (request, response) => {
    request.once('data', () => response.writeHead(413, { Connection: 'close' }).end('enough'));
  },
  'request-trailers': async (request, response) => {
    const body = await text(request);
    const { trailers, rawTrailers } = request;
    response.end(JSON.stringify({ body, trailers, rawTrailers }));
  },
  'own-emit': (request, response) => {
    // Applications that log or count events replace `emit`, and call what was there.
    const names = [];
    const { emit } = request;
    request.emit = function ownEmit(name, ...args) {
      names.push(name);
      return emit.call(this, name, ...args);
    };
    request.on('data', () => {});
    request.on('end', () => response.end(names.join(' ')));
  },
  'own-storage': (request, response) => {
    const seen = [];
    ownStorage.run('mine', () => {
      request.on('data', () => seen.push(`data ${ownStorage.getStore()}`));
      request.on('end', async () => {
        seen.push(`end ${ownStorage.getStore()}`);
        await sleep(1);
        seen.push(`later ${ownStorage.getStore()}`);
        response.end(seen.join(', '));
      });
    });
  },
  watched: (request, response) => {
    const history = [];
    histories.set(keyOf(request), history);
    for (const name of ['end', 'aborted', 'error', 'close']) {
      request.on(name, () => history.push(`request ${name}`));
    }
    for (const name of ['finish', 'close', 'error', 'prefinish']) {
      response.on(name, () => history.push(`response ${name}`));
    }
    request.resume();
    if (request.url.includes('unanswered')) {
      response.write('watched');
      return;
    }
    request.on('end', () => response.end('watched'));
  },
  history: async (request, response) => {
    const history = histories.get(keyOf(request));
    // The end of a connection is told when it is told.
    const last = ['request close', 'response close'];
    while (!last.every((event) => history.includes(event))) await sleep(1);
    response.end(history.join(', '));
  },
};

function keyOf({ url }) {
  return new URL(url, 'http://x').searchParams.get('key');
}
