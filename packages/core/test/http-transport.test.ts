import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type TestContext, test } from 'node:test';
import { HttpTransport, type HttpTransportOptions, initTracer, type Tracer } from '@spoor/core';
import { FaultLog } from '@spoor/core/internal';
import { decodeBatch, listen, localhostCertificate } from '@spoor/testing';
import { RecordedLog, unusedPort } from './helpers.js';

interface Posted {
  readonly request: IncomingMessage;
  readonly body: Buffer;
}

interface TestCollector {
  readonly posts: Posted[];
  readonly listener: RequestListener;
  /** Names of the spans that were posted, batch by batch. */
  names(): string[][];
}

/** Answers with the statuses one after the other, then with 202 as a collector does. */
function collector(...statuses: (number | 'never')[]): TestCollector {
  const posts: Posted[] = [];
  return {
    posts,
    async listener(request, response) {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      posts.push({ request, body: Buffer.concat(chunks) });
      const status = statuses.shift() ?? 202;
      if (status === 'never') return;
      response.writeHead(status, { location: 'https://elsewhere.test/api/traces' }).end();
    },
    names: () =>
      posts.map(({ body }) => decodeBatch(body).spans.map(({ operationName }) => operationName)),
  };
}

function start(
  t: TestContext,
  reporter: Record<string, unknown>,
): { tracer: Tracer; log: RecordedLog } {
  const log = new RecordedLog();
  const config = { serviceName: 'orders', sampler: { type: 'const', param: 1 } as const, reporter };
  const tracer = initTracer(config, { logger: log });
  t.after(() => tracer.close());
  return { tracer, log };
}

async function send(tracer: Tracer, name: string): Promise<void> {
  tracer.startSpan(name).finish();
  await tracer.flush();
}

test('spans reach a collector as a bare batch in binary Thrift, with their process', async (t) => {
  const { listener, posts } = collector();
  const url = await listen(t, createServer(listener));
  const { tracer } = start(t, { collectorEndpoint: `${url}/api/traces?format=jaeger.thrift` });
  await send(tracer, 'a');

  const [{ request, body }] = posts as [Posted];
  assert.deepEqual(
    [request.method, request.url, request.headers['content-type']],
    ['POST', '/api/traces?format=jaeger.thrift', 'application/x-thrift'],
  );
  assert.equal(request.headers['content-length'], String(body.length));
  const batch = decodeBatch(body);
  assert.equal(batch.serviceName, 'orders');
  assert.deepEqual(
    batch.spans.map(({ operationName, tags }) => [operationName, tags['sampler.type']]),
    [['a', 'const']],
  );
});

test('the variables of the Jaeger clients choose the collector', async (t) => {
  const { listener, posts } = collector();
  process.env.JAEGER_ENDPOINT = `${await listen(t, createServer(listener))}/api/traces`;
  process.env.JAEGER_AUTH_TOKEN = 'secret';
  t.after(() => {
    delete process.env.JAEGER_ENDPOINT;
    delete process.env.JAEGER_AUTH_TOKEN;
  });
  await send(start(t, {}).tracer, 'a');
  assert.equal(posts[0]?.request.headers.authorization, 'Bearer secret');
});

test('further headers go with each request, and win over those of our own', async (t) => {
  const { listener, posts } = collector();
  const collectorEndpoint = await listen(t, createServer(listener));
  const headers = { 'X-Tenant': 'acme', Authorization: 'Own scheme' };
  await send(start(t, { collectorEndpoint, authToken: 'secret', headers }).tracer, 'a');
  const { 'x-tenant': tenant, authorization } = posts[0]!.request.headers;
  assert.deepEqual([tenant, authorization], ['acme', 'Own scheme']);
});

for (const { title, options, userInfo = '', expected } of [
  { title: 'no credentials', options: {}, expected: undefined },
  { title: 'a user alone', options: { username: 'u' }, expected: undefined },
  {
    title: 'user and password',
    options: { username: 'u', password: 'p:q' },
    expected: `Basic ${btoa('u:p:q')}`,
  },
  { title: 'a token', options: { token: 'abc' }, expected: 'Bearer abc' },
  {
    title: 'user, password and a token',
    options: { username: 'u', password: 'p', token: 'abc' },
    expected: `Basic ${btoa('u:p')}`,
  },
  {
    title: 'credentials in the URL',
    options: {},
    userInfo: 'us%40er:p%20w@',
    expected: `Basic ${btoa('us@er:p w')}`,
  },
]) {
  test(`with ${title} the request says so, and no message shows them`, async (t) => {
    const { listener, posts } = collector(401);
    const url = new URL(await listen(t, createServer(listener)));
    const log = new RecordedLog();
    const transport = new HttpTransport({
      url: `http://${userInfo}${url.host}/api/traces?key=hidden`,
      ...(options as Partial<HttpTransportOptions>),
      faults: new FaultLog(log),
    });
    t.after(() => transport.close());

    assert.equal(await transport.send({ bytes: Buffer.from('x'), spanCount: 3 }), 'lost');

    assert.equal(posts[0]?.request.headers.authorization, expected);
    assert.deepEqual(log.errors, [
      `spoor: the collector at ${url.origin}/api/traces answered with 401; 3 spans are lost. Check JAEGER_AUTH_TOKEN, or JAEGER_USER and JAEGER_PASSWORD.`,
    ]);
    assert.equal(String(transport), `HttpTransport(${url.origin}/api/traces)`);
  });
}

test('one connection serves batch after batch', async (t) => {
  const { listener, posts } = collector();
  const url = await listen(t, createServer(listener));
  const { tracer } = start(t, { collectorEndpoint: `${url}/api/traces` });
  for (const name of ['a', 'b', 'c']) await send(tracer, name);
  const ports = new Set(posts.map(({ request }) => request.socket.remotePort));
  assert.deepEqual([posts.length, ports.size], [3, 1]);
});

