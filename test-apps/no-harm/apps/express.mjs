import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import compression from 'compression';
import cookieParser from 'cookie-parser';
import cookieSession from 'cookie-session';
import * as content from './content.mjs';
import { answerRaw } from './raw.mjs';

/** The application in Express 4 and 5, with the middleware that most applications have. */
export async function start({ library: { default: express }, middleware, folder, onHandled }) {
  const app = express();
  // Otherwise Express prints every error that reaches its last handler.
  app.set('env', 'test');
  if (middleware !== undefined) app.use(middleware);
  app.use((_request, _response, next) => {
    onHandled();
    next();
  });
  app.use('/raw', (request, response, next) => {
    answerRaw(request, response, folder).catch(next);
  });
  app.use('/compressed', compression());
  app.use(cookieParser('secret'));
  app.use('/session', cookieSession({ name: 'session', keys: ['secret'] }));
  app.use(express.json({ limit: content.bodyLimit }));
  app.use(express.urlencoded({ extended: true, limit: content.bodyLimit }));
  app.use(express.text({ limit: content.bodyLimit }));
  app.use(express.raw({ limit: content.bodyLimit }));
  app.use('/static', express.static(folder));
  addAnswers(app);
  addStreams(app, folder);
  addErrors(app);
  addOwn(app, folder);
  app.use('/mounted', mounted(express));
  return { listener: app };
}

function addAnswers(app) {
  app.get('/', (_, response) => response.send('home'));
  app.all('/method', (request, response) => response.send(request.method));
  app.get('/status/:code', ({ params }, response) =>
    response.status(Number(params.code)).send(`status ${params.code}`),
  );
  app.get('/reason/:code', ({ params }, response) => {
    response.statusMessage = 'Made Up';
    response.status(Number(params.code)).send('reason');
  });
  app.get('/headers/:kind', ({ params }, response) =>
    response
      .set(content.headersOf[params.kind])
      .append('X-Appended', '1')
      .vary('X-Kind')
      .send(params.kind),
  );
  app.get('/query', (request, response) => response.json(request.query));
  app.get('/params/:one/:two', (request, response) => response.json(request.params));
  app.get('/cookies/:kind', (request, response) => {
    if (request.params.kind === 'set') {
      response.cookie('one', '1', { httpOnly: true }).cookie('two', 'a b', { sameSite: 'lax' });
      response.cookie('signed', 'three', { signed: true }).cookie('json', { a: 1 });
    }
    if (request.params.kind === 'clear') response.clearCookie('one');
    response.json({ plain: request.cookies, signed: request.signedCookies });
  });
  app.get('/session', (request, response) => {
    request.session.visits = (request.session.visits ?? 0) + 1;
    response.send(`visit ${request.session.visits}`);
  });
  app.all('/echo', (request, response) => response.json(content.echoOf(request, request.body)));
  app.get('/redirect/:kind', ({ params }, response) =>
    response.redirect(params.kind === 'permanent' ? 301 : 302, `/moved/${params.kind}`),
  );
  app.get('/fresh', (_, response) =>
    response.set({ ETag: '"fresh"', 'Last-Modified': content.lastModified }).send('fresh'),
  );
  app.get('/negotiated', (_, response) =>
    response.format({
      html: () => response.send('<p>negotiated</p>'),
      json: () => response.send({ negotiated: true }),
    }),
  );
  app.get('/json', (_, response) => response.json(content.longList));
  app.get('/compressed/:kind', ({ params }, response) => {
    if (params.kind === 'json') return response.json(content.longList);
    if (params.kind === 'stream')
      return Readable.from(content.textChunks).pipe(response.type('txt'));
    return response.type('txt').send(params.kind === 'small' ? 'small' : content.longText);
  });
}

function addStreams(app, folder) {
  app.get('/streams/:kind', ({ params }, response, next) => {
    if (params.kind === 'file') return response.sendFile('letters.txt', { root: folder });
    if (params.kind === 'missing') {
      return createReadStream(path.join(folder, 'missing')).on('error', next).pipe(response);
    }
    if (params.kind === 'events') response.type('text/event-stream');
    const chunks = params.kind === 'events' ? content.eventChunks : content.textChunks;
    return Readable.from(chunks).pipe(response);
  });
}

function addErrors(app) {
  app.get('/errors/:kind', ({ params }, response) => {
    if (params.kind !== 'after-headers') throw content.errorOf(params.kind);
    response.set('Content-Length', '10').write('half!', () => response.destroy());
  });
  app.get('/rejected/:kind', async ({ params }, _response, next) => {
    await null;
    // Express 4 does not look at what handlers return.
    if (app.lazyrouter !== undefined) next(content.errorOf(params.kind));
    else throw content.errorOf(params.kind);
  });
  app.get('/passed/:kind', ({ params }, _response, next) => next(content.errorOf(params.kind)));
  app.get('/handled/:kind', ({ params }) => {
    throw content.errorOf(params.kind);
  });
  // Four parameters make it a handler of errors.
  app.use('/handled', (error, _request, response, _next) =>
    response.status(500).send(`handled: ${error.message ?? error}`),
  );
}

/** What only Express has. */
function addOwn(app, folder) {
  const send = (text) => (_, response) => response.send(text);
  app.get('/own/next-route', (_request, _response, next) => next('route'), send('skipped'));
  app.get('/own/next-route', send('the next route'));
  app.get('/own/next-router', (_request, _response, next) => next('router'), send('skipped'));
  app.get('/own/links', (_, response) =>
    response.links({ next: '/2' }).location('/1').send('links'),
  );
  app.get('/own/jsonp', (_, response) => response.jsonp({ jsonp: true }));
  app.get('/own/download', (_, response) =>
    response.download('letters.txt', 'my.txt', { root: folder }),
  );
  app.get('/own/send-status', (_, response) => response.sendStatus(402));
  app.get('/own/nothing-sent', (_, response) => response.send());
  app.get('/own/locals', (_, response) =>
    response.json({ ...response.locals, ...app.locals.settings }),
  );
  app.get('/own/request', (request, response) => {
    const { protocol, hostname, ip, path: own, subdomains, secure, fresh, xhr } = request;
    response.json({ protocol, hostname, ip, own, subdomains, secure, fresh, xhr });
  });
  app.get('/own/keys', (request, response) => response.json(Object.keys(request)));
  app.route('/own/route').get(send('got')).post(send('posted')).all(send('all'));
  app.get(['/own/list', /^\/own\/pattern\d+$/], send('one of many'));
}

/** Routers and an application in each other. */
function mounted(express) {
  const inner = express.Router({ mergeParams: true });
  inner.get('/items/:item', ({ params, baseUrl }, response) => response.json({ params, baseUrl }));
  inner.param('item', (_request, response, next, item) => {
    response.set('X-Item', item);
    next();
  });
  const application = express();
  application.use('/shops/:shop', inner);
  application.get('/development', () => {
    throw content.errorOf('development');
  });
  application.set('env', 'development');
  application.use((error, _request, response, next) => {
    response.set('X-Seen', error.name);
    next(error);
  });
  return application;
}
