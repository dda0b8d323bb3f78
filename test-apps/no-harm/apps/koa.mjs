import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { bodyParser } from '@koa/bodyparser';
import etag from '@koa/etag';
import Router from '@koa/router';
import { send as sendFile } from '@koa/send';
import compress from 'koa-compress';
import conditional from 'koa-conditional-get';
import session from 'koa-session';
import send from 'send';
import * as content from './content.mjs';
import { answerRaw } from './raw.mjs';

/** The application in Koa 2 and 3, with the middleware that most applications have. */
export async function start({ library: { default: Koa }, middleware, folder, onHandled }) {
  const app = new Koa({ keys: ['secret'] });
  // Otherwise Koa prints every error.
  app.silent = true;
  app.use(only('/own/returned', answerReturned));
  if (middleware !== undefined) app.use(middleware);
  app.use((ctx, next) => {
    onHandled();
    return ctx.path === '/own/returned' ? 'what a middleware returns' : next();
  });
  app.use(rawRoutes(folder));
  app.use(only('/compressed', compress({ threshold: 100 })));
  app.use(only('/fresh', conditional()));
  app.use(only('/tagged', conditional()));
  app.use(only('/tagged', etag()));
  app.use(only('/session', session({ key: 'session', maxAge: 'session' }, app)));
  app.use(
    bodyParser({
      enableTypes: ['json', 'form', 'text'],
      jsonLimit: content.bodyLimit,
      formLimit: content.bodyLimit,
      textLimit: content.bodyLimit,
    }),
  );
  const router = new Router();
  addAnswers(router);
  addCookies(router);
  addStreams(router, folder);
  addErrors(router);
  addOwn(router);
  router.use(mounted());
  app.use(router.routes());
  app.use(router.allowedMethods());
  return { listener: app.callback() };
}

const only = (prefix, middleware) => (ctx, next) =>
  ctx.path.startsWith(prefix) ? middleware(ctx, next) : next();

/** Applications whose handlers return the body have such a middleware first. */
async function answerReturned(ctx, next) {
  const returned = await next();
  if (typeof returned === 'string') ctx.body = returned;
}

/** Handlers that take over from Koa; it has set 404 already. */
function rawRoutes(folder) {
  return only('/raw/', async (ctx) => {
    ctx.respond = false;
    ctx.res.statusCode = 200;
    await answerRaw(ctx.req, ctx.res, folder);
  });
}

function addAnswers(router) {
  const answer = (route, handler) => router.get(route, handler);
  answer('/', (ctx) => {
    ctx.body = 'home';
  });
  router.all('/method', (ctx) => {
    ctx.body = ctx.method;
  });
  answer('/status/:code', (ctx) => {
    ctx.body = `status ${ctx.params.code}`;
    ctx.status = Number(ctx.params.code);
  });
  answer('/reason/:code', (ctx) => {
    ctx.status = Number(ctx.params.code);
    ctx.message = 'Made Up';
    ctx.body = 'reason';
  });
  answer('/headers/:kind', (ctx) => {
    ctx.set(content.headersOf[ctx.params.kind]);
    ctx.append('X-Appended', '1');
    ctx.vary('X-Kind');
    ctx.body = ctx.params.kind;
  });
  answer('/query', (ctx) => {
    ctx.body = ctx.query;
  });
  answer('/params/:one/:two', (ctx) => {
    ctx.body = ctx.params;
  });
  router.all('/echo', (ctx) => {
    ctx.body = content.echoOf(ctx.req, ctx.request.body);
  });
  answer('/redirect/:kind', (ctx) => {
    if (ctx.params.kind === 'permanent') ctx.status = 301;
    ctx.redirect(`/moved/${ctx.params.kind}`);
  });
  answer('/fresh', (ctx) => {
    ctx.set({ ETag: '"fresh"', 'Last-Modified': content.lastModified });
    ctx.body = 'fresh';
  });
  answer('/tagged', (ctx) => {
    ctx.body = content.longText;
  });
  answer('/negotiated', (ctx) => {
    ctx.body = ctx.accepts('html', 'json') === 'json' ? { negotiated: true } : '<p>negotiated</p>';
  });
  answer('/json', (ctx) => {
    ctx.body = content.longList;
  });
  answer('/compressed/:kind', (ctx) => {
    const bodies = {
      json: content.longList,
      small: 'small',
      stream: Readable.from(content.textChunks),
    };
    ctx.type = ctx.params.kind === 'json' ? 'json' : 'text';
    ctx.body = bodies[ctx.params.kind] ?? content.longText;
  });
}

