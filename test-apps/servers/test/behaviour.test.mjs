import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { ConstSampler, Tracer } from '@spoor/core';
import { spanOf } from '@spoor/http';
import { adapters } from '../adapters/index.mjs';
import { NotifyingReporter } from './notifying-reporter.mjs';

const foreign = { trace: '463ac35c9f6413ad', span: 'a2fb4a1d1a96d312' };
const foreignHeader = { 'uber-trace-id': `${foreign.trace}:${foreign.span}:0:1` };

/** One behaviour for every framework: `check` gets a running application. */
function forAll(title, check, { needsRoutes = false, sampled = true, ...how } = {}) {
  for (const adapter of adapters) {
    if (needsRoutes && !adapter.hasRoutes) continue;
    test(`${adapter.name}: ${title}`, async (t) =>
      check(await start(t, adapter, how.options, { sampled, ...how }), adapter, t));
  }
}

async function start(t, adapter, options = {}, { sampled = true, isTwice } = {}) {
  const reporter = new NotifyingReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(sampled) });
  const { server, events } = await adapter.start(tracer, { tracer, ...options }, { isTwice });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    server,
    events,
    tracer,
    reporter,
    /** Sends a request, reads the answer, and resolves with both it and the span. */
    async ask(path, init) {
      const count = reporter.spans.length + 1;
      const response = await fetch(url + path, init);
      const body = await response.text();
      await reporter.finished(count);
      return { response, body, span: reporter.spans.at(-1) };
    },
  };
}

const name = (adapter, method, route) => (adapter.hasRoutes ? `${method} ${route}` : method);

// Names

forAll(
  'a span is named by method and route, or by the method where nobody routes',
  async ({ ask }, adapter) => {
    const { span, body } = await ask('/users/42?page=2');
    assert.equal(body, '{"id":"42"}');
    assert.equal(span.operationName, name(adapter, 'GET', '/users/:id'));
    assert.equal(span.tags['http.route'], adapter.hasRoutes ? '/users/:id' : undefined);
  },
);

forAll('a mount path is in the route as the pattern that it is', async ({ ask }, adapter) => {
  const { span, body } = await ask('/shops/7/items/9');
  assert.deepEqual(
    JSON.parse(body),
    adapter.hasRoutes ? { shop: '7', item: '9' } : { shop: '7', items: '9' },
  );
  assert.equal(span.operationName, name(adapter, 'GET', '/shops/:shop/items/:item'));
});

forAll('what matches nothing is named by the method alone', async ({ ask }) => {
  const { span, response } = await ask('/no/such/path/1234');
  assert.equal(response.status, 404);
  assert.equal(span.operationName, 'GET');
  assert.equal(span.tags['http.route'], undefined);
  assert.equal(span.tags.error, undefined);
});

forAll('HEAD and OPTIONS are methods like any other', async ({ ask }, adapter) => {
  const head = await ask('/users/1', { method: 'HEAD' });
  assert.equal(head.span.operationName, name(adapter, 'HEAD', '/users/:id'));
  const options = await ask('/nowhere', { method: 'OPTIONS' });
  assert.equal(options.span.operationName, 'OPTIONS');
});

forAll('a handler can name the span', async ({ ask }) => {
  assert.equal((await ask('/named')).span.operationName, 'a better name');
});

forAll(
  'an option can name the span, and undefined leaves the usual name',
  async ({ ask }, adapter) => {
    assert.equal(
      (await ask('/users/1')).span.operationName,
      adapter.hasRoutes ? 'users by /users/:id' : 'users by undefined',
    );
    assert.equal((await ask('/nowhere')).span.operationName, 'GET');
  },
  {
    options: {
      operationName: ({ url }, route) =>
        url.startsWith('/users') ? `users by ${route}` : undefined,
    },
  },
);

// Tags

forAll(
  'a span has the tags of the OpenTracing conventions, secrets left out',
  async ({ ask, url }, adapter) => {
    const { span } = await ask('/users/1?token=secret&x=1');
    const { 'peer.port': port, 'http.route': _, ...tags } = span.tags;
    assert.equal(typeof port, 'number');
    assert.deepEqual(tags, {
      'sampler.type': 'const',
      'sampler.param': true,
      'span.kind': 'server',
      component: adapter.component,
      'http.method': 'GET',
      'http.url': `${url}/users/1?token=REDACTED&x=1`,
      'http.status_code': 200,
      'peer.ipv4': '127.0.0.1',
    });
  },
);

