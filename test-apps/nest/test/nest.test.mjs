import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConstSampler, InMemoryReporter, Tracer } from '@spoor/core';
import { awaitSpans, tracedRequests } from '@spoor/testing';
import * as nest11 from '../../nest-11/dist-test/index.js';
import * as nest12 from '../dist-test/index.js';

const setups = [
  { name: 'Nest 12 on Express', component: 'express', ...nest12, start: nest12.startOnExpress },
  { name: 'Nest 12 on Fastify', component: 'fastify', ...nest12, start: nest12.startOnFastify },
  { name: 'Nest 11 on Express', component: 'express', ...nest11, start: nest11.startOnExpress },
  { name: 'Nest 11 on Fastify', component: 'fastify', ...nest11, start: nest11.startOnFastify },
];

/** One behaviour for both platforms and versions: `check` gets a running application. */
function forAll(title, check, { on = /./ } = {}) {
  for (const setup of setups) {
    if (!on.test(setup.name)) continue;
    test(`${setup.name}: ${title}`, async (t) => check(await start(t, setup), setup));
  }
}

async function start(t, setup) {
  const reporter = new InMemoryReporter();
  const finished = awaitSpans(reporter);
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  const app = await setup.start({ tracer });
  t.after(async () => {
    app.getHttpServer().closeAllConnections();
    await app.close();
  });
  const url = await app.getUrl();
  return {
    app,
    url,
    reporter,
    finished,
    ask: tracedRequests(url, reporter, finished),
  };
}

/** The parts of the application in which the span was active. */
function seenBy({ tags }) {
  const names = Object.keys(tags).filter((name) => name.startsWith('seen.by.'));
  return names.map((name) => name.slice('seen.by.'.length));
}

forAll('global prefix, version and parameters are in the name', async ({ ask, url }, setup) => {
  const { span, body } = await ask('/api/v1/users/42?token=secret');
  assert.equal(body, '{"id":42}');
  assert.equal(span.operationName, 'GET /api/v1/users/:id');
  assert.equal(span.tags['http.route'], '/api/v1/users/:id');
  assert.equal(span.tags['http.url'], `${url}/api/v1/users/42?token=REDACTED`);
  assert.equal(span.tags['http.status_code'], 200);
  assert.equal(span.tags.component, setup.component);
});

forAll('what matches nothing but middleware is named by the method alone', async ({ ask }) => {
  for (const path of ['/api/v1/nothing/1234', '/nothing']) {
    const { span, response } = await ask(path);
    assert.equal(response.status, 404);
    assert.equal(span.operationName, 'GET');
    assert.equal(span.tags['http.route'], undefined);
    assert.equal(span.tags.error, undefined);
  }
});

forAll('the span is active in every part that a request passes', async ({ ask }) => {
  const { span } = await ask('/api/v1/users/1');
  assert.deepEqual(seenBy(span), [
    'middleware',
    'guard',
    'interceptor',
    'controller',
    'service',
    'interceptor.after',
  ]);
});

forAll('the span is active where request-scoped providers are made', async ({ ask }) => {
  const { span, body } = await ask('/api/v1/tenant', { headers: { 'x-tenant': 'acme' } });
  assert.equal(body, '{"tenant":"acme"}');
  const parts = seenBy(span);
  for (const part of ['provider', 'constructor', 'controller']) assert.ok(parts.includes(part));
});

for (const path of ['throws', 'rejects', 'guarded/broken']) {
  forAll(`an error out of ${path} is a 500 with its stack in one log`, async ({ ask }) => {
    const { span, response } = await ask(`/api/v1/faults/${path}`);
    assert.equal(response.status, 500);
    assert.equal(span.tags.error, true);
    assert.equal(span.logs.length, 1);
    const { stack, ...fields } = span.logs[0].fields;
    assert.deepEqual(fields, { event: 'error', 'error.kind': 'TypeError', message: 'boom' });
    assert.match(stack, /^TypeError: boom\n {4}at /);
  });
}

for (const { title, path, status, message } of [
  {
    title: 'a service that finds nothing',
    path: '/api/v1/users/404',
    status: 404,
    message: 'no such user',
  },
  {
    title: 'a pipe that refuses a parameter',
    path: '/api/v1/users/abc',
    status: 400,
    message: 'Validation failed (numeric string is expected)',
  },
  {
    title: 'a guard that forbids',
    path: '/api/v1/faults/guarded/forbidden',
    status: 403,
    message: 'Forbidden',
  },
]) {
  forAll(`${title} is logged, named by its route, and no fault`, async ({ ask }) => {
    const { span } = await ask(path);
    assert.equal(span.tags['http.status_code'], status);
    assert.equal(span.tags.error, undefined);
    assert.match(span.operationName, /^GET \/api\/v1\/(users\/:id|faults\/guarded\/:what)$/);
    assert.deepEqual(
      span.logs.map(({ fields }) => fields.message),
      [message],
    );
  });
}

forAll("an exception filter of the application's own answers in the span", async ({ ask }) => {
  const { span, response } = await ask('/api/v1/faults/teapot');
  assert.equal(response.status, 418);
  assert.ok(seenBy(span).includes('filter'));
  assert.equal(span.tags.error, undefined);
});

forAll(
  'of two hundred requests at once each child has its own parent',
  async ({ url, finished }) => {
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) =>
        (await fetch(`${url}/api/v1/users/${n}/work`)).text(),
      ),
    );
    const spans = await finished(400);
    const servers = new Map(spans.map((span) => [span.context.toSpanId(), span]));
    const children = spans.filter(({ operationName }) => operationName === 'child');
    assert.equal(children.length, 200);
    for (const { parentId, tags } of children) {
      const { pathname } = new URL(servers.get(parentId).tags['http.url']);
      assert.equal(pathname, `/api/v1/users/${tags.n}/work`);
    }
  },
);

forAll(
  'the span of an event stream covers the stream',
  async ({ app, url, reporter, finished }, { Events }) => {
    const events = app.get(Events);
    events.next({ data: 'first' });
    const response = await fetch(`${url}/api/v1/events`);
    const reader = response.body.getReader();
    await reader.read();
    assert.deepEqual(reporter.spans, []);
    events.complete();
    while (!(await reader.read()).done);
    const [span] = await finished(1);
    assert.equal(span.operationName, 'GET /api/v1/events');
    assert.ok(seenBy(span).includes('stream'));
    assert.equal(span.tags['http.aborted'], undefined);
  },
);

forAll(
  'the span is active once an uploaded file has been read',
  async ({ ask }) => {
    const form = new FormData();
    form.set('file', new Blob(['x'.repeat(100_000)]), 'some.txt');
    const { span, body } = await ask('/api/v1/uploads', { method: 'POST', body: form });
    assert.equal(body, '{"size":100000}');
    assert.equal(span.operationName, 'POST /api/v1/uploads');
    assert.ok(seenBy(span).includes('controller'));
  },
  { on: /Express/ },
);

forAll('an incoming context is continued', async ({ ask }) => {
  const { span } = await ask('/api/v1/users/1', {
    headers: { 'uber-trace-id': '463ac35c9f6413ad:a2fb4a1d1a96d312:0:1' },
  });
  assert.equal(span.context.toTraceId(), '463ac35c9f6413ad');
  assert.equal(span.parentId, 'a2fb4a1d1a96d312');
});
