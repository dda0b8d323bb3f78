import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeSpan } from '@spoor/core';
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

  test(`${name}: a parameter that is looked up first has the span, and the route its name`, async (t) => {
    const { app, request } = tracedApp(t, express);
    const router = express.Router();
    const active: unknown[] = [];
    router.param('user', (_request, _response, next, id) => {
      active.push(id, activeSpan()?.toString());
      setTimeout(next, 1);
    });
    router.get('/users/:user', (_, response) => {
      active.push(activeSpan()?.toString());
      response.send('ok');
    });
    app.use('/api', router);

    const span = await request('/api/users/42');

    assert.equal(span.operationName, 'GET /api/users/:user');
    assert.deepEqual(active, ['42', span.context.toString(), span.context.toString()]);
  });

  test(`${name}: a parameter that is not found is an error of the route`, async (t) => {
    const { app, request } = tracedApp(t, express);
    app.param('user', (_request, _response, next) => next(new RangeError('no such user')));
    app.get('/users/:user', (_, response) => void response.send('ok'));

    const { operationName, logs, tags } = await request('/users/42');

    assert.equal(operationName, 'GET /users/:user');
    assert.equal(tags.error, true);
    assert.equal(logs[0]?.fields.message, 'no such user');
  });

  test(`${name}: of a list of paths the one that matched names the route`, async (t) => {
    const build = (app: ReturnType<typeof express>): void => {
      app.get(['/a/:id', '/b/:id', '/c'], (_, response) => void response.send('ok'));
    };
    assert.equal(await nameOf(t, build, '/b/1'), 'GET /b/:id');
    assert.equal(await nameOf(t, build, '/c'), 'GET /c');
  });

  test(`${name}: a regular expression names the route by its source`, async (t) => {
    const build = (app: ReturnType<typeof express>): void => {
      app.get(/^\/files\/(.*)$/i, (_, response) => void response.send('ok'));
      app.get(['/plain/:id', /^\/odd\/(.*)$/], (_, response) => void response.send('ok'));
    };
    assert.equal(await nameOf(t, build, '/files/x/y'), 'GET /^\\/files\\/(.*)$/');
    assert.equal(await nameOf(t, build, '/odd/x/y'), 'GET /plain/:id|/^\\/odd\\/(.*)$/');
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