forAll(
  'OpenTelemetry names on demand',
  async ({ ask }, adapter) => {
    const { tags } = (await ask('/users/1?token=secret&x=1', { headers: { 'user-agent': 'test' } }))
      .span;
    const { 'network.peer.port': port, ...others } = tags;
    assert.equal(typeof port, 'number');
    assert.deepEqual(others, {
      'sampler.type': 'const',
      'sampler.param': true,
      'span.kind': 'server',
      component: adapter.component,
      'http.request.method': 'GET',
      ...(adapter.hasRoutes ? { 'http.route': '/users/:id' } : {}),
      'http.response.status_code': 200,
      'url.scheme': 'http',
      'url.path': '/users/1',
      'url.query': 'token=REDACTED&x=1',
      'server.address': '127.0.0.1',
      'client.address': '127.0.0.1',
      'network.peer.address': '127.0.0.1',
      'user_agent.original': 'test',
    });
  },
  { options: { semconv: 'otel' } },
);

forAll(
  'both conventions at once on demand',
  async ({ ask }) => {
    const { tags } = (await ask('/status/204')).span;
    assert.equal(tags['http.status_code'], 204);
    assert.equal(tags['http.response.status_code'], 204);
    assert.equal(tags['http.method'], tags['http.request.method']);
  },
  { options: { semconv: 'both' } },
);

forAll('forwarding headers of strangers are not believed', async ({ ask, url }) => {
  const { tags } = (
    await ask('/users/1', {
      headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' },
    })
  ).span;
  assert.equal(tags['peer.ipv4'], '127.0.0.1');
  assert.equal(tags['http.url'], `${url}/users/1`);
});

forAll(
  'behind a trusted proxy the caller is the one that the proxy names',
  async ({ ask }) => {
    const classic = (
      await ask('/users/1', {
        headers: {
          'x-forwarded-for': '203.0.113.9, 10.0.0.1',
          'x-forwarded-proto': 'https',
          'x-forwarded-host': 'shop.example',
        },
      })
    ).span.tags;
    assert.equal(classic['peer.ipv4'], '203.0.113.9');
    assert.equal(classic['peer.port'], undefined);
    assert.equal(classic['http.url'], 'https://shop.example/users/1');

    const standard = (
      await ask('/users/1', {
        headers: {
          forwarded: 'for="[2001:db8::1]:4711";proto=https;host=shop.example, for=10.0.0.1',
        },
      })
    ).span.tags;
    assert.equal(standard['peer.ipv6'], '2001:db8::1');
    assert.equal(standard['http.url'], 'https://shop.example/users/1');
  },
  { options: { trustProxy: true } },
);

forAll(
  'the first header in which the caller names itself becomes peer.service',
  async ({ ask }) => {
    const both = await ask('/users/1', { headers: { 'x-caller': 'second', 'x-service': 'first' } });
    assert.equal(both.span.tags['peer.service'], 'first');
    const one = await ask('/users/1', { headers: { 'x-caller': 'second' } });
    assert.equal(one.span.tags['peer.service'], 'second');
    assert.equal((await ask('/users/1')).span.tags['peer.service'], undefined);
  },
  { options: { callerHeaders: ['X-Service', 'x-caller'] } },
);

forAll(
  'headers and sizes are kept only where they are asked for',
  async ({ ask }) => {
    const { tags } = (
      await ask('/users', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-tenant': 'acme', 'x-other': '1' },
        body: '{"a":1}',
      })
    ).span;
    assert.equal(tags['http.request.header.x-tenant'], 'acme');
    assert.equal(tags['http.request.header.x-other'], undefined);
    assert.equal(tags['http.request_content_length'], 7);
    assert.match(String(tags['http.response.header.content-type']), /^application\/json/);
  },
  { options: { requestHeaders: ['X-Tenant'], responseHeaders: ['content-type'], sizes: true } },
);

forAll(
  'hooks add tags of their own, and one that throws does no harm',
  async ({ ask }, _adapter, t) => {
    t.mock.method(console, 'error', () => {});
    const { span, response } = await ask('/users/1');
    assert.equal(response.status, 200);
    assert.equal(span.tags['from.request'], '/users/1');
    assert.equal(span.tags['from.response'], 200);
    assert.equal(span.tags['http.status_code'], 200);
  },
  {
    options: {
      onRequest(span, request) {
        span.setTag('from.request', request.url);
        throw new Error('from onRequest');
      },
      onResponse(span, _request, response) {
        span.setTag('from.response', response.statusCode);
        throw new Error('from onResponse');
      },
    },
  },
);

// Errors

