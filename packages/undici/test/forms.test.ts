import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { listen, localhostCertificate } from '@spoor/testing';
import { install } from '@spoor/undici';
import type * as undici7 from 'undici';
import { serve, tooOld, trace, versions } from './helpers.js';

type Undici = typeof undici7;

/** One behaviour in every major version; each with an agent of its own, which no other copy of undici has a part in. */
function forAll(
  title: string,
  check: (t: TestContext, undici: Undici, dispatcher: undici7.Agent) => Promise<void>,
): void {
  for (const { name, undici } of versions) {
    test(`${name}: ${title}`, { skip: undici === undefined && tooOld }, async (t) => {
      const dispatcher = new undici!.Agent();
      t.after(() => dispatcher.destroy());
      await check(t, undici!, dispatcher);
    });
  }
}

forAll('stream is a span', async (t, { stream }, dispatcher) => {
  const { tracer, finished } = trace(t);
  const { url, requests } = await serve(t);
  const parent = tracer.startSpan('parent');

  await tracer.withSpan(parent, () =>
    stream(url, { method: 'GET', dispatcher }, () => new PassThrough().resume()),
  );

  const [span] = await finished(1);
  assert.equal(span!.parentId, parent.context().toSpanId());
  assert.equal(span!.tags['http.status_code'], 200);
  assert.equal(requests[0]?.headers['uber-trace-id'], span!.context.toString());
});

forAll('pipeline is a span', async (t, { pipeline }, dispatcher) => {
  const { tracer, finished } = trace(t);
  const { url, requests } = await serve(t, (request, response) => request.pipe(response));
  const parent = tracer.startSpan('parent');

  const duplex = tracer.withSpan(parent, () =>
    pipeline(url, { method: 'PUT', dispatcher }, ({ body }) => body),
  );
  duplex.end('through');
  assert.equal(String(await duplex.toArray()), 'through');

  const [span] = await finished(1);
  assert.equal(span!.operationName, 'PUT');
  assert.equal(span!.parentId, parent.context().toSpanId());
  assert.equal(requests[0]?.headers['uber-trace-id'], span!.context.toString());
});

forAll(
  'an upgrade is a span with status 101 that ends with the handshake',
  async (t, { upgrade }, dispatcher) => {
    const { finished } = trace(t, { responseHeaders: ['x-answer'] });
    let header: unknown;
    const server = createServer().on('upgrade', (request, socket) => {
      header = request.headers['uber-trace-id'];
      socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\nx-answer: yes\r\n\r\n',
      );
    });
    const url = await listen(t, server);

    const { socket } = await upgrade(url, { protocol: 'echo', dispatcher });
    socket.destroy();

    const [span] = await finished(1);
    assert.equal(span!.tags['http.status_code'], 101);
    assert.equal(span!.tags['http.response.header.x-answer'], 'yes');
    assert.equal(span!.tags.error, undefined);
    assert.equal(span!.tags['http.aborted'], undefined);
    assert.equal(header, span!.context.toString());
  },
);

forAll('an upgrade that is refused keeps its status', async (t, { upgrade }, dispatcher) => {
  const { finished } = trace(t);
  const { url } = await serve(t, (_, response) => response.writeHead(401).end());

  await assert.rejects(upgrade(url, { protocol: 'echo', dispatcher }));

  assert.equal((await finished(1))[0]?.tags['http.status_code'], 401);
});

/** A proxy that tunnels, or answers by itself what it is to forward; and the context in each request that it got. */
async function startProxy(
  t: TestContext,
): Promise<{ url: string; tunnels: string[]; forwarded: string[] }> {
  const tunnels: string[] = [];
  const forwarded: string[] = [];
  const server = createServer(({ headers }, response) => {
    forwarded.push(String(headers['uber-trace-id']));
    response.end('ok');
  });
  server.on('connect', (request, socket) => {
    tunnels.push(String(request.headers['uber-trace-id']));
    const target = new URL(`http://${request.url}`);
    const upstream = connectTcp(Number(target.port), target.hostname, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => {});
    socket.on('error', () => {});
    t.after(() => socket.destroy());
  });
  return { url: await listen(t, server), tunnels, forwarded };
}

forAll(
  'a request through a tunnel has a span, the tunnel none',
  async (t, { ProxyAgent, request }) => {
    const { tracer, finished, reporter } = trace(t);
    const { url, requests } = await serve(t);
    const proxy = await startProxy(t);
    const dispatcher = new ProxyAgent({ uri: proxy.url, proxyTunnel: true });
    t.after(() => dispatcher.destroy());
    const parent = tracer.startSpan('parent');

    await tracer.withSpan(parent, async () => (await request(url, { dispatcher })).body.text());

    const [span] = await finished(1);
    assert.equal(span!.parentId, parent.context().toSpanId());
    assert.equal(span!.tags['http.url'], `${url}/`);
    assert.equal(requests[0]?.headers['uber-trace-id'], span!.context.toString());
    assert.deepEqual(proxy.tunnels, ['undefined']);
    assert.equal(reporter.spans.length, 1);
  },
);

