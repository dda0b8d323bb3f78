import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type ClientRequest, createServer, get, request as namedRequest } from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { install, uninstall } from '@spoor/http';
import { answerTo, serveAndKeep, traceClients } from './client-helpers.js';

const { request: takenBefore } = createRequire(import.meta.url)('node:http') as typeof http;

/** Every way to write the same request: `GET /a?b=1`. */
const shapes: Record<string, (url: URL) => ClientRequest> = {
  'request(text)': (url) => http.request(url.href).end(),
  'request(URL)': (url) => http.request(url).end(),
  'request(options)': ({ hostname, port }) =>
    http.request({ hostname, port, path: '/a?b=1' }).end(),
  'request(options with host)': ({ hostname, port }) =>
    http.request({ host: hostname, port: Number(port), path: '/a?b=1' }).end(),
  'request(text, options)': (url) => http.request(url.href, { method: 'get' }).end(),
  'request(URL, options, callback)': (url) => http.request(url, {}, () => {}).end(),
  'request(text, callback)': (url) => http.request(url.href, () => {}).end(),
  'request(options, callback)': ({ hostname, port }) =>
    http.request({ hostname, port, path: '/a?b=1' }, () => {}).end(),
  'get(text)': (url) => http.get(url.href),
  'get(URL, callback)': (url) => http.get(url, () => {}),
  'get by its name': (url) => get(url),
  'request by its name': (url) => namedRequest(url).end(),
  'request as it was taken from require': (url) => takenBefore(url).end(),
  'new ClientRequest': (url) => new http.ClientRequest(url).end(),
  'an agent of its own': (url) => http.request(url, { agent: new http.Agent() }).end(),
  'agent: false': (url) => http.request(url, { agent: false }).end(),
  createConnection: ({ hostname, port }) =>
    http
      .request({
        hostname,
        port,
        path: '/a?b=1',
        createConnection: () => connect(Number(port), hostname),
      })
      .end(),
  'createConnection that calls back': ({ hostname, port }) =>
    http
      .request({
        hostname,
        port,
        path: '/a?b=1',
        createConnection: (_, done) => {
          setImmediate(() => done(null, connect(Number(port), hostname)));
          return undefined;
        },
      })
      .end(),
};

