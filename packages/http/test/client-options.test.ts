import assert from 'node:assert/strict';
import http from 'node:http';
import { type TestContext, test } from 'node:test';
import { type Observer, RemoteSampler, Tracer } from '@spoor/core';
import { withoutTracing } from '@spoor/core/internal';
import { install } from '@spoor/http';
import {
  clearClientInterceptors,
  installClientInterceptors,
  withoutSpan,
} from '@spoor/instrumentation';
import { startSamplingServer } from '@spoor/testing';
import { answerTo, serveAndKeep, traceClients } from './client-helpers.js';

test('without an active span a request starts a trace of its own, unless one is required', async (t) => {
  const { tracer, finished, reporter } = traceClients(t);
  const { url, requests } = await serveAndKeep(t);

  await answerTo(http.get(url));
  assert.equal((await finished(1))[0]?.parentId, '');

  traceClients(t, { tracer, requireActiveTrace: true });
  await answerTo(http.get(url));
  const parent = tracer.startSpan('parent');
  await tracer.withSpan(parent, () => answerTo(http.get(url)));
  await tracer.withSpan(parent, () => withoutSpan(() => answerTo(http.get(url))));

  await finished(2);
  assert.equal(reporter.spans[1]?.parentId, parent.context().toSpanId());
  assert.equal(reporter.spans.length, 2);
  assert.deepEqual(
    requests.map(({ headers }) => headers['uber-trace-id'] !== undefined),
    [true, false, true, false],
  );
});

test('a request that is not sampled sends its context along and is reported nowhere', async (t) => {
  const { reporter } = traceClients(t, { tracer: new Tracer('unsampled') });
  const { url, requests } = await serveAndKeep(t);

  const request = http.get(url);
  await answerTo(request);

  assert.match(String(requests[0]?.headers['uber-trace-id']), /^[0-9a-f]{16}:[0-9a-f]{16}:0:0$/);
  assert.deepEqual(reporter.spans, []);
  assert.ok(!Object.hasOwn(request, 'emit'));
});

test('an observer is told of requests that are not sampled, with their status', async (t) => {
  const { url } = await serveAndKeep(t);
  const ended = new Promise<unknown[]>((resolve) => {
    const told: unknown[] = [];
    const observer: Observer = {
      onStartSpan: () => ({
        onSetTag(key, value) {
          if (key === 'span.kind' || key === 'http.status_code') told.push(value);
        },
        onFinish: () => resolve(told),
      }),
    };
    traceClients(t, { tracer: new Tracer('unsampled', { observers: [observer] }) });
  });

  await answerTo(http.get(url));

  assert.deepEqual(await ended, ['client', 200]);
});

test('what Spoor itself sends has neither span nor header', async (t) => {
  const { tracer, reporter } = traceClients(t);
  const { url, requests } = await serveAndKeep(t);

  const parent = tracer.startSpan('parent');
  await tracer.withSpan(parent, () => withoutTracing(() => answerTo(http.get(url))));

  assert.deepEqual(reporter.spans, []);
  assert.equal(requests[0]?.headers['uber-trace-id'], undefined);
  assert.equal(requests[0]?.headers.traceparent, undefined);
});

test('what a sampler asks its server has neither span nor header', async (t) => {
  const { reporter } = traceClients(t);
  const server = await startSamplingServer(t);
  const sampler = new RemoteSampler({ url: server.url, refreshIntervalMs: 0 });
  const tracer = new Tracer('orders', { sampler });
  t.after(() => tracer.close());

  const parent = tracer.startSpan('parent');
  await tracer.withSpan(parent, () => sampler.refresh());

  assert.deepEqual(reporter.spans, []);
  assert.equal(server.requests.length, 1);
  assert.equal(server.headers['uber-trace-id'], undefined);
});

/** Whether a request to the URL has a span, and headers, by rules that mean it or do not. */
async function outcome(
  t: TestContext,
  option: 'ignore' | 'noHeadersTo',
  rule: (url: URL) => unknown,
): Promise<[spans: number, hasHeader: boolean]> {
  const { url, requests } = await serveAndKeep(t);
  const target = new URL('/path?q=1', url);
  const { tracer, reporter, finished } = traceClients(t, { [option]: rule(target) });
  await answerTo(http.get(target));
  // The end of a span that comes later shows that no other one comes.
  tracer.startSpan('last').finish();
  await finished(1);
  return [reporter.spans.length - 1, requests[0]?.headers['uber-trace-id'] !== undefined];
}

const meaning: Record<string, (url: URL) => unknown> = {
  'a host': ({ hostname }) => hostname,
  'a host with its port': ({ host }) => [host],
  'the beginning of a URL': ({ origin }) => `${origin}/pa`,
  'a pattern': () => /\/path\?q=1$/g,
  'a function': (url) => (given: string) => given === url.href,
};

for (const [name, rule] of Object.entries(meaning)) {
  test(`${name}: a request that is ignored has no span and no header`, async (t) => {
    assert.deepEqual(await outcome(t, 'ignore', rule), [0, false]);
  });

  test(`${name}: where headers may not go there is a span all the same`, async (t) => {
    assert.deepEqual(await outcome(t, 'noHeadersTo', rule), [1, false]);
  });
}

