import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import * as content from './content.mjs';
import { answerRaw } from './raw.mjs';

/** The application in Fastify 4 and 5, with Fastify's own plugins of that time. */
export async function start({ library, middleware, folder, onHandled }) {
  const app = library.fastify({ bodyLimit: content.bodyLimit, forceCloseConnections: true });
  await middleware?.(app);
  app.addHook('onRequest', async () => onHandled());
  await app.register(library.cookie, { secret: 'secret' });
  await app.register(library.formbody, { bodyLimit: content.bodyLimit });
  await app.register(library.files, { root: folder, prefix: '/static/' });
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  );
  await app.register(async (scope) => addRaw(scope, folder));
  await app.register(async (scope) => addFresh(scope, library.etag));
  await app.register(async (scope) => addCompressed(scope, library.compress), {
    prefix: '/compressed',
  });
  await app.register(async (scope) => addHandled(scope), { prefix: '/handled' });
  await app.register(async (scope) => addMounted(scope), { prefix: '/mounted/shops/:shop' });
  addAnswers(app);
  addCookies(app);
  addStreams(app, folder);
  addErrors(app);
  await app.register(async (scope) => addOwn(scope), { prefix: '/own' });
  await app.ready();
  return { listener: app.routing, server: app.server };
}

/** What only Fastify has. */
function addOwn(scope) {
  scope.addHook('onSend', async (_request, reply, payload) => {
    reply.header('x-on-send', typeof payload);
    return payload;
  });
  scope.addHook('preHandler', async (request, reply) => {
    if (request.query.stop !== undefined) return reply.code(401).send('stopped by a hook');
  });
  scope.get('/hooked', async () => 'hooked');
  scope.get('/not-found', (_request, reply) => reply.callNotFound());
  scope.get('/nothing', async () => undefined);
  scope.get('/null', async () => null);
  scope.get('/buffer', async () => Buffer.from([0, 255]));
  scope.get('/number', async () => 7);
  scope.get('/trailers', (_request, reply) => {
    reply.trailer('x-sum', (_reply, _payload, done) => done(null, 'abc'));
    reply.send('with trailers');
  });
  const response = { 200: { type: 'object', properties: { kept: { type: 'string' } } } };
  scope.get('/serialized', { schema: { response } }, async () => ({ kept: 'yes', lost: 'yes' }));
  scope.get('/web', async () => new Response('web', { status: 203, headers: { 'x-web': '1' } }));
  scope.get('/request', async (request) => {
    const { id, ip, hostname, protocol, is404, originalUrl, routeOptions } = request;
    return { id: typeof id, ip, hostname, protocol, is404, originalUrl, url: routeOptions.url };
  });
  scope.get('/keys', async (request) => [Object.keys(request), Object.keys(request.raw)]);
  scope.get('/late', (_request, reply) => {
    setTimeout(() => reply.send('late'), 2);
  });
}

/** Handlers that take over from Fastify, the body included. */
function addRaw(scope, folder) {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
  scope.all('/raw/*', async (request, reply) => {
    reply.hijack();
    await answerRaw(request.raw, reply.raw, folder);
  });
}

async function addFresh(scope, etag) {
  await scope.register(etag);
  scope.get('/fresh', async (_request, reply) =>
    reply.headers({ etag: '"fresh"', 'last-modified': content.lastModified }).send('fresh'),
  );
  scope.get('/tagged', async () => content.longText);
}

async function addCompressed(scope, compress) {
  await scope.register(compress, { threshold: 100 });
  scope.get('/:kind', async (request, reply) => {
    const { kind } = request.params;
    if (kind === 'json') return content.longList;
    reply.type('text/plain');
    if (kind === 'stream') return Readable.from(content.textChunks);
    return kind === 'small' ? 'small' : content.longText;
  });
}

function addHandled(scope) {
  scope.setErrorHandler((error, _request, reply) =>
    reply.code(500).send(`handled: ${error.message ?? error}`),
  );
  scope.setNotFoundHandler((_request, reply) => reply.code(404).send('not found in here'));
  scope.get('/:kind', async (request) => {
    throw content.errorOf(request.params.kind);
  });
}

function addMounted(scope) {
  const schema = { params: { type: 'object', properties: { item: { type: 'integer' } } } };
  scope.get('/items/:item', { schema }, async (request, reply) =>
    reply.header('x-item', request.params.item).send(request.params),
  );
}

function addAnswers(app) {
  app.get('/', async () => 'home');
  app.all('/method', async (request) => request.method);
  app.get('/status/:code', async (request, reply) =>
    reply.code(Number(request.params.code)).send(`status ${request.params.code}`),
  );
  app.get('/reason/:code', async (request, reply) => {
    reply.raw.statusMessage = 'Made Up';
    return reply.code(Number(request.params.code)).send('reason');
  });
  app.get('/headers/:kind', async (request, reply) =>
    reply.headers(content.headersOf[request.params.kind]).send(request.params.kind),
  );
  app.get('/query', async (request) => request.query);
  app.get('/params/:one/:two', async (request) => request.params);
  app.all('/echo', async (request) => content.echoOf(request.raw, request.body));
  app.get('/redirect/:kind', (request, reply) => {
    const { kind } = request.params;
    reply
      .code(kind === 'permanent' ? 301 : 302)
      .header('location', `/moved/${kind}`)
      .send();
  });
  app.get('/negotiated', async (request, reply) => {
    if (request.headers.accept?.includes('json')) return { negotiated: true };
    return reply.type('text/html').send('<p>negotiated</p>');
  });
  app.get('/json', async () => content.longList);
  const body = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
  app.post('/validated', { schema: { body } }, async (request) => request.body);
}

function addCookies(app) {
  app.get('/cookies/:kind', async (request, reply) => {
    if (request.params.kind === 'set') {
      reply.setCookie('one', '1', { httpOnly: true }).setCookie('two', 'a b', { sameSite: 'lax' });
      reply.setCookie('signed', 'three', { signed: true });
    }
    if (request.params.kind === 'clear') reply.clearCookie('one');
    return request.cookies;
  });
  app.get('/session', async (request, reply) => {
    const { valid, value } = request.unsignCookie(request.cookies.visits ?? '');
    const visits = (valid ? Number(value) : 0) + 1;
    return reply.setCookie('visits', String(visits), { signed: true }).send(`visit ${visits}`);
  });
}

function addStreams(app, folder) {
  app.get('/streams/:kind', async (request, reply) => {
    const { kind } = request.params;
    if (kind === 'file') return createReadStream(path.join(folder, 'letters.txt'));
    if (kind === 'missing') return createReadStream(path.join(folder, 'missing'));
    if (kind === 'events') reply.type('text/event-stream');
    return Readable.from(kind === 'events' ? content.eventChunks : content.textChunks);
  });
}

function addErrors(app) {
  app.get('/errors/:kind', (request, reply) => {
    if (request.params.kind !== 'after-headers') throw content.errorOf(request.params.kind);
    reply.hijack();
    reply.raw.writeHead(200, { 'Content-Length': '10' });
    reply.raw.write('half!', () => reply.raw.destroy());
  });
  app.get('/rejected/:kind', async (request) => {
    await null;
    throw content.errorOf(request.params.kind);
  });
  app.get('/passed/:kind', (request, reply) => {
    reply.send(content.errorOf(request.params.kind));
  });
}
