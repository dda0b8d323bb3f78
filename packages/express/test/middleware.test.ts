import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { activeSpan, SpoorError } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/express';
import { listen, tracedApp, versions } from './helpers.js';

for (const { name, express } of versions) {
  test(`${name}: a server span carries what the OpenTracing conventions ask for`, async (t) => {
    const { app, request, url } = tracedApp(t, express);
    app.get('/users/:id', (_, response) => void response.send('ok'));

    const { tags, logs, parentId } = await request('/users/42?token=secret&page=2');

    const { 'peer.port': peerPort, ...others } = tags;
    assert.equal(typeof peerPort, 'number');
    assert.deepEqual(others, {
      'sampler.type': 'const',
      'sampler.param': true,
      'span.kind': 'server',
      component: 'express',
      'http.method': 'GET',
      'http.url': `${await url()}/users/42?token=REDACTED&page=2`,
      'http.route': '/users/:id',
      'http.status_code': 200,
      'peer.ipv4': '127.0.0.1',
    });
    assert.deepEqual(logs, []);
    assert.equal(parentId, '');
  });

  test(`${name}: an incoming context is continued, and its sampling decision kept`, async (t) => {
    const { app, request } = tracedApp(t, express, 0);
    app.get('/', (_, response) => void response.send('ok'));

    const span = await request('/', {
      headers: {
        'uber-trace-id': '463ac35c9f6413ad:a2fb4a1d1a96d312:0:1',
        'uberctx-tenant': 'acme',
      },
    });

    assert.equal(span.context.toTraceId(), '463ac35c9f6413ad');
    assert.equal(span.parentId, 'a2fb4a1d1a96d312');
    assert.equal(span.baggage?.tenant, 'acme');
  });

  test(`${name}: a malformed context starts a new trace`, async (t) => {
    const { app, request } = tracedApp(t, express);
    app.get('/', (_, response) => void response.send('ok'));

    const span = await request('/', { headers: { 'uber-trace-id': 'zz:1:0:1' } });

    assert.equal(span.parentId, '');
    assert.match(span.context.toTraceId(), /^[0-9a-f]{16}$/);
  });

  test(`${name}: a request that is not sampled is reported nowhere and still has an active span`, async (t) => {
    const { app, url, reporter } = tracedApp(t, express, 0);
    app.get('/', (_, response) => {
      response.json(activeSpan()?.isSampled());
    });

    assert.equal(await (await fetch(await url())).json(), false);
    assert.deepEqual(reporter.spans, []);
  });

  test(`${name}: the span is active in handlers, after an await and in the response's finish event`, async (t) => {
    const { app, request, tracer } = tracedApp(t, express);
    const seen: unknown[] = [];
    app.use(express.json());
    app.post('/', async (_, response) => {
      seen.push(tracer.activeSpan());
      await sleep(1);
      seen.push(tracer.activeSpan());
      response.on('finish', () => seen.push(tracer.activeSpan()));
      response.json({});
    });

    const span = await request('/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    });

    assert.deepEqual(seen.map(String), Array(3).fill(span.context.toString()));
  });

  test(`${name}: of a thousand requests at once each child has its own parent`, async (t) => {
    const { app, url, tracer, finished } = tracedApp(t, express);
    app.get('/:n', async (request, response) => {
      await sleep(Math.random() * 20);
      tracer.startSpan('child', { tags: { n: request.params.n } }).finish();
      response.send('ok');
    });
    const base = await url();

    await Promise.all(
      Array.from({ length: 1000 }, async (_, n) => (await fetch(`${base}/${n}`)).text()),
    );

    const spans = await finished(2000);
    const children = spans.filter(({ operationName }) => operationName === 'child');
    const parents = new Map(spans.map((span) => [span.context.toSpanId(), span]));
    assert.equal(children.length, 1000);
    for (const child of children) {
      const path = new URL(String(parents.get(child.parentId)?.tags['http.url'])).pathname;
      assert.equal(path, `/${child.tags.n}`);
    }
  });

  test(`${name}: an error that nobody handles is a 500 with the stack in one log`, async (t) => {
    const { app, request } = tracedApp(t, express);
    const router = express.Router();
    router.get('/boom', () => {
      throw new TypeError('boom');
    });
    app.use('/api', router);

    const { operationName, tags, logs } = await request('/api/boom');

    assert.equal(operationName, 'GET /api/boom');
    assert.equal(tags['http.status_code'], 500);
    assert.equal(tags.error, true);
    assert.equal(logs.length, 1);
    const { stack, ...fields } = logs[0]!.fields;
    assert.deepEqual(fields, { event: 'error', 'error.kind': 'TypeError', message: 'boom' });
    assert.match(String(stack), /^TypeError: boom\n {4}at .*middleware\.test/);
  });

  test(`${name}: an error that the application handles is logged once, and judged by the status`, async (t) => {
    const { app, request } = tracedApp(t, express);
    app.get('/boom', (_request, _response, next) => next(new RangeError('handled')));
    app.use(
      (error: Error, _request: unknown, response: import('express').Response, _next: unknown) => {
        response.status(422).send(error.message);
      },
    );

    const { tags, logs } = await request('/boom');

    assert.equal(tags['http.status_code'], 422);
    assert.equal(tags.error, undefined);
    assert.deepEqual(
      logs.map(({ fields }) => fields.message),
      ['handled'],
    );
  });

  test(`${name}: a 500 without an exception is an error too`, async (t) => {
    const { app, request } = tracedApp(t, express);
    app.get('/', (_, response) => void response.status(503).send('later'));

    const { tags, logs } = await request('/');

    assert.equal(tags.error, true);
    assert.equal(tags['http.status_code'], 503);
    assert.deepEqual(logs, []);
  });

  test(`${name}: a request that the client gives up ends its span, which claims no status`, async (t) => {
    const { app, url, finished } = tracedApp(t, express);
    const controller = new AbortController();
    app.get('/slow', () => controller.abort());

    await assert.rejects(fetch(`${await url()}/slow`, { signal: controller.signal }));
    const [span] = await finished(1);

    assert.equal(span!.operationName, 'GET /slow');
    assert.equal(span!.tags['http.aborted'], true);
    assert.equal(span!.tags.error, true);
    assert.equal(span!.tags['http.status_code'], undefined);
    assert.equal(span!.logs[0]?.fields.event, 'aborted');
  });

  test(`${name}: a response cut off in the middle keeps its status and says that it was cut off`, async (t) => {
    const { app, url, finished } = tracedApp(t, express);
    app.get('/stream', (_, response) => void response.write('begin'));

    const outgoing = httpRequest(`${await url()}/stream`);
    outgoing.end();
    const [incoming] = await once(outgoing, 'response');
    await once(incoming, 'data');
    outgoing.destroy();
    const [span] = await finished(1);

    assert.equal(span!.tags['http.status_code'], 200);
    assert.equal(span!.tags['http.aborted'], true);
  });

  test(`${name}: mounted twice there is still one span for a request`, async (t) => {
    const { app, request, reporter } = tracedApp(t, express);
    app.use(jaegerMiddleware());
    app.get('/', (_, response) => void response.send('ok'));

    await request('/');

    assert.equal(reporter.spans.length, 1);
  });

  test(`${name}: no header of the response is changed`, async (t) => {
    const { app, url } = tracedApp(t, express);
    const plain = express();
    for (const each of [app, plain]) {
      each.get('/', (_, response) => void response.send('ok'));
    }

    const [traced, untraced] = await Promise.all([
      fetch(await url()),
      fetch(await listen(t, plain)),
    ]);

    const headers = (response: Response): object => ({
      ...Object.fromEntries(response.headers),
      date: undefined,
    });
    assert.deepEqual(headers(traced), headers(untraced));
  });
}

test('an unknown option is refused with the one that was meant', () => {
  assert.throws(() => jaegerMiddleware({ tracr: undefined } as object), {
    name: 'SpoorError',
    message: 'jaegerMiddleware.tracr: unknown option. Did you mean jaegerMiddleware.tracer?',
  });
});

test('a tracer that is none of ours is refused', () => {
  assert.throws(() => jaegerMiddleware({ tracer: {} } as object), SpoorError);
});