forAll(
  'a CONNECT of the caller is a span called by the target, that ends with the answer',
  async (t, _, dispatcher) => {
    const { tracer, reporter, finished } = trace(t);
    const { url } = await serve(t);
    const proxy = await startProxy(t);
    const parent = tracer.startSpan('parent');
    const target = new URL(url).host;

    const { statusCode, socket } = await tracer.withSpan(parent, () =>
      dispatcher.connect({ origin: proxy.url, path: target }),
    );

    assert.equal(statusCode, 200);
    const [span] = await finished(1);
    socket.destroy();
    assert.equal(span!.operationName, 'CONNECT');
    assert.equal(span!.parentId, parent.context().toSpanId());
    assert.equal(span!.tags['http.url'], target);
    assert.equal(span!.tags['peer.port'], Number(new URL(proxy.url).port));
    assert.equal(span!.tags['http.status_code'], 200);
    assert.deepEqual(proxy.tunnels, [span!.context.toString()]);
    assert.equal(reporter.spans.length, 1);
  },
);

forAll(
  'a CONNECT that is refused keeps its status, one without an answer is an error',
  async (t, _, dispatcher) => {
    const { finished } = trace(t);
    const url = await listen(
      t,
      createServer().on('connect', (request, socket) => {
        if (request.url === 'refused:1') socket.write('HTTP/1.1 407 Who are you\r\n\r\n');
        else socket.destroy();
      }),
    );

    const { socket } = await dispatcher.connect({ origin: url, path: 'refused:1' });
    socket.destroy();
    await assert.rejects(dispatcher.connect({ origin: url, path: 'cut:1' }));

    assert.deepEqual(
      (await finished(2)).map(({ tags }) => [tags['http.status_code'], tags.error]),
      [
        [407, undefined],
        [undefined, true],
      ],
    );
  },
);

for (const scheme of ['http', 'https']) {
  forAll(
    `a request to ${scheme} through EnvHttpProxyAgent is one span, with the URL of its target`,
    async (t, { EnvHttpProxyAgent, request }) => {
      const { finished, reporter } = trace(t);
      const seen: unknown[] = [];
      const answer: RequestListener = ({ headers }, response) => {
        seen.push(headers['uber-trace-id']);
        response.end('ok');
      };
      const server =
        scheme === 'http' ? createServer(answer) : createTlsServer(localhostCertificate, answer);
      const url = (await listen(t, server)).replace('http:', `${scheme}:`);
      const proxy = await startProxy(t);
      const dispatcher = new EnvHttpProxyAgent({
        httpProxy: proxy.url,
        httpsProxy: proxy.url,
        noProxy: '',
        requestTls: { ca: localhostCertificate.cert },
      });
      t.after(() => dispatcher.destroy());

      await (await request(`${url}/a?b=c`, { dispatcher })).body.text();

      const [span] = await finished(1);
      assert.equal(span!.tags['http.url'], `${url}/a?b=c`);
      // Undici 8 has what is not encrypted forwarded, instead of a tunnel.
      assert.deepEqual([...seen, ...proxy.forwarded], [span!.context.toString()]);
      assert.equal(reporter.spans.length, 1);
    },
  );
}

forAll(
  'a request that a proxy forwards without a tunnel is one span, with the URL of its target',
  async (t, { ProxyAgent, request }) => {
    const { finished, reporter } = trace(t);
    const { url } = await serve(t);
    const proxy = await startProxy(t);
    const dispatcher = new ProxyAgent({ uri: proxy.url, proxyTunnel: false });
    t.after(() => dispatcher.destroy());

    const { body } = await request(`${url}/a`, { dispatcher });
    await body.text();

    const [span] = await finished(1);
    assert.equal(span!.tags['http.url'], `${url}/a`);
    assert.equal(reporter.spans.length, 1);
  },
);

forAll(
  'a host that is to get no headers gets none through a proxy that forwards, nor has one that is ignored a span',
  async (t, { ProxyAgent, request }) => {
    const { tracer, finished, reporter } = trace(t, { noHeadersTo: 'localhost' });
    const { url } = await serve(t);
    const target = url.replace('127.0.0.1', 'localhost');
    const proxy = await startProxy(t);
    const dispatcher = new ProxyAgent({ uri: proxy.url, proxyTunnel: false });
    t.after(() => dispatcher.destroy());
    const get = async (): Promise<string> => (await request(target, { dispatcher })).body.text();

    await get();
    await finished(1);
    install({ tracer, ignore: new URL(target).host });
    await get();

    assert.deepEqual(
      [...proxy.forwarded, ...proxy.tunnels].filter((context) => context !== 'undefined'),
      [],
    );
    assert.equal(reporter.spans.length, 1);
  },
);

