import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { serve } from '@hono/node-server';
import { ConstSampler, InMemoryReporter, Tracer } from '@spoor/core';
import { spanOf } from '@spoor/http';
import { awaitSpans, tracedRequests } from '@spoor/testing';
import { createApp } from '../app.mjs';

async function start(t, options = {}) {
  const reporter = new InMemoryReporter();
  const finished = awaitSpans(reporter);
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  const events = new EventEmitter();
  const app = createApp({ tracer, ...options }, events);
  // Hono prints what it answers a 500 for.
  t.mock.method(console, 'error', () => {});
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    app,
    events,
    reporter,
    finished,
    url,
    ask: tracedRequests(url, reporter, finished),
  };
}

async function assertNames(ask, names) {
  for (const [path, name] of Object.entries(names)) {
    const { span } = await ask(path);
    assert.equal(span.operationName, name, path);
    assert.equal(span.tags['http.route'], name.split(' ')[1], path);
  }
}

test('a span is named by method and route, and has the tags of any server', async (t) => {
  const { ask, url } = await start(t);
  const { span } = await ask('/users/42?token=secret');
  assert.equal(span.operationName, 'GET /users/:id');
  const { 'peer.port': port, ...tags } = span.tags;
  assert.equal(typeof port, 'number');
  assert.deepEqual(tags, {
    'sampler.type': 'const',
    'sampler.param': true,
    'span.kind': 'server',
    component: 'hono',
    'http.method': 'GET',
    'http.url': `${url}/users/42?token=REDACTED`,
    'http.route': '/users/:id',
    'http.status_code': 200,
    'peer.ipv4': '127.0.0.1',
  });
});

test('base paths, nested applications, lists of paths and wildcards are in the route', async (t) => {
  const { ask } = await start(t);
  await assertNames(ask, {
    '/api/shops/7': 'GET /api/shops/:shop',
    '/api/shops/7/items/9': 'GET /api/shops/:shop/items/:item',
    '/v1/things/1': 'GET /v1/things/:thing',
    '/two/1': 'GET /two/:id',
    '/files/a/b': 'GET /files/*',
  });
});

test('what matches nothing, or middleware alone, is named by the method', async (t) => {
  const { ask } = await start(t);
  await assertNames(ask, { '/nothing/1234': 'GET', '/api/nothing': 'GET', '/old/page': 'GET' });
  assert.equal((await ask('/nothing', { method: 'POST' })).span.operationName, 'POST');
});

test('middleware that answers leaves the name to the route behind it', async (t) => {
  const { ask } = await start(t);
  const { span } = await ask('/api/shops/7', { headers: { authorization: 'wrong' } });
  assert.equal(span.tags['http.status_code'], 401);
  assert.equal(span.operationName, 'GET /api/shops/:shop');
});

test('HEAD is a method like any other', async (t) => {
  const { ask } = await start(t);
  const { span } = await ask('/users/1', { method: 'HEAD' });
  assert.equal(span.operationName, 'HEAD /users/:id');
});

test('a handler can name the span', async (t) => {
  const { ask } = await start(t);
  assert.equal((await ask('/named')).span.operationName, 'a better name');
});

test('an option can name the span, and knows the route', async (t) => {
  const { ask } = await start(t, { operationName: (_request, route) => `by ${route}` });
  assert.equal((await ask('/users/1')).span.operationName, 'by /users/:id');
});

for (const path of ['/throws', '/rejects']) {
  test(`an error out of ${path} is a 500 with its stack in one log`, async (t) => {
    const { ask } = await start(t);
    const { span, response } = await ask(path);
    assert.equal(response.status, 500);
    assert.equal(span.operationName, `GET ${path}`);
    assert.equal(span.tags.error, true);
    assert.equal(span.logs.length, 1);
    const { stack, ...fields } = span.logs[0].fields;
    assert.deepEqual(fields, { event: 'error', 'error.kind': 'TypeError', message: 'boom' });
    assert.match(stack, /^TypeError: boom\n {4}at .*app\.mjs/);
  });
}

