import assert from 'node:assert/strict';
import { forAll } from './suite.mjs';

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
