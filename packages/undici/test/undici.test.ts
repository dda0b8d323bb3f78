import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { InMemoryReporter, initTracer, type RecordedSpan, type Tracer } from '@spoor/core';
import { install, uninstall } from '@spoor/undici';
import * as undici7 from 'undici';
import * as undici6 from 'undici-6';

/** Every way to a request that goes through undici, in its own versions and in the one inside Node. */
const clients: readonly { name: string; get(url: string): Promise<number> }[] = [
  {
    name: 'the global fetch',
    get: async (url) => {
      const response = await fetch(url);
      await response.arrayBuffer();
      return response.status;
    },
  },
  { name: 'undici 7 request', get: (url) => getBy(undici7.request, url) },
  {
    name: 'undici 6 request',
    get: (url) => getBy(undici6.request as unknown as typeof undici7.request, url),
  },
];

for (const { name, get } of clients) {
  test(`${name}: a request is a client span, and the server gets its context`, async (t) => {
    const { tracer, reporter } = traced(t);
    const headers: Record<string, unknown>[] = [];
    const url = await listen(t, (request, response) => {
      headers.push(request.headers);
      response.end('ok');
    });
    const parent = tracer.startSpan('parent');

    await tracer.withSpan(parent, () => get(`${url}/users/7?api_key=secret&x=1`));

    const [span] = reporter.spans;
    assert.deepEqual(comparable(span!), {
      operationName: 'GET',
      parentId: parent.context().toSpanId(),
      tags: {
        'span.kind': 'client',
        component: 'undici',
        'http.method': 'GET',
        'http.url': `${url}/users/7?api_key=REDACTED&x=1`,
        'http.status_code': 200,
        'peer.hostname': '127.0.0.1',
        'peer.port': Number(new URL(url).port),
        'peer.ipv4': '127.0.0.1',
      },
    });
    assert.equal(headers[0]?.['uber-trace-id'], span!.context.toString());
    assert.equal(
      headers[0]?.traceparent,
      `00-${span!.context.toTraceId().padStart(32, '0')}-${span!.context.toSpanId()}-01`,
    );
  });

  test(`${name}: a 500 is an error, a 404 is none`, async (t) => {
    const { reporter } = traced(t);
    const url = await listen(t, (request, response) => {
      response.writeHead(Number(request.url?.slice(1))).end();
    });

    await get(`${url}/404`);
    await get(`${url}/500`);

    assert.deepEqual(
      reporter.spans.map(({ tags }) => [tags['http.status_code'], tags.error]),
      [
        [404, undefined],
        [500, true],
      ],
    );
  });

  test(`${name}: a refused connection is an error with its reason`, async (t) => {
    const { reporter } = traced(t);
    const port = await closedPort();

    await assert.rejects(get(`http://127.0.0.1:${port}/`));

    const [span] = reporter.spans;
    assert.equal(span!.tags.error, true);
    assert.match(String(span!.logs[0]?.fields.message), /ECONNREFUSED/);
  });
}

test('without an active span a request starts a trace of its own', async (t) => {
  const { reporter } = traced(t);
  const url = await listen(t, (_, response) => void response.end());

  await clients[0]!.get(url);

  assert.equal(reporter.spans[0]?.parentId, '');
});

test('a request that is not sampled sends its context along and is reported nowhere', async (t) => {
  const { reporter } = traced(t, 0);
  let header: unknown;
  const url = await listen(t, (request, response) => {
    header = request.headers['uber-trace-id'];
    response.end();
  });

  await clients[0]!.get(url);

  assert.match(String(header), /^[0-9a-f]{16}:[0-9a-f]{16}:0:0$/);
  assert.deepEqual(reporter.spans, []);
});

test('an aborted request is no error, and says that it was aborted', async (t) => {
  const { reporter } = traced(t);
  const controller = new AbortController();
  const url = await listen(t, () => controller.abort());

  await assert.rejects(fetch(url, { signal: controller.signal }));

  assert.equal(reporter.spans[0]?.tags['http.aborted'], true);
  assert.equal(reporter.spans[0]?.tags.error, undefined);
});

test('a redirect that fetch follows is two spans under the same parent', async (t) => {
  const { tracer, reporter } = traced(t);
  const url = await listen(t, (request, response) => {
    if (request.url === '/') response.writeHead(302, { location: '/there' }).end();
    else response.end();
  });
  const parent = tracer.startSpan('parent');

  await tracer.withSpan(parent, () => clients[0]!.get(`${url}/`));

  assert.deepEqual(
    reporter.spans.map(({ tags, parentId }) => [tags['http.status_code'], parentId]),
    [
      [302, parent.context().toSpanId()],
      [200, parent.context().toSpanId()],
    ],
  );
});

test('after uninstall nothing is traced and no header added; install works again', async (t) => {
  const { reporter } = traced(t);
  let header: unknown;
  const url = await listen(t, (request, response) => {
    header = request.headers['uber-trace-id'];
    response.end();
  });

  uninstall();
  await clients[0]!.get(url);
  assert.equal(header, undefined);
  assert.deepEqual(reporter.spans, []);

  install();
  install();
  await clients[0]!.get(url);
  assert.equal(reporter.spans.length, 1);
});

test('an unknown option is refused with the one that was meant', () => {
  assert.throws(() => install({ tracr: undefined } as object), {
    name: 'SpoorError',
    message: 'install.tracr: unknown option. Did you mean install.tracer?',
  });
});

function traced(t: TestContext, param = 1): { tracer: Tracer; reporter: InMemoryReporter } {
  const reporter = new InMemoryReporter();
  const tracer = initTracer(
    { serviceName: 'test', sampler: { type: 'const', param } },
    { reporter },
  );
  install();
  t.after(uninstall);
  return { tracer, reporter };
}

async function getBy(request: typeof undici7.request, url: string): Promise<number> {
  const { statusCode, body } = await request(url);
  await body.dump();
  return statusCode;
}

function comparable({ operationName, parentId, tags }: RecordedSpan): object {
  return { operationName, parentId, tags };
}

async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port on which nobody listens any more. */
async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