function addCookies(router) {
  router.get('/cookies/:kind', (ctx) => {
    if (ctx.params.kind === 'set') {
      ctx.cookies.set('one', '1', { signed: false });
      ctx.cookies.set('two', 'ab', { sameSite: 'lax' });
    }
    if (ctx.params.kind === 'clear') ctx.cookies.set('one', null, { signed: false });
    ctx.body = { one: ctx.cookies.get('one', { signed: false }), two: ctx.cookies.get('two') };
  });
  router.get('/session', (ctx) => {
    ctx.session.visits = (ctx.session.visits ?? 0) + 1;
    ctx.body = `visit ${ctx.session.visits}`;
  });
}

function addStreams(router, folder) {
  router.get('/streams/:kind', (ctx) => {
    const { kind } = ctx.params;
    if (kind === 'file' || kind === 'missing') {
      const name = kind === 'file' ? 'letters.txt' : 'missing';
      ctx.body = createReadStream(path.join(folder, name));
      return;
    }
    if (kind === 'events') ctx.type = 'text/event-stream';
    ctx.body = Readable.from(kind === 'events' ? content.eventChunks : content.textChunks);
  });
  router.get('/sent/:name', (ctx) => sendFile(ctx, ctx.params.name, { root: folder }));
  // koa-send knows no ranges.
  router.all('/static/{*file}', (ctx) => {
    ctx.respond = false;
    ctx.res.statusCode = 200;
    send(ctx.req, ctx.path.slice('/static'.length), { root: folder }).pipe(ctx.res);
  });
}

function addErrors(router) {
  router.get('/errors/:kind', (ctx) => {
    if (ctx.params.kind !== 'after-headers') throw content.errorOf(ctx.params.kind);
    ctx.respond = false;
    ctx.res.writeHead(200, { 'Content-Length': '10' });
    ctx.res.write('half!', () => ctx.res.destroy());
  });
  router.get('/rejected/:kind', async (ctx) => {
    await null;
    throw content.errorOf(ctx.params.kind);
  });
  router.get('/passed/:kind', (ctx) => ctx.throw(400, `error ${ctx.params.kind}`));
  router.get(
    '/handled/:kind',
    async (ctx, next) => {
      try {
        await next();
      } catch (error) {
        ctx.status = 500;
        ctx.body = `handled: ${error.message ?? error}`;
      }
    },
    (ctx) => {
      throw content.errorOf(ctx.params.kind);
    },
  );
}

/** What only Koa has. */
function addOwn(router) {
  const own = (name, handler) => router.get(`/own/${name}`, handler);
  own('assert', (ctx) =>
    ctx.assert(ctx.query.user, 401, 'who are you?', { headers: { 'X-A': '1' } }),
  );
  own('throw', (ctx) => ctx.throw(402, 'pay', { expose: false }));
  own('null', (ctx) => {
    ctx.body = null;
  });
  own('buffer', (ctx) => {
    ctx.body = Buffer.from([0, 255]);
  });
  own('nothing', () => {});
  own('attachment', (ctx) => {
    ctx.attachment('letters.txt');
    ctx.body = 'attached';
  });
  own('typed', (ctx) => {
    ctx.body = '<p>html</p>';
    ctx.length = 11;
    ctx.lastModified = new Date(content.lastModified);
    ctx.etag = 'typed';
  });
  own('flushed', (ctx) => {
    ctx.status = 200;
    ctx.flushHeaders();
    ctx.body = Readable.from(content.textChunks);
  });
  own('context', (ctx) => {
    ctx.body = ctx;
  });
  own('request', (ctx) => {
    const { host, hostname, href, ip, protocol, secure, subdomains, idempotent } = ctx;
    ctx.body = { host, hostname, href, ip, protocol, secure, subdomains, idempotent };
  });
  own('keys', (ctx) => {
    ctx.body = [Object.keys(ctx), Object.keys(ctx.req), Object.keys(ctx.state)];
  });
}

function mounted() {
  const inner = new Router({ prefix: '/mounted/shops/:shop' });
  inner.get('/items/:item', (ctx) => {
    ctx.body = ctx.params;
  });
  return inner.routes();
}