forAll(
  'each attempt of a RetryAgent is a span, under the same parent',
  async (t, { RetryAgent, request }, agent) => {
    const { tracer, finished, reporter } = trace(t, { isError: () => false });
    let count = 0;
    const { url, requests } = await serve(t, (_, response) =>
      response.writeHead(++count < 3 ? 429 : 200).end('ok'),
    );
    const dispatcher = new RetryAgent(agent, {
      maxRetries: 3,
      minTimeout: 1,
      timeoutFactor: 1,
      statusCodes: [429],
    });
    const parent = tracer.startSpan('parent');

    await tracer.withSpan(parent, async () => (await request(url, { dispatcher })).body.text());

    await finished(3);
    assert.deepEqual(
      reporter.spans.map(({ tags, parentId }) => [tags['http.status_code'], tags.error, parentId]),
      [429, 429, 200].map((status) => [status, undefined, parent.context().toSpanId()]),
    );
    assert.deepEqual(
      requests.map(({ headers }) => headers['uber-trace-id']),
      reporter.spans.map(({ context }) => context.toString()),
    );
  },
);

forAll(
  'each attempt of interceptors.retry is a span',
  async (t, { interceptors, request }, agent) => {
    const { finished, reporter } = trace(t);
    let count = 0;
    const { url } = await serve(t, (_, response) =>
      response.writeHead(++count < 2 ? 503 : 200).end('ok'),
    );
    const dispatcher = agent.compose(
      interceptors.retry({ maxRetries: 3, minTimeout: 1, timeoutFactor: 1 }),
    );

    await (await request(url, { dispatcher })).body.text();

    await finished(2);
    assert.deepEqual(
      reporter.spans.map(({ tags }) => [tags['http.status_code'], tags.error]),
      [
        [503, true],
        [200, undefined],
      ],
    );
  },
);

forAll(
  'each hop of interceptors.redirect is a span, under the same parent',
  async (t, { interceptors, request }, agent) => {
    const { tracer, finished } = trace(t);
    const { url } = await serve(t, ({ url: path }, response) =>
      path === '/' ? response.writeHead(302, { location: '/there' }).end() : response.end('ok'),
    );
    const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: 2 }));
    const parent = tracer.startSpan('parent');

    await tracer.withSpan(parent, async () => (await request(url, { dispatcher })).body.text());

    assert.deepEqual(
      (await finished(2)).map(({ tags, parentId }) => [tags['http.status_code'], parentId]),
      [
        [302, parent.context().toSpanId()],
        [200, parent.context().toSpanId()],
      ],
    );
  },
);

forAll('a request over HTTP/2 is a span like any other', async (t, { Agent, request }) => {
  const { finished } = trace(t);
  const seen: unknown[] = [];
  const server = createSecureServer({ ...localhostCertificate }, (incoming, response) => {
    seen.push(incoming.httpVersion, incoming.headers['uber-trace-id']);
    response.writeHead(201, { 'x-answer': 'yes' }).end('ok');
  });
  const url = (await listen(t, server)).replace('http:', 'https:');
  const dispatcher = new Agent({ allowH2: true, connect: { ca: localhostCertificate.cert } });
  t.after(() => dispatcher.destroy());

  await (await request(`${url}/x`, { dispatcher })).body.text();

  const [span] = await finished(1);
  assert.deepEqual(seen, ['2.0', span!.context.toString()]);
  assert.equal(span!.tags['http.status_code'], 201);
  assert.equal(span!.tags['http.url'], `${url}/x`);
});

forAll(
  'what a MockAgent answers is no request, and has no span',
  async (t, { MockAgent, request }) => {
    const { reporter } = trace(t);
    const dispatcher = new MockAgent();
    t.after(() => dispatcher.close());
    dispatcher.disableNetConnect();
    dispatcher.get('http://mock.test').intercept({ path: '/a' }).reply(200, 'mocked');

    const { body } = await request('http://mock.test/a', { dispatcher });

    assert.equal(await body.text(), 'mocked');
    assert.deepEqual(reporter.spans, []);
  },
);

forAll(
  'requests that wait for a connection have the parents of their own callers',
  async (t, { Agent, request }) => {
    const { tracer, finished } = trace(t);
    const { url } = await serve(t);
    const dispatcher = new Agent({ connections: 1 });
    t.after(() => dispatcher.destroy());
    const parents = [1, 2, 3].map((n) => tracer.startSpan(`parent ${n}`));

    await Promise.all(
      parents.map((parent) =>
        tracer.withSpan(parent, async () => {
          await (await request(url, { dispatcher })).body.text();
          assert.equal(tracer.activeSpan(), parent);
        }),
      ),
    );

    assert.deepEqual(
      (await finished(3)).map(({ parentId }) => parentId),
      parents.map((parent) => parent.context().toSpanId()),
    );
  },
);

test('an event of a change of protocol reaches the application unchanged', async (t) => {
  trace(t);
  const server = createServer().on('upgrade', (_, socket) => {
    socket.end(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhi',
    );
  });
  const url = await listen(t, server);
  const { undici } = versions[1]!;
  const dispatcher = new undici!.Agent();
  t.after(() => dispatcher.destroy());

  const { socket, headers } = await undici!.upgrade(url, { protocol: 'echo', dispatcher });
  const [chunk] = (await once(socket, 'data')) as [Buffer];

  assert.equal(headers.upgrade, 'echo');
  assert.equal(String(chunk), 'hi');
});
