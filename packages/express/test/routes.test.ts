import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorRequestHandler } from 'express';
import { tracedApp, versions } from './helpers.js';

for (const { name, express } of versions) {
  const nameOf = async (
    t: Parameters<typeof tracedApp>[0],
    build: (app: ReturnType<typeof express>) => void,
    path: string,
  ): Promise<string> => {
    const { app, request } = tracedApp(t, express);
    build(app);
    const span = await request(path);
    const route = span.tags['http.route'];
    assert.equal(span.operationName, route === undefined ? 'GET' : `GET ${route}`);
    return span.operationName;
  };

  test(`${name}: a span is named by method and route`, async (t) => {
    const build = (app: ReturnType<typeof express>): void => {
      app.get('/users/:id', (_, response) => void response.send('ok'));
    };
    assert.equal(await nameOf(t, build, '/users/42?page=2'), 'GET /users/:id');
  });

  test(`${name}: the pattern of a mount path is part of the route, not the actual path`, async (t) => {
    const build = (app: ReturnType<typeof express>): void => {
      const inner = express.Router({ mergeParams: true });
      inner.get('/items/:item', (_, response) => void response.send('ok'));
      const outer = express.Router({ mergeParams: true });
      outer.use('/shops/:shop', inner);
      app.use('/api/:tenant', outer);
    };
    const path = '/api/acme/shops/7/items/9';
    assert.equal(await nameOf(t, build, path), 'GET /api/:tenant/shops/:shop/items/:item');
  });

  test(`${name}: a mounted application's route has its mount path in front`, async (t) => {
    const build = (app: ReturnType<typeof express>): void => {
      const admin = express();
      admin.get('/jobs/:id', (_, response) => void response.send('ok'));
      app.use('/admin', admin);
    };
    assert.equal(await nameOf(t, build, '/admin/jobs/1'), 'GET /admin/jobs/:id');
  });

  test(`${name}: the root route of a mounted router has no slash at its end`, async (t) => {
    const build = (app: ReturnType<typeof express>): void => {
      const router = express.Router();
      router.get('/', (_, response) => void response.send('ok'));
      app.use('/health', router);
    };
    assert.equal(await nameOf(t, build, '/health'), 'GET /health');
  });

  test(`${name}: a router mounted in two places is named by the pattern of the one that was asked`, async (t) => {
    const build = (app: ReturnType<typeof express>): void => {
      const router = express.Router();
      router.get('/x/:id', (_, response) => void response.send('ok'));
      app.use('/one/:tenant', router);
      app.use('/two', router);
    };
    assert.equal(await nameOf(t, build, '/two/x/1'), 'GET /two/x/:id');
    assert.equal(await nameOf(t, build, '/one/acme/x/1?y=/'), 'GET /one/:tenant/x/:id');
  });

  test(`${name}: names stay few when a router mounted in two places fails`, async (t) => {
    const build = (app: ReturnType<typeof express>): void => {
      const router = express.Router();
      router.get('/:id', () => {
        throw new Error('boom');
      });
      app.use('/one/:tenant', router);
      app.use('/two', router);
    };
    assert.equal(await nameOf(t, build, '/one/acme/1'), 'GET /one/:tenant/:id');
  });

  test(`${name}: a list of paths and a regular expression name the route by what was registered`, async (t) => {
    const build = (app: ReturnType<typeof express>): void => {
      app.get(['/a/:id', '/b/:id'], (_, response) => void response.send('ok'));
      app.get(/^\/files\/(.*)$/, (_, response) => void response.send('ok'));
    };
    assert.equal(await nameOf(t, build, '/b/1'), 'GET /a/:id|/b/:id');
    assert.equal(await nameOf(t, build, '/files/x/y'), 'GET /^\\/files\\/(.*)$/');
  });

  test(`${name}: what matches nothing is named by the method alone`, async (t) => {
    assert.equal(await nameOf(t, () => {}, '/no/such/thing'), 'GET');
  });

  test(`${name}: a route whose handlers pass the request on is not claimed for the 404`, async (t) => {
    const build = (app: ReturnType<typeof express>): void => {
      app.get('/maybe/:id', (_request, _response, next) => next());
    };
    assert.equal(await nameOf(t, build, '/maybe/1'), 'GET');
  });

  test(`${name}: a route that passes the request on to a handler of all the rest is not claimed`, async (t) => {
    const build = (app: ReturnType<typeof express>): void => {
      app.all('/api/:what', (_request, _response, next) => next());
      app.use('/api', (_, response) => void response.status(404).send('nothing here'));
    };
    assert.equal(await nameOf(t, build, '/api/1'), 'GET');
  });

  test(`${name}: a route for everything is claimed for what it has, not for what it has not`, async (t) => {
    const wildcard = name === 'Express 4' ? '/*' : '/*path';
    const build = (app: ReturnType<typeof express>): void => {
      const rest = express.Router();
      rest.all(wildcard, (_, response) => void response.status(404).send('nothing here'));
      app.use('/api', rest);
      app.get(wildcard, (_, response) => void response.send('the page'));
    };
    assert.equal(await nameOf(t, build, '/api/1'), 'GET');
    assert.equal(await nameOf(t, build, '/some/page'), `GET ${wildcard}`);
  });

  test(`${name}: a route keeps its name where a parameter is left out or a handler of errors answers`, async (t) => {
    const optional = name === 'Express 4' ? '/list/:page?' : '/list{/:page}';
    const build = (app: ReturnType<typeof express>): void => {
      app.get(optional, (_, response) => void response.send('ok'));
      app.get('/users/:id', (_request, _response, next) => next(new Error('boom')));
      app.use(((_error, _request, response, _next) => {
        response.status(500).send('sorry');
      }) satisfies ErrorRequestHandler);
    };
    assert.equal(await nameOf(t, build, '/list'), `GET ${optional}`);
    assert.equal(await nameOf(t, build, '/users/1'), 'GET /users/:id');
  });

  test(`${name}: a handler that answers 404 by itself keeps its route`, async (t) => {
    const { app, request } = tracedApp(t, express);
    app.get('/users/:id', (_, response) => void response.status(404).send('no such user'));
    const span = await request('/users/1');
    assert.equal(span.operationName, 'GET /users/:id');
    assert.equal(span.tags['http.status_code'], 404);
    assert.equal(span.tags.error, undefined);
  });
}
