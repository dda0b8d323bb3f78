import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ConstSampler, InMemoryReporter, setGlobalTracer, Tracer } from '@spoor/core';
import {
  beforeHttpRequest,
  beforeRequest,
  clearClientInterceptors,
  installClientInterceptors,
  type OutgoingRequest,
  withSpan,
} from '@spoor/instrumentation';

function record(): { tracer: Tracer; reporter: InMemoryReporter } {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  setGlobalTracer(tracer);
  return { tracer, reporter };
}

function intercept(
  t: TestContext,
  ...added: Parameters<typeof installClientInterceptors>[0]
): void {
  t.after(clearClientInterceptors);
  installClientInterceptors(added);
}

test('before there is a tracer, requests go on without a span', () => {
  const request = { method: 'GET', url: 'http://orders.test/', headers: {} };
  assert.equal(beforeRequest(request), undefined);
  assert.equal(beforeHttpRequest(request), undefined);
  assert.deepEqual(request.headers, {});
});

test('an incoming request without a context starts a trace, with its tags from the start', () => {
  const { reporter } = record();

  beforeRequest({
    method: 'GET',
    url: 'https://shop.test/orders/7?token=abc',
    headers: {},
    remoteIp: '10.0.0.9',
    remotePort: 5123,
    callerName: 'gateway',
  })?.finish();

  const [span] = reporter.spans;
  assert.equal(span?.operationName, 'GET');
  const { 'sampler.type': _type, 'sampler.param': _param, ...tags } = span.tags;
  assert.deepEqual(tags, {
    'span.kind': 'server',
    'http.method': 'GET',
    'http.url': 'https://shop.test/orders/7?token=REDACTED',
    'peer.ipv4': '10.0.0.9',
    'peer.port': 5123,
    'peer.service': 'gateway',
  });
});

test('an incoming request goes below the context in its headers, whatever is active', () => {
  const { tracer, reporter } = record();
  const caller = tracer.startSpan('caller');
  const headers: Record<string, string> = {};
  tracer.inject(caller, 'http_headers', headers);

  withSpan(tracer.startSpan('other'), () =>
    beforeRequest({ method: 'PUT', url: '/orders', headers, operation: 'put order' }),
  )?.finish();

  const [span] = reporter.spans;
  assert.equal(span?.operationName, 'put order');
  assert.equal(span.parentId, caller.context().toSpanId());
  assert.equal(span.tags['http.url'], '/orders');
});

test('a context that cannot be read does not break the request', () => {
  const { reporter } = record();
  beforeRequest({ method: 'GET', url: 'x', headers: { 'uber-trace-id': ':::' } })?.finish();
  assert.equal(reporter.spans[0]?.parentId, '');
});

test('an outgoing request carries its span, below the active one', () => {
  const { tracer, reporter } = record();
  const outer = tracer.startSpan('outer');
  const headers: Record<string, string> = { 'X-Callee': 'orders', 'x-endpoint': 'list' };

  const span = withSpan(outer, () =>
    beforeHttpRequest(
      { method: 'GET', url: new URL('http://user:secret@orders.test/list'), headers },
      { calleeNameHeaders: ['x-callee'], calleeEndpointHeaders: ['x-endpoint'] },
    ),
  );
  span?.finish();

  assert.equal(tracer.extract('http_headers', headers)?.toSpanId(), span?.context().toSpanId());
  const [recorded] = reporter.spans;
  assert.equal(recorded?.operationName, 'GET:list');
  assert.equal(recorded.parentId, outer.context().toSpanId());
  assert.equal(recorded.tags['http.url'], 'http://orders.test/list');
  assert.equal(recorded.tags['peer.service'], 'orders');
  assert.equal(recorded.tags['peer.port'], 80);
});

test('interceptors run once for a request, between the start of its span and the injection', (t) => {
  record();
  const seen: OutgoingRequest[] = [];
  intercept(t, (span, request) => {
    seen.push(request);
    span.setBaggageItem('tenant', 'acme');
  });
  const headers: Record<string, string> = {};

  beforeHttpRequest({ method: 'POST', url: 'http://orders.test/', headers })?.finish();

  assert.deepEqual(seen, [{ method: 'POST', url: 'http://orders.test/' }]);
  assert.equal(headers['uberctx-tenant'], 'acme');
});

test('an interceptor that throws does not keep the context from travelling', (t) => {
  record();
  t.mock.method(console, 'error', () => {});
  intercept(t, () => {
    throw new Error('from the interceptor');
  });
  const headers: Record<string, string> = {};

  beforeHttpRequest({ method: 'GET', url: 'http://orders.test/', headers })?.finish();

  assert.ok(headers['uber-trace-id']);
});

test('what is no list of interceptors is refused', () => {
  const one = (() => {}) as unknown as [];
  assert.throws(() => installClientInterceptors(one), /expected a list of functions/);
});

test('a request whose URL is not whole goes on without a span', () => {
  record();
  const headers = {};
  assert.equal(beforeHttpRequest({ method: 'GET', url: '/orders', headers }), undefined);
  assert.deepEqual(headers, {});
});