for (const path of ['/throws', '/rejects']) {
  forAll(
    `an error out of ${path} is a 500 with its stack in one log`,
    async ({ ask }) => {
      const { span, response } = await ask(path);
      assert.equal(response.status, 500);
      assert.equal(span.operationName, `GET ${path}`);
      assert.equal(span.tags.error, true);
      assert.equal(span.logs.length, 1);
      const { stack, ...fields } = span.logs[0].fields;
      assert.deepEqual(fields, { event: 'error', 'error.kind': 'TypeError', message: 'boom' });
      assert.match(stack, /^TypeError: boom\n {4}at /);
    },
    { needsRoutes: true },
  );
}

forAll('a 5xx without an exception is an error, a 4xx is none', async ({ ask }) => {
  const failed = await ask('/status/503');
  assert.equal(failed.span.tags.error, true);
  assert.deepEqual(failed.span.logs, []);
  assert.equal((await ask('/status/404')).span.tags.error, undefined);
});

forAll(
  'which statuses are errors is an option',
  async ({ ask }) => {
    assert.equal((await ask('/status/404')).span.tags.error, true);
    assert.equal((await ask('/status/503')).span.tags.error, undefined);
  },
  { options: { isError: (status) => status === 404 } },
);

// Context

forAll('the span is active in the handler, after an await and in callbacks', async ({ ask }) => {
  const { span, body } = await ask('/active');
  assert.deepEqual(JSON.parse(body), Array(3).fill(span.context.toSpanId()));
});

forAll('the span is active where a body is read by hand', async ({ ask }) => {
  const { span, body } = await ask('/raw', {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: 'x'.repeat(100_000),
  });
  assert.deepEqual(JSON.parse(body), { bytes: 100_000, spanId: span.context.toSpanId() });
});

forAll('a body that the framework parses arrives whole', async ({ ask }) => {
  const body = JSON.stringify({ text: 'ä'.repeat(30_000) });
  const answer = await ask('/users', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  assert.equal(answer.response.status, 201);
  assert.equal(answer.body, body);
});

forAll(
  'of a thousand requests at once each child has its own parent',
  async ({ url, reporter }) => {
    await Promise.all(
      Array.from({ length: 1000 }, async (_, n) => (await fetch(`${url}/child/${n}`)).text()),
    );
    const spans = await reporter.finished(2000);
    const parents = new Map(spans.map((span) => [span.context.toSpanId(), span]));
    const children = spans.filter(({ operationName }) => operationName === 'child');
    assert.equal(children.length, 1000);
    for (const child of children) {
      const { pathname } = new URL(parents.get(child.parentId).tags['http.url']);
      assert.equal(pathname, `/child/${child.tags.n}`);
    }
  },
);

// The end

forAll(
  'a request that the client gives up claims no status, and says who closed',
  async ({ url, events, reporter }) => {
    const controller = new AbortController();
    events.once('never', () => controller.abort());
    await assert.rejects(fetch(`${url}/never`, { signal: controller.signal }));
    const [span] = await reporter.finished(1);
    assert.equal(span.tags['http.status_code'], undefined);
    assert.equal(span.tags['http.aborted'], true);
    assert.equal(span.tags.error, true);
    assert.deepEqual(
      span.logs.map(({ fields }) => fields),
      [
        {
          event: 'aborted',
          message: 'The client closed the connection before the response was complete.',
        },
      ],
    );
  },
);

forAll(
  'a request that the server times out says that the server closed',
  async ({ url, server, reporter }) => {
    server.timeout = 30;
    await assert.rejects(fetch(`${url}/never`));
    const [span] = await reporter.finished(1);
    assert.equal(span.tags['http.aborted'], true);
    assert.match(String(span.logs[0].fields.message), /^The server closed the connection/);
  },
);

forAll(
  'a response cut off in the middle keeps its status and says so',
  async ({ url, reporter }) => {
    const outgoing = httpRequest(`${url}/half`).end();
    const [incoming] = await once(outgoing, 'response');
    await once(incoming, 'data');
    outgoing.destroy();
    const [span] = await reporter.finished(1);
    assert.equal(span.tags['http.status_code'], 200);
    assert.equal(span.tags['http.aborted'], true);
  },
);

forAll('the span of an event stream covers the stream', async ({ url, events, reporter }) => {
  const response = await fetch(`${url}/events`);
  const reader = response.body.getReader();
  await reader.read();
  assert.deepEqual(reporter.spans, []);
  events.emit('end-events');
  while (!(await reader.read()).done);
  const [span] = await reporter.finished(1);
  assert.equal(span.tags['http.aborted'], undefined);
});

forAll(
  'the span of an event stream ends with its headers by option',
  async ({ url, events, reporter }) => {
    const response = await fetch(`${url}/events`);
    const reader = response.body.getReader();
    await reader.read();
    const [span] = await reporter.finished(1);
    assert.equal(span.tags['http.status_code'], 200);
    assert.equal(span.tags['http.aborted'], undefined);
    events.emit('end-events');
    while (!(await reader.read()).done);
    assert.equal(reporter.spans.length, 1);
  },
  { options: { endStreamsAtHeaders: true } },
);

forAll(
  'requests on one connection, one after the other, have spans of their own',
  async ({ url, reporter }) => {
    const { Agent } = await import('node:http');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const n of [1, 2, 3]) {
      const outgoing = httpRequest(`${url}/users/${n}`, { agent }).end();
      const [incoming] = await once(outgoing, 'response');
      incoming.resume();
      await once(incoming, 'end');
    }
    agent.destroy();
    const spans = await reporter.finished(3);
    assert.deepEqual(
      spans.map(({ tags }) => new URL(tags['http.url']).pathname),
      ['/users/1', '/users/2', '/users/3'],
    );
    assert.equal(new Set(spans.map(({ context }) => context.toTraceId())).size, 3);
  },
);