test('rules that mean others leave a request alone', async (t) => {
  const others = () => ['localhost', 'http://127.0.0.1:1/', /nothing/, () => false];
  assert.deepEqual(await outcome(t, 'ignore', others), [1, true]);
  assert.deepEqual(await outcome(t, 'noHeadersTo', others), [1, true]);
});

test('a host that is to get no headers gets none through a proxy either', async (t) => {
  const { finished } = traceClients(t, { noHeadersTo: 'excluded.test' });
  const proxy = await serveAndKeep(t);

  for (const host of ['excluded.test', 'excluded.test:80', 'meant.test']) {
    await answerTo(http.get(proxy.url, { path: `http://${host}/a` }));
  }

  await finished(3);
  assert.deepEqual(
    proxy.requests.map(({ headers }) => headers['uber-trace-id'] !== undefined),
    [false, false, true],
  );
});

test('noHeadersTo: true sends headers nowhere, false everywhere', async (t) => {
  assert.deepEqual(await outcome(t, 'noHeadersTo', () => true), [1, false]);
  assert.deepEqual(await outcome(t, 'noHeadersTo', () => false), [1, true]);
});

const signed: Record<string, (url: string) => http.ClientRequest> = {
  'by a header': (url) =>
    http.get(url, { headers: { Authorization: 'AWS4-HMAC-SHA256 Credential=x' } }),
  'by a header in a list': (url) =>
    http.get(url, { headers: ['Host', 'x', 'authorization', 'AWS4-HMAC-SHA256 Credential=x'] }),
  'by a header that is set later': (url) => {
    const request = http.request(url);
    request.setHeader('authorization', 'AWS4-HMAC-SHA256 Credential=x');
    return request.end();
  },
  'by the query': (url) => http.get(`${url}/?X-Amz-Signature=abc`),
};

for (const [name, send] of Object.entries(signed)) {
  test(`signed for AWS ${name}: a request has a span and gets no header`, async (t) => {
    const { finished } = traceClients(t);
    const { url, requests } = await serveAndKeep(t);

    await answerTo(send(url));

    await finished(1);
    assert.equal(requests[0]?.headers['uber-trace-id'], undefined);
    assert.equal(requests[0]?.headers.traceparent, undefined);
  });
}

const own = 'aaaaaaaaaaaaaaaa:bbbbbbbbbbbbbbbb:0:1';

const written: Record<string, (url: string) => http.ClientRequest> = {
  'in the options': (url) => http.get(url, { headers: { 'Uber-Trace-Id': own } }),
  'in a list': (url) => http.get(url, { headers: ['Host', 'x', 'UBER-TRACE-ID', own] }),
  later: (url) => {
    const request = http.request(url);
    request.setHeader('uber-trace-id', own);
    return request.end();
  },
};

for (const [name, send] of Object.entries(written)) {
  test(`a context that the user writes himself ${name} is the only one`, async (t) => {
    const { finished } = traceClients(t);
    const { url, requests } = await serveAndKeep(t);

    await answerTo(send(url));

    await finished(1);
    const { rawHeaders } = requests[0]!;
    const names = rawHeaders.filter((_, i) => i % 2 === 0).map((header) => header.toLowerCase());
    assert.equal(requests[0]?.headers['uber-trace-id'], own);
    assert.equal(names.filter((header) => /trace/.test(header)).length, 1);
  });
}

test('hooks and headers put their tags on the span', async (t) => {
  const seen: string[] = [];
  const { finished } = traceClients(t, {
    onRequest: (span, request) => void span.setTag('own.path', request.path),
    onResponse: (span, request, response) => {
      span.setTag('own.status', Number(response.statusCode));
      seen.push(request.method);
    },
    isError: (status) => status === 418,
    requestHeaders: ['X-Tenant'],
    responseHeaders: ['X-Answer', 'x-missing'],
  });
  const { url } = await serveAndKeep(t, (_, response) =>
    response.writeHead(418, { 'x-answer': 'tea' }).end(),
  );

  await answerTo(http.get(`${url}/pot`, { headers: { 'x-tenant': 'acme' } }));

  const [span] = await finished(1);
  assert.equal(span?.tags['own.path'], '/pot');
  assert.equal(span.tags['own.status'], 418);
  assert.equal(span.tags.error, true);
  assert.equal(span.tags['http.request.header.x-tenant'], 'acme');
  assert.equal(span.tags['http.response.header.x-answer'], 'tea');
  assert.ok(!('http.response.header.x-missing' in span.tags));
  assert.deepEqual(seen, ['GET']);
});