for (const status of [408, 429, 502, 503, 504]) {
  test(`what a collector answers with ${status} is sent again`, async (t) => {
    const { listener, names } = collector(status, status);
    const url = await listen(t, createServer(listener));
    const { tracer, log } = start(t, { collectorEndpoint: `${url}/api/traces` });
    tracer.startSpan('a').finish();
    await tracer.close();
    assert.deepEqual(names(), [['a'], ['a'], ['a']]);
    assert.deepEqual(log.errors, [
      `spoor: the collector at ${url}/api/traces answered with ${status}; spans are sent again later.`,
    ]);
  });
}

test('what a collector answers with 500 is sent twice again, and then given up', async (t) => {
  const { listener, names } = collector(500, 500, 500);
  const url = await listen(t, createServer(listener));
  const { tracer, log } = start(t, { collectorEndpoint: `${url}/api/traces` });
  tracer.startSpan('lost').finish();
  await tracer.flush();
  tracer.startSpan('next').finish();
  await tracer.close();
  assert.deepEqual(names(), [['lost'], ['lost'], ['lost'], ['next']]);
  assert.match(log.errors[1]!, /answered with 500; 1 spans are lost\./);
});

for (const [status, advice] of [
  [301, 'It redirects: write https://elsewhere.test/api/traces instead.'],
  [400, 'Write the URL of a collector that takes Jaeger Thrift.'],
  [
    404,
    'Write its whole URL: that of a Jaeger collector ends in /api/traces, that of OTLP in /v1/traces.',
  ],
] as const) {
  test(`what a collector answers with ${status} is lost, and the log says what to write`, async (t) => {
    const { listener, names } = collector(status);
    const url = await listen(t, createServer(listener));
    const { tracer, log } = start(t, { collectorEndpoint: url });
    await send(tracer, 'lost');
    await send(tracer, 'next');
    assert.deepEqual(names(), [['lost'], ['next']]);
    assert.deepEqual(log.errors, [
      `spoor: the collector at ${url}/ answered with ${status}; 1 spans are lost. ${advice}`,
    ]);
  });
}

for (const { title, header, least, most } of [
  { title: 'seconds', header: '7', least: 7000, most: 7000 },
  { title: 'a day, of which ten minutes count', header: '86400', least: 600_000, most: 600_000 },
  {
    title: 'a date to come',
    header: new Date(Date.now() + 500_000).toUTCString(),
    least: 250_000,
    most: 500_000,
  },
  { title: 'zero', header: '0' },
  { title: 'a date that has passed', header: 'Thu, 01 Jan 1970 00:00:00 GMT' },
  { title: 'anything else', header: 'soon' },
]) {
  test(`Retry-After with ${title} is ${least === undefined ? 'not ' : ''}a pause, and holds until the next answer`, async (t) => {
    const answers = [
      { status: 503, headers: { 'retry-after': header } },
      { status: 503, headers: {} },
    ];
    const server = createServer((request, response) => {
      const { status, headers } = answers.shift()!;
      request.resume().once('end', () => response.writeHead(status, headers).end());
    });
    const transport = new HttpTransport({ url: await listen(t, server) });
    t.after(() => transport.close());
    assert.equal(transport.retryAfterMs, undefined);
    assert.equal(await transport.send({ bytes: Buffer.from('x'), spanCount: 1 }), 'retry');
    const { retryAfterMs } = transport;
    if (least === undefined) assert.equal(retryAfterMs, undefined);
    else assert.ok(retryAfterMs! >= least && retryAfterMs! <= most!, String(retryAfterMs));
    await transport.send({ bytes: Buffer.from('x'), spanCount: 1 });
    assert.equal(transport.retryAfterMs, undefined);
  });
}

test('spans wait for a collector that is not there yet', async (t) => {
  const port = await unusedPort();
  const { tracer, log } = start(t, { collectorEndpoint: `http://127.0.0.1:${port}/api/traces` });
  tracer.startSpan('early').finish();
  const flushed = tracer.flush();
  const { listener, names } = collector();
  const server = createServer(listener);
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await flushed;
  await tracer.close();
  assert.deepEqual(names(), [['early']]);
  for (const message of log.errors) assert.match(message, /cannot be reached \(connect ECONN/);
});

test('a collector that never answers costs the time-out, and gets the batch again', async (t) => {
  const { listener, names } = collector('never');
  const url = await listen(t, createServer(listener));
  const { tracer, log } = start(t, { collectorEndpoint: url, timeoutMs: 500 });
  await send(tracer, 'a');
  assert.deepEqual(names(), [['a'], ['a']]);
  assert.match(log.errors[0]!, /cannot be reached \(The operation was aborted/);
});

test('a collector with TLS is reached', async (t) => {
  const { listener, names } = collector();
  const secure = createSecureServer(localhostCertificate, listener);
  const url = (await listen(t, secure)).replace('http:', 'https:');
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  t.mock.method(process, 'emitWarning', () => {});
  t.after(() => {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  });
  await send(start(t, { collectorEndpoint: url }).tracer, 'a');
  assert.deepEqual(names(), [['a']]);
});

test('what is no URL is refused with one', (t) => {
  for (const collectorEndpoint of ['localhost:14268', 'ftp://collector.test/', '/api/traces', '']) {
    assert.throws(() => start(t, { collectorEndpoint }), {
      code: 'SPOOR_CONFIG',
      message: `reporter.collectorEndpoint: expected a URL, got "${collectorEndpoint}". Write http://localhost:14268/api/traces.`,
    });
  }
});
