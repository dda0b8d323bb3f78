import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { clearClientInterceptors, installClientInterceptors } from '@spoor/instrumentation';
import { install, type UndiciOptions } from '@spoor/undici';
import { serve, tooOld, trace, versions } from './helpers.js';

type Send = (url: string, headers?: Record<string, string>) => Promise<unknown>;

const clients: readonly { name: string; skip: string | false; send: Send }[] = [
  {
    name: 'the global fetch',
    skip: false,
    send: async (url, headers = {}) => (await fetch(url, { headers })).text(),
  },
  ...versions.map(({ name, undici }) => ({
    name: `${name} request`,
    skip: undici === undefined && tooOld,
    send: async (url: string, headers = {}) => {
      const dispatcher = new undici!.Agent();
      await (await undici!.request(url, { dispatcher, headers })).body.text();
      await dispatcher.close();
    },
  })),
];

const own = 'aaaaaaaaaaaaaaaa:bbbbbbbbbbbbbbbb:0:1';

for (const { name, skip, send } of clients) {
  test(`${name}: a request that is ignored has no span and no header`, { skip }, async (t) => {
    const { spans, headers } = await sendOne(t, ({ host }) => ({ ignore: host }), send);
    assert.equal(spans.length, 0);
    assert.equal(headers['uber-trace-id'], undefined);
  });

  test(`${name}: where headers may not go there is a span all the same`, { skip }, async (t) => {
    const { spans, headers } = await sendOne(t, () => ({ noHeadersTo: '127.0.0.1' }), send);
    assert.equal(spans.length, 1);
    assert.equal(headers['uber-trace-id'], undefined);
    assert.equal(headers.traceparent, undefined);
  });

  test(`${name}: where an active span is required there is none without`, { skip }, async (t) => {
    const { spans, headers } = await sendOne(t, () => ({ requireActiveTrace: true }), send);
    assert.equal(spans.length, 0);
    assert.equal(headers['uber-trace-id'], undefined);
  });

  test(`${name}: signed for AWS, a request has a span and gets no header`, { skip }, async (t) => {
    const byHeader = await sendOne(t, () => ({}), send, {
      Authorization: 'AWS4-HMAC-SHA256 Credential=x',
    });
    const byQuery = await sendOne(
      t,
      () => ({}),
      (url) => send(`${url}/?X-Amz-Signature=abc`),
    );
    for (const { spans, headers } of [byHeader, byQuery]) {
      assert.equal(spans.length, 1);
      assert.equal(headers['uber-trace-id'], undefined);
      assert.equal(headers.traceparent, undefined);
    }
  });

  test(`${name}: a context that the user writes himself is the only one`, { skip }, async (t) => {
    const { spans, headers } = await sendOne(t, () => ({}), send, { 'Uber-Trace-Id': own });
    assert.equal(spans.length, 1);
    assert.equal(headers['uber-trace-id'], own);
    assert.equal(headers.traceparent, undefined);
  });

  test(`${name}: hooks and headers put their tags on the span`, { skip }, async (t) => {
    const options: UndiciOptions = {
      onRequest: (span, request) => void span.setTag('own.path', request.path),
      onResponse: (span, request, response) =>
        void span.setTag('own.status', `${request.method} ${response.statusCode}`),
      isError: (status) => status === 200,
      requestHeaders: ['X-Tenant'],
      responseHeaders: ['X-Answer'],
      calleeNameHeaders: ['rpc-service'],
      calleeEndpointHeaders: ['rpc-procedure'],
      semconv: 'both',
    };
    const { spans } = await sendOne(t, () => options, send, {
      'x-tenant': 'acme',
      'rpc-service': 'billing',
      'rpc-procedure': 'charge',
    });

    const { tags, operationName } = spans[0]!;
    assert.equal(operationName, 'GET:charge');
    assert.equal(tags['own.path'], '/');
    assert.equal(tags['own.status'], 'GET 200');
    assert.equal(tags.error, true);
    assert.equal(tags['http.request.header.x-tenant'], 'acme');
    assert.equal(tags['http.response.header.x-answer'], 'yes');
    assert.equal(tags['peer.service'], 'billing');
    assert.equal(tags['http.response.status_code'], tags['http.status_code']);
  });

  test(`${name}: hooks that throw are logged, and the request goes on`, { skip }, async (t) => {
    t.mock.method(console, 'error', () => {});
    const fail = (): never => {
      throw new Error('broken');
    };
    const { spans, headers } = await sendOne(
      t,
      () => ({ onRequest: fail, onResponse: fail }),
      send,
    );
    assert.equal(spans.length, 1);
    assert.equal(headers['uber-trace-id'], spans[0]?.context.toString());
  });

  test(`${name}: the baggage that an interceptor sets travels`, { skip }, async (t) => {
    installClientInterceptors([(span) => void span.setBaggageItem('tenant', 'acme')]);
    t.after(clearClientInterceptors);
    const { headers } = await sendOne(t, () => ({}), send);
    assert.equal(headers['uberctx-tenant'], 'acme');
  });
}

test('an unknown option is refused with the one that was meant', () => {
  assert.throws(() => install({ ignor: [] } as object), {
    name: 'SpoorError',
    message: 'install.ignor: unknown option. Did you mean install.ignore?',
  });
});

async function sendOne(
  t: TestContext,
  options: (url: URL) => UndiciOptions,
  send: Send,
  headers?: Record<string, string>,
) {
  const { url, requests } = await serve(t, (_, response) => {
    response.setHeader('x-answer', 'yes');
    response.end('ok');
  });
  const { tracer, reporter, finished } = trace(t, options(new URL(url)));
  await send(url, headers);
  // The end of a span that comes later shows that no other one comes.
  tracer.startSpan('last').finish();
  await finished(1);
  return {
    spans: reporter.spans.filter(({ operationName }) => operationName !== 'last'),
    headers: requests[0]!.headers,
  };
}