// Incoming context

forAll('an incoming context is continued', async ({ ask }) => {
  const { span } = await ask('/users/1', {
    headers: { ...foreignHeader, 'uberctx-tenant': 'acme' },
  });
  assert.equal(span.context.toTraceId(), foreign.trace);
  assert.equal(span.parentId, foreign.span);
  assert.equal(span.baggage.tenant, 'acme');
});

forAll(
  'a stranger context is referred to from a new trace where it is not trusted',
  async ({ ask }) => {
    const { span } = await ask('/users/1', { headers: foreignHeader });
    assert.notEqual(span.context.toTraceId(), foreign.trace);
    assert.equal(span.parentId, '');
    assert.deepEqual(span.references, [{ type: 'follows_from', spanId: foreign.span }]);
  },
  { options: { trustIncoming: false } },
);

forAll(
  'whom to trust can depend on the request',
  async ({ ask }) => {
    const trusted = await ask('/users/1', { headers: { ...foreignHeader, 'x-internal': '1' } });
    assert.equal(trusted.span.context.toTraceId(), foreign.trace);
    const untrusted = await ask('/users/1', { headers: foreignHeader });
    assert.notEqual(untrusted.span.context.toTraceId(), foreign.trace);
  },
  { options: { trustIncoming: ({ headers }) => headers['x-internal'] === '1' } },
);

forAll(
  'a request that is not sampled is reported nowhere',
  async ({ url, reporter }) => {
    await (await fetch(`${url}/child/1`)).text();
    await (await fetch(`${url}/users/1`)).text();
    assert.deepEqual(reporter.spans, []);
  },
  { sampled: false },
);

// Ignored requests

forAll(
  'an ignored request has no span, and nothing below it has one',
  async ({ ask, url, reporter }) => {
    for (const path of ['/child/1', '/status/204', '/named?x=1'])
      await (await fetch(url + path)).text();
    assert.deepEqual(reporter.spans, []);
    await ask('/users/1');
    assert.equal(reporter.spans.length, 1);
  },
  { options: { ignore: ['/named', /^\/child\//g, ({ url }) => url === '/status/204'] } },
);

// Headers of the response

forAll(
  'the response names its span on demand',
  async ({ ask }) => {
    const { span, response } = await ask('/users/1');
    const traceparent = `00-${span.context.toTraceId().padStart(32, '0')}-${span.context.toSpanId()}-01`;
    assert.equal(response.headers.get('traceresponse'), traceparent);
    assert.equal(response.headers.get('server-timing'), `traceparent;desc="${traceparent}"`);
  },
  { options: { responseHeader: ['server-timing', 'traceresponse'] } },
);

// Set-up

forAll(
  'registered twice there is still one span for a request',
  async ({ ask, reporter }, adapter) => {
    const { span } = await ask('/users/1');
    assert.equal(span.operationName, name(adapter, 'GET', '/users/:id'));
    assert.equal(reporter.spans.length, 1);
  },
  { isTwice: true },
);

for (const adapter of adapters) {
  test(`${adapter.name}: an unknown option is refused with the one that was meant`, async () => {
    await assert.rejects(adapter.start(undefined, { trustProxi: true }), {
      name: 'SpoorError',
      message: /\.trustProxi: unknown option\. Did you mean \w+\.trustProxy\?$/,
    });
  });

  test(`${adapter.name}: without a tracer the application answers as ever`, async (t) => {
    const { server } = await adapter.start(undefined, {});
    await new Promise((resolve) => server.listen(0, resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const response = await fetch(`http://localhost:${server.address().port}/users/1`);
    assert.equal(await response.text(), '{"id":"1"}');
  });
}

test('spanOf is undefined for what is not traced', () => {
  assert.equal(spanOf({}), undefined);
});
