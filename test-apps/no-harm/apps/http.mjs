import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createBrotliCompress, createDeflate, createGzip, gunzipSync } from 'node:zlib';
import send from 'send';
import * as content from './content.mjs';
import { answerRaw } from './raw.mjs';

const coders = { br: createBrotliCompress, gzip: createGzip, deflate: createDeflate };

/** The application without a framework: what people write who want none. */
export async function start({ middleware = (listener) => listener, folder, onHandled }) {
  const listener = middleware((request, response) => {
    onHandled();
    if (request.url === '/own/rejects') return rejects();
    return answer(request, response, folder).catch((error) => answerError(error, response));
  });
  return { listener };
}

/** Node answers for a listener that rejects, where it is told to look at promises. */
async function rejects() {
  throw content.errorOf('rejects');
}

async function answer(request, response, folder) {
  const url = new URL(request.url === '*' ? '/' : request.url, 'http://localhost');
  const [, area, kind] = decodeURIComponent(url.pathname).split('/');
  if (area === 'raw') return answerRaw(request, response, folder);
  if (!Object.hasOwn(areas, area)) return response.writeHead(404).end('nothing here');
  return areas[area]({ request, response, kind, url, folder });
}

function answerError(error, response) {
  if (response.headersSent) return response.destroy();
  const status = error.status >= 400 && error.status < 600 ? error.status : 500;
  for (const [name, value] of Object.entries(error.headers ?? {})) response.setHeader(name, value);
  response.writeHead(status, { 'Content-Type': 'text/plain' });
  return response.end(error.expose ? error.message : 'failed');
}

const sendJson = (response, value) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(value));
};

const areas = {
  '': ({ response }) => response.end('home'),
  method: ({ request, response }) => response.end(request.method),
  status: ({ response, kind }) => {
    response.statusCode = Number(kind);
    response.end(`status ${kind}`);
  },
  reason: ({ response, kind }) => response.writeHead(Number(kind), 'Made Up').end('reason'),
  headers: ({ response, kind }) => {
    for (const [name, value] of Object.entries(content.headersOf[kind])) {
      response.setHeader(name, value);
    }
    response.end(kind);
  },
  query: ({ response, url }) => sendJson(response, [...url.searchParams]),
  params: ({ response, url }) => sendJson(response, url.pathname.split('/').slice(2)),
  mounted: ({ response, url }) => sendJson(response, url.pathname.split('/').slice(2)),
  cookies: ({ request, response, kind }) => {
    if (kind === 'set') response.setHeader('Set-Cookie', ['one=1; Path=/; HttpOnly', 'two=2']);
    if (kind === 'clear') response.setHeader('Set-Cookie', 'one=; Max-Age=0');
    sendJson(response, request.headers.cookie?.split('; ') ?? []);
  },
  session: ({ request, response }) => {
    const visits = Number(/visits=(\d+)/.exec(request.headers.cookie)?.[1] ?? 0) + 1;
    response.setHeader('Set-Cookie', `visits=${visits}`);
    response.end(`visit ${visits}`);
  },
  echo: async ({ request, response }) =>
    sendJson(response, content.echoOf(request, await bodyOf(request))),
  errors: ({ response, kind }) => {
    if (kind !== 'after-headers') throw content.errorOf(kind);
    response.writeHead(200, { 'Content-Length': '10' });
    response.write('half!', () => response.destroy());
  },
  rejected: async ({ kind }) => {
    await null;
    throw content.errorOf(kind);
  },
  passed: ({ kind }) => Promise.reject(content.errorOf(kind)),
  handled: ({ response, kind }) => response.writeHead(500).end(`handled: error ${kind}`),
  streams: ({ response, kind, folder }) => {
    if (kind === 'file') return createReadStream(path.join(folder, 'letters.txt')).pipe(response);
    if (kind === 'missing') {
      return createReadStream(path.join(folder, 'missing')).on('error', (error) =>
        answerError(error, response),
      );
    }
    const chunks = kind === 'events' ? content.eventChunks : content.textChunks;
    if (kind === 'events') response.setHeader('Content-Type', 'text/event-stream');
    return Readable.from(chunks).pipe(response);
  },
  static: ({ request, response, url, folder }) =>
    send(request, url.pathname.slice('/static'.length), { root: folder })
      .on('error', (error) => answerError(error, response))
      .pipe(response),
  compressed: ({ request, response, kind }) => {
    const name = Object.keys(coders).find((coder) =>
      request.headers['accept-encoding']?.includes(coder),
    );
    const body = kind === 'json' ? JSON.stringify(content.longList) : content.longText;
    response.setHeader('Vary', 'Accept-Encoding');
    if (name === undefined || kind === 'small') return response.end(body);
    response.setHeader('Content-Encoding', name);
    return Readable.from([body]).pipe(coders[name]()).pipe(response);
  },
  redirect: ({ response, kind }) =>
    response.writeHead(kind === 'permanent' ? 301 : 302, { Location: `/moved/${kind}` }).end(),
  fresh: ({ request, response }) => {
    response.setHeader('ETag', '"fresh"');
    response.setHeader('Last-Modified', content.lastModified);
    const isFresh =
      request.headers['if-none-match'] === '"fresh"' ||
      request.headers['if-modified-since'] === content.lastModified;
    if (isFresh) response.writeHead(304).end();
    else response.end('fresh');
  },
  negotiated: ({ request, response }) => {
    if (request.headers.accept?.includes('json')) sendJson(response, { negotiated: true });
    else response.setHeader('Content-Type', 'text/html').end('<p>negotiated</p>');
  },
  json: ({ response }) => sendJson(response, content.longList),
};

async function bodyOf(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > content.bodyLimit) throw refusal(413, 'too large');
    chunks.push(chunk);
  }
  let body = Buffer.concat(chunks);
  if (request.headers['content-encoding'] === 'gzip') body = gunzipSync(body);
  if (!request.headers['content-type']?.includes('json')) return body;
  try {
    return JSON.parse(body);
  } catch {
    throw refusal(400, 'no JSON');
  }
}

function refusal(status, message) {
  return Object.assign(new Error(message), {
    status,
    expose: true,
    headers: { Connection: 'close' },
  });
}