for (const [name, send] of Object.entries(shapes)) {
  test(`${name}: a request is a client span, and the server gets its context`, async (t) => {
    const { tracer, finished } = traceClients(t);
    const { url, requests } = await serveAndKeep(t);
    const parent = tracer.startSpan('parent');

    assert.equal(await answerTo(tracer.withSpan(parent, () => send(new URL('/a?b=1', url)))), 'ok');

    const [span] = await finished(1);
    assert.equal(span?.operationName, 'GET');
    assert.equal(span.parentId, parent.context().toSpanId());
    assert.deepEqual(span.tags, {
      'span.kind': 'client',
      component: 'http',
      'http.method': 'GET',
      'http.url': `${url}/a?b=1`,
      'http.status_code': 200,
      'peer.hostname': '127.0.0.1',
      'peer.port': Number(new URL(url).port),
      'peer.ipv4': '127.0.0.1',
    });
    assert.equal(requests.length, 1);
    assert.equal(requests[0]?.url, '/a?b=1');
    assert.equal(requests[0].headers['uber-trace-id'], span.context.toString());
    assert.match(String(requests[0].headers.traceparent), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
}

const invalid: Record<string, () => unknown> = {
  'no URL': () => http.request('not a url'),
  'the wrong protocol': () => http.request('https://127.0.0.1/'),
  'a path with a space': () => http.request({ path: '/a b' }),
  'an odd method': () => http.request({ method: 'G ET' }),
  'an odd header': () => http.request({ headers: { 'x y': 'z' } }),
  'headers of odd length': () => http.request({ headers: ['a'] as never }),
  'an agent that is none': () => http.request({ agent: {} as http.Agent }),
  'https, no URL': () => https.get('nothing'),
};

for (const [name, send] of Object.entries(invalid)) {
  test(`${name}: throws the same error as without the patch, and has no span`, (t) => {
    const plain = thrownBy(send);
    const { reporter } = traceClients(t);
    const traced = thrownBy(send);

    assert.deepEqual(
      [traced.name, traced.message, (traced as NodeJS.ErrnoException).code],
      [plain.name, plain.message, (plain as NodeJS.ErrnoException).code],
    );
    assert.deepEqual(reporter.spans, []);
  });
}

const context = /^[0-9a-f]{16}:[0-9a-f]{16}:0:1$/;

/** Headers are given in all these shapes; each must arrive, and the user's object stay as it was. */
const headerShapes: Record<string, http.RequestOptions['headers'] | readonly string[][]> = {
  'an object': { 'X-Mine': 'a', host: 'localhost' },
  'a frozen object': Object.freeze({ 'X-Mine': 'a', host: 'localhost' }),
  'a flat list': ['X-Mine', 'a', 'Host', 'localhost'],
  'a list of pairs': [
    ['X-Mine', 'a'],
    ['Host', 'localhost'],
  ],
  'an object with Expect': { 'X-Mine': 'a', host: 'localhost', Expect: '100-continue' },
};

for (const [name, headers] of Object.entries(headerShapes)) {
  test(`headers as ${name}: go out unchanged, with the context beside them`, async (t) => {
    const { finished } = traceClients(t);
    const { url, requests } = await serveAndKeep(t);
    const before = structuredClone(headers);

    const request = http.get(url, { headers: headers as http.OutgoingHttpHeaders });
    await answerTo(request);

    await finished(1);
    assert.deepEqual(headers, before);
    assert.equal(requests[0]?.headers['x-mine'], 'a');
    assert.equal(requests[0].headers.host, 'localhost');
    assert.match(String(requests[0].headers['uber-trace-id']), context);
    assert.equal(request.getHeader('uber-trace-id'), undefined);
  });
}

test('headers that are set later go out, and the context is written once', async (t) => {
  const { finished } = traceClients(t);
  const { url, requests } = await serveAndKeep(t);

  const request = http.request(url, { method: 'POST' });
  request.setHeader('x-late', 'yes');
  request.flushHeaders();
  request.write('body');
  request.end();
  await answerTo(request);

  const [span] = await finished(1);
  assert.equal(requests[0]?.headers['x-late'], 'yes');
  assert.deepEqual(requests[0].rawHeaders.filter((name) => name === 'uber-trace-id').length, 1);
  assert.equal(requests[0].headers['uber-trace-id'], span?.context.toString());
});

test('a client that writes its headers again, as agents for proxies do, sends the same context once', async (t) => {
  const { finished } = traceClients(t);
  const { url, requests } = await serveAndKeep(t);

  const request = http.request(url) as ClientRequest & {
    _header: string | null;
    _implicitHeader(): void;
  };
  request._implicitHeader();
  request._header = null;
  request.path = '/rewritten';
  await answerTo(request.end());

  const [span] = await finished(1);
  assert.equal(requests[0]?.url, '/rewritten');
  assert.equal(requests[0].headers['uber-trace-id'], span!.context.toString());
  assert.equal(requests[0].rawHeaders.filter((name) => name === 'uber-trace-id').length, 1);
});

test('an IPv6 literal is a host without brackets', async (t) => {
  const { finished } = traceClients(t);
  const server = createServer((_, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };

  await answerTo(http.get(`http://[::1]:${port}/x`, { agent: false }));

  const [span] = await finished(1);
  assert.equal(span?.tags['peer.hostname'], '::1');
  assert.equal(span!.tags['peer.ipv6'], '::1');
  assert.equal(span!.tags['http.url'], `http://[::1]:${port}/x`);
});

test('a Unix socket has a path and no port', async (t) => {
  const { finished } = traceClients(t);
  const socketPath = path.join(tmpdir(), `spoor-${process.pid}-${Date.now()}.sock`);
  const server = createServer((request, response) =>
    response.end(request.headers['uber-trace-id']),
  ).listen(socketPath);
  await once(server, 'listening');
  t.after(() => server.close());

  const text = await answerTo(http.get({ socketPath, path: '/x', agent: false }));

  const [span] = await finished(1);
  assert.equal(text, span!.context.toString());
  assert.equal(span!.tags['peer.address'], socketPath);
  assert.equal(span!.tags['peer.port'], undefined);
  assert.equal(span!.tags['http.url'], 'http://localhost/x');
});

test('credentials of a URL are on no tag', async (t) => {
  const { finished } = traceClients(t);
  const { url, requests } = await serveAndKeep(t);

  await answerTo(http.get(`${url.replace('//', '//user:secret@')}/?api_key=hidden&x=1`));

  const [span] = await finished(1);
  assert.ok(requests[0]?.headers.authorization?.startsWith('Basic '));
  assert.equal(span?.tags['http.url'], `${url}/?api_key=REDACTED&x=1`);
  assert.doesNotMatch(JSON.stringify(span.tags), /secret|hidden/);
});

test('once uninstalled nothing is traced, no header added, and the methods are those that were', async (t) => {
  const { prototype } = http.ClientRequest;
  const before = [Object.getOwnPropertyNames(prototype), Object.entries(http.Agent.prototype)];
  const { reporter } = traceClients(t);
  const { url, requests } = await serveAndKeep(t);

  uninstall();
  await answerTo(http.get(url));

  assert.deepEqual(reporter.spans, []);
  assert.equal(requests[0]?.headers['uber-trace-id'], undefined);
  const after = [Object.getOwnPropertyNames(prototype), Object.entries(http.Agent.prototype)];
  assert.deepEqual(after, before);
});

test('a request under way at the uninstall still finishes its span', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t);

  const request = http.get(url);
  uninstall();
  await answerTo(request);

  assert.equal((await finished(1))[0]?.tags['http.status_code'], 200);
});

test('client: false leaves requests alone, server: false servers', async (t) => {
  const { tracer, reporter, finished } = traceClients(t);
  const { url, requests } = await serveAndKeep(t);

  install({ client: false, server: { tracer } });
  await answerTo(http.get(url));
  await finished(1);
  install({ client: { tracer }, server: false });
  await answerTo(http.get(url));
  await finished(2);

  assert.deepEqual(
    reporter.spans.map(({ tags }) => tags['span.kind']),
    ['server', 'client'],
  );
  assert.equal(requests[0]?.headers['uber-trace-id'], undefined);
});

function thrownBy(fn: () => unknown): Error {
  try {
    fn();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
