import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RecordedSpan, Tracer } from '@spoor/core';
import { withoutTracing } from '@spoor/core/internal';
import { install, uninstall } from '@spoor/undici';
import { closedPort, serve, tooOld, trace, versions } from './helpers.js';

interface Client {
  readonly name: string;
  readonly skip?: string | false;
  get(url: string): Promise<number>;
}

/** Every way to a request that goes through undici, in its own versions and in the one inside Node. */
const clients: readonly Client[] = [
  {
    name: 'the global fetch',
    get: async (url) => {
      const response = await fetch(url);
      await response.arrayBuffer();
      return response.status;
    },
  },
  ...versions.flatMap(({ name, undici }): readonly Client[] => {
    const skip = undici === undefined && tooOld;
    return [
      {
        name: `${name} request`,
        skip,
        get: async (url) => {
          const dispatcher = new undici!.Agent();
          const { statusCode, body } = await undici!.request(url, { dispatcher });
          await body.dump();
          await dispatcher.close();
          return statusCode;
        },
      },
      {
        name: `${name} fetch`,
        skip,
        get: async (url) => {
          const dispatcher = new undici!.Agent();
          const response = await undici!.fetch(url, { dispatcher });
          await response.arrayBuffer();
          await dispatcher.close();
          return response.status;
        },
      },
    ];
  }),
];

for (const { name, get, skip = false } of clients) {
  test(`${name}: a request is a client span, and the server gets its context`, {
    skip,
  }, async (t) => {
    const { tracer, finished } = trace(t);
    const { url, requests } = await serve(t);
    const parent = tracer.startSpan('parent');

    await tracer.withSpan(parent, () => get(`${url}/users/7?api_key=secret&x=1`));

    const [span] = await finished(1);
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
    assert.equal(requests[0]?.headers['uber-trace-id'], span!.context.toString());
    assert.equal(
      requests[0]?.headers.traceparent,
      `00-${span!.context.toTraceId().padStart(32, '0')}-${span!.context.toSpanId()}-01`,
    );
  });

  test(`${name}: a 500 is an error, a 404 is none`, { skip }, async (t) => {
    const { reporter } = trace(t);
    const { url } = await serve(t, (request, response) => {
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

  test(`${name}: a refused connection is an error with its reason`, { skip }, async (t) => {
    const { reporter } = trace(t);
    const port = await closedPort();

    await assert.rejects(get(`http://127.0.0.1:${port}/`));

    const [span] = reporter.spans;
    assert.equal(span!.tags.error, true);
    assert.match(String(span!.logs[0]?.fields.message), /ECONNREFUSED/);
  });
}

test('without an active span a request starts a trace of its own', async (t) => {
  const { reporter } = trace(t);
  const { url } = await serve(t, (_, response) => void response.end());

  await clients[0]!.get(url);

  assert.equal(reporter.spans[0]?.parentId, '');
});

test('a request that is not sampled sends its context along and is reported nowhere', async (t) => {
  const { reporter } = trace(t, { tracer: new Tracer('unsampled') });
  let header: unknown;
  const { url } = await serve(t, (request, response) => {
    header = request.headers['uber-trace-id'];
    response.end();
  });

  await clients[0]!.get(url);

  assert.match(String(header), /^[0-9a-f]{16}:[0-9a-f]{16}:0:0$/);
  assert.deepEqual(reporter.spans, []);
});

test('an aborted request is no error, and says that it was aborted', async (t) => {
  const { reporter } = trace(t);
  const controller = new AbortController();
  const { url } = await serve(t, () => controller.abort());

  await assert.rejects(fetch(url, { signal: controller.signal }));

  assert.equal(reporter.spans[0]?.tags['http.aborted'], true);
  assert.equal(reporter.spans[0]?.tags.error, undefined);
});

test('a redirect that fetch follows is two spans under the same parent', async (t) => {
  const { tracer, reporter } = trace(t);
  const { url } = await serve(t, (request, response) => {
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

test('after uninstall nothing is traced and no header added, and install works again', async (t) => {
  const { tracer, reporter } = trace(t);
  let header: unknown;
  const { url } = await serve(t, (request, response) => {
    header = request.headers['uber-trace-id'];
    response.end();
  });

  uninstall();
  await clients[0]!.get(url);
  assert.equal(header, undefined);
  assert.deepEqual(reporter.spans, []);

  install({ tracer });
  install({ tracer });
  await clients[0]!.get(url);
  assert.equal(reporter.spans.length, 1);
});

function comparable({ operationName, parentId, tags }: RecordedSpan): object {
  return { operationName, parentId, tags };
}

test('a request under way at the uninstall still finishes its span', async (t) => {
  const { finished } = trace(t);
  const { url } = await serve(t);

  const answer = fetch(url);
  // fetch itself begins a little later.
  await new Promise(setImmediate);
  uninstall();
  await (await answer).text();

  assert.equal((await finished(1))[0]?.tags['http.status_code'], 200);
});

test('what Spoor itself sends has neither span nor header', async (t) => {
  const { tracer, reporter } = trace(t);
  const { url, requests } = await serve(t);

  const parent = tracer.startSpan('parent');
  await tracer.withSpan(parent, () => withoutTracing(() => clients[0]!.get(url)));

  assert.deepEqual(reporter.spans, []);
  assert.equal(requests[0]?.headers['uber-trace-id'], undefined);
});