test('an error that Hono or the application answers below 500 is logged and no fault', async (t) => {
  const { ask } = await start(t);
  for (const [path, status, message] of [
    ['/forbidden/1', 403, 'not for you'],
    ['/api/shops/7/broken', 422, 'out of stock'],
  ]) {
    const { span } = await ask(path);
    assert.equal(span.tags['http.status_code'], status);
    assert.equal(span.tags.error, undefined);
    assert.deepEqual(
      span.logs.map(({ fields }) => fields.message),
      [message],
    );
  }
});

test('the span is active in middleware, in handlers and where a body has been read', async (t) => {
  const { ask } = await start(t);
  const { span } = await ask('/api/shops/7/items/9');
  for (const part of ['middleware', 'handler', 'middleware.after'])
    assert.equal(span.tags[`seen.by.${part}`], true, part);

  const body = JSON.stringify({ text: 'ä'.repeat(30_000) });
  const headers = { 'content-type': 'application/json' };
  const posted = await ask('/users', { method: 'POST', headers, body });
  assert.equal(posted.body, body);
  assert.equal(posted.span.operationName, 'POST /users');
  assert.equal(posted.span.tags['seen.by.body'], true);
});

test('of two hundred requests at once each child has its own parent', async (t) => {
  const { url, finished } = await start(t);
  await Promise.all(
    Array.from({ length: 200 }, async (_, n) => (await fetch(`${url}/users/${n}/work`)).text()),
  );
  const spans = await finished(400);
  const servers = new Map(spans.map((span) => [span.context.toSpanId(), span]));
  const children = spans.filter(({ operationName }) => operationName === 'child');
  assert.equal(children.length, 200);
  for (const { parentId, tags } of children) {
    const { pathname } = new URL(servers.get(parentId).tags['http.url']);
    assert.equal(pathname, `/users/${tags.n}/work`);
  }
});

test('the span of an event stream covers the stream, and is active in it', async (t) => {
  const { url, events, reporter, finished } = await start(t);
  const response = await fetch(`${url}/events`);
  const reader = response.body.getReader();
  await reader.read();
  assert.deepEqual(reporter.spans, []);
  events.emit('end-events');
  while (!(await reader.read()).done);
  const [span] = await finished(1);
  assert.equal(span.operationName, 'GET /events');
  assert.equal(span.tags['seen.by.stream'], true);
  assert.equal(span.tags['http.aborted'], undefined);
});

test('an event stream that the client leaves says so', async (t) => {
  const { url, events, finished } = await start(t);
  const controller = new AbortController();
  const response = await fetch(`${url}/events`, { signal: controller.signal });
  await response.body.getReader().read();
  controller.abort();
  const [span] = await finished(1);
  assert.equal(span.tags['http.aborted'], true);
  assert.equal(span.tags['http.status_code'], 200);
  events.emit('end-events');
});

test('an incoming context is continued, and an ignored request has no span', async (t) => {
  const { url, ask, reporter } = await start(t, { ignore: '/named' });
  await (await fetch(`${url}/named`)).text();
  const { span } = await ask('/users/1', {
    headers: { 'uber-trace-id': '463ac35c9f6413ad:a2fb4a1d1a96d312:0:1' },
  });
  assert.equal(span.context.toTraceId(), '463ac35c9f6413ad');
  assert.equal(span.parentId, 'a2fb4a1d1a96d312');
  assert.equal(reporter.spans.length, 1);
});

test('spanOf knows the span by the request of node:http', async (t) => {
  const { app, ask } = await start(t);
  app.get('/span', (c) => c.text(spanOf(c.env.incoming).context().toSpanId()));
  const { span, body } = await ask('/span');
  assert.equal(body, span.context.toSpanId());
});

test('a request that no server has, as in a test of the application, is answered untraced', async (t) => {
  const { app, reporter } = await start(t);
  assert.equal(await (await app.request('/users/1')).text(), '{"id":"1"}');
  assert.deepEqual(reporter.spans, []);
});