test('hooks and rules that throw are logged, and the request goes on', async (t) => {
  const logged = t.mock.method(console, 'error', () => {});
  const { finished } = traceClients(t, {
    onRequest: () => {
      throw new Error('first');
    },
    onResponse: () => {
      throw new Error('second');
    },
  });
  const { url, requests } = await serveAndKeep(t);

  assert.equal(await answerTo(http.get(url)), 'ok');

  const [span] = await finished(1);
  assert.equal(span?.tags['http.status_code'], 200);
  assert.equal(requests[0]?.headers['uber-trace-id'], span.context.toString());
  assert.match(String(logged.mock.calls[0]?.arguments[0]), /first/);

  traceClients(t, {
    ignore: () => {
      throw new Error('third');
    },
  });
  assert.equal(await answerTo(http.get(url)), 'ok');
});

test('headers that name the callee name the service and the span', async (t) => {
  const { finished } = traceClients(t, {
    calleeNameHeaders: ['X-Service', 'rpc-service'],
    calleeEndpointHeaders: ['rpc-procedure'],
  });
  const { url } = await serveAndKeep(t);

  await answerTo(
    http.get(url, { headers: { 'rpc-service': 'billing', 'rpc-procedure': 'charge' } }),
  );

  const [span] = await finished(1);
  assert.equal(span?.operationName, 'GET:charge');
  assert.equal(span.tags['peer.service'], 'billing');
});

test('an interceptor is called once, and the baggage that it sets travels', async (t) => {
  const { finished } = traceClients(t);
  const { url, requests } = await serveAndKeep(t);
  const seen: string[] = [];
  installClientInterceptors([
    (span, request) => {
      seen.push(`${request.method} ${request.url}`);
      span.setBaggageItem('tenant', 'acme');
    },
    () => {
      throw new Error('broken');
    },
  ]);
  t.after(clearClientInterceptors);
  t.mock.method(console, 'error', () => {});

  await answerTo(http.get(`${url.replace('//', '//user:secret@')}/x?token=1`));

  await finished(1);
  assert.deepEqual(seen, [`GET ${url}/x?token=REDACTED`]);
  assert.equal(requests[0]?.headers['uberctx-tenant'], 'acme');
});

test('a header of baggage that the application writes is left alone, and the context goes along', async (t) => {
  const { tracer, finished } = traceClients(t);
  const { url, requests } = await serveAndKeep(t);
  const parent = tracer.startSpan('parent').setBaggageItem('tenant', 'acme');

  await tracer.withSpan(parent, () =>
    answerTo(http.get(url, { headers: { Baggage: 'mine=1', 'uberctx-tenant': 'mine' } })),
  );

  const [span] = await finished(1);
  const { headers } = requests[0]!;
  assert.equal(headers['uber-trace-id'], span?.context.toString());
  assert.deepEqual([headers.baggage, headers['uberctx-tenant']], ['mine=1', 'mine']);
});

test("semconv: 'otel' and 'both' name the tags as OpenTelemetry does", async (t) => {
  const { tracer, finished } = traceClients(t, { semconv: 'otel' });
  const { url } = await serveAndKeep(t);
  const { port } = new URL(url);
  const parent = tracer.startSpan('parent');

  await tracer.withSpan(parent, () => answerTo(http.get(`${url}/x`)));
  traceClients(t, { tracer, semconv: 'both' });
  await tracer.withSpan(parent, () => answerTo(http.get(`${url}/x`)));

  const [otel, both] = await finished(2);
  const expected = {
    'span.kind': 'client',
    component: 'http',
    'http.request.method': 'GET',
    'url.full': `${url}/x`,
    'server.address': '127.0.0.1',
    'server.port': Number(port),
    'network.peer.address': '127.0.0.1',
    'network.peer.port': Number(port),
    'http.response.status_code': 200,
  };
  assert.deepEqual(otel?.tags, expected);
  assert.deepEqual(both?.tags, {
    ...expected,
    'http.method': 'GET',
    'http.url': `${url}/x`,
    'http.status_code': 200,
    'peer.hostname': '127.0.0.1',
    'peer.port': Number(port),
    'peer.ipv4': '127.0.0.1',
  });
});

const wrong: Record<string, [options: object, message: RegExp]> = {
  'a typing error': [{ client: { ignor: [] } }, /install\.client\.ignor: .*ignore\?/],
  'a rule that is none': [{ client: { ignore: [7] } }, /install\.client\.ignore: expected hosts/],
  'headers nowhere in particular': [
    { client: { noHeadersTo: 7 } },
    /install\.client\.noHeadersTo: expected true, false/,
  ],
  'a hook that is none': [{ client: { onRequest: 'x' } }, /onRequest: expected a function/],
  'names that are none': [{ client: { requestHeaders: 'x' } }, /Write \['x-tenant'\]/],
  'conventions that are none': [{ client: { semconv: 'x' } }, /'opentracing', 'otel' or 'both'/],
  'a tracer that is none': [{ client: { tracer: {} } }, /install\.client\.tracer/],
  'no side': [{ clients: {} }, /install\.clients: .*install\.client\?/],
};

for (const [name, [options, message]] of Object.entries(wrong)) {
  test(`${name} is refused with what to write instead`, () => {
    assert.throws(() => install(options), { name: 'SpoorError', message });
  });
}
