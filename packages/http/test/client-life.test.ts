import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type ClientRequest, createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { listen } from '@spoor/testing';
import { answerTo, closedPort, serveAndKeep, textOf, traceClients } from './client-helpers.js';
import type { Recorder } from './helpers.js';

test('a 500 is an error, a 404 is none', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t, (request, response) =>
    response.writeHead(Number(request.url?.slice(1))).end(),
  );

  await answerTo(http.get(`${url}/404`));
  await answerTo(http.get(`${url}/500`));

  assert.deepEqual(
    (await finished(2)).map(({ tags }) => [tags['http.status_code'], tags.error]),
    [
      [404, undefined],
      [500, true],
    ],
  );
});

test('requests on a connection that is kept have spans of their own', async (t) => {
  const { tracer, finished } = traceClients(t);
  const { url, requests } = await serveAndKeep(t);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const parents = [1, 2, 3].map((n) => tracer.startSpan(`parent ${n}`));

  // All at once: two of them wait for the connection of the first.
  await Promise.all(
    parents.map((parent) =>
      tracer.withSpan(parent, async () => {
        const text = await answerTo(http.get(url, { agent }));
        assert.equal(tracer.activeSpan(), parent);
        return text;
      }),
    ),
  );

  const spans = await finished(3);
  assert.deepEqual(
    spans.map(({ parentId }) => parentId),
    parents.map((parent) => parent.context().toSpanId()),
  );
  assert.deepEqual(
    requests.map(({ headers }) => headers['uber-trace-id']),
    spans.map(({ context }) => context.toString()),
  );
  assert.equal(new Set(requests.map(({ socket }) => socket.remotePort)).size, 1);
});

test('on a connection that another request opened, every callback runs in the span of its own caller', async (t) => {
  const { tracer } = traceClients(t);
  const { url } = await serveAndKeep(t);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const [first, second] = [tracer.startSpan('first'), tracer.startSpan('second')];
  await tracer.withSpan(first, () => answerTo(http.get(url, { agent })));
  const seen: Record<string, unknown> = {};
  const see = (name: string) => (): void => {
    seen[name] = tracer.activeSpan()?.operationName;
  };

  await tracer.withSpan(second, async () => {
    const request = http.get(url, { agent });
    for (const name of ['socket', 'finish', 'close']) request.on(name, see(name));
    request.on('response', (response) => {
      see('response')();
      for (const name of ['data', 'end']) response.on(name, see(name));
    });
    await once(request, 'close');
  });

  assert.deepEqual(seen, {
    socket: 'second',
    finish: 'second',
    response: 'second',
    data: 'second',
    end: 'second',
    close: 'second',
  });
});

test('on such a connection an error and a time-out are heard in the span of their own caller too', async (t) => {
  const { tracer } = traceClients(t);
  const { url } = await serveAndKeep(t, (request, response) => {
    if (request.url === '/') response.end('ok');
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const [first, second] = [tracer.startSpan('first'), tracer.startSpan('second')];
  await tracer.withSpan(first, () => answerTo(http.get(url, { agent })));
  const seen: unknown[] = [];
  const see = (): void => void seen.push(tracer.activeSpan()?.operationName);

  await tracer.withSpan(second, async () => {
    const request = http.get(`${url}/silent`, { agent, timeout: 20 });
    request.on('timeout', see).on('error', see).on('close', see);
    request.on('timeout', () => request.destroy());
    await new Promise((resolve) => request.on('close', resolve));
  });

  assert.deepEqual(seen, ['second', 'second', 'second']);
});

test('a body that a stream of somebody else writes leaves the span where the request was made', async (t) => {
  const { tracer, finished } = traceClients(t);
  const target = await serveAndKeep(t, (request, response) => request.pipe(response));
  const parent = tracer.startSpan('parent');
  const proxy = createServer((incoming, outgoing) => {
    const request = tracer.withSpan(parent, () =>
      http.request(target.url, { method: 'POST', headers: { 'x-first': '1' } }),
    );
    request.on('response', (response) => response.pipe(outgoing));
    incoming.pipe(request);
  });
  const url = await listen(t, proxy);

  assert.equal(await (await fetch(url, { method: 'POST', body: 'through' })).text(), 'through');

  const [span] = await finished(1);
  assert.equal(span?.parentId, parent.context().toSpanId());
  assert.equal(target.requests[0]?.headers['uber-trace-id'], span.context.toString());
});

test('a HEAD and a 204 end their spans', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t, (request, response) =>
    response.writeHead(request.method === 'HEAD' ? 200 : 204).end(),
  );

  await answerTo(http.request(url, { method: 'HEAD' }).end());
  await answerTo(http.get(url));

  assert.deepEqual(
    (await finished(2)).map(({ operationName, tags }) => [
      operationName,
      tags['http.status_code'],
      tags['http.body'],
    ]),
    [
      ['HEAD', 200, undefined],
      ['GET', 204, undefined],
    ],
  );
});

test('a response that nobody listens for is thrown away by Node as ever, and its span ends', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t, (_, response) => response.end('x'.repeat(1_000_000)));

  const request = http.get(url);
  await once(request, 'close');

  const [span] = await finished(1);
  assert.equal(request.listenerCount('response'), 0);
  assert.equal(span?.tags['http.status_code'], 200);
  assert.equal(span.tags.error, undefined);
});

test('a response that is never read ends its span with its connection, and says so', async (t) => {
  const { finished, reporter } = traceClients(t);
  const sockets: Socket[] = [];
  const { url } = await serveAndKeep(t, (request, response) => {
    sockets.push(request.socket);
    response.end('unread');
  });

  const request = http.get(url);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.deepEqual(reporter.spans, []);
  sockets[0]?.end();

  const [span] = await finished(1);
  assert.equal(span?.tags['http.body'], 'unread');
  assert.equal(span.tags.error, undefined);
  assert.equal(await textOf(response), 'unread');
});

test('what only informs of the answer is not its status', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t, (_, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.writeProcessing();
    response.writeHead(201).end('made');
  });
  const seen: number[] = [];

  const request = http.get(url);
  request.on('information', ({ statusCode }) => seen.push(statusCode));
  await answerTo(request);

  assert.deepEqual(seen, [103, 102]);
  assert.equal((await finished(1))[0]?.tags['http.status_code'], 201);
});

test('an upgrade is a span with status 101 that ends with the handshake', async (t) => {
  const { finished } = traceClients(t);
  const server = createServer().on('upgrade', (request, socket) => {
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n${request.headers['uber-trace-id']}`,
    );
  });
  const url = await listen(t, server);

  const request = http.get(url, { headers: { connection: 'upgrade', upgrade: 'echo' } });
  const [, socket, head] = (await once(request, 'upgrade')) as [unknown, Socket, Buffer];
  socket.destroy();

  const [span] = await finished(1);
  assert.equal(span?.tags['http.status_code'], 101);
  assert.equal(span.tags.error, undefined);
  assert.equal(span!.tags['http.aborted'], undefined);
  assert.equal(head.toString(), span!.context.toString());
});

test('a CONNECT is a span called by the target, that ends with the answer', async (t) => {
  const { finished } = traceClients(t);
  const server = createServer().on('connect', (_, socket) => {
    socket.end('HTTP/1.1 200 Connected\r\n\r\n');
  });
  const url = new URL(await listen(t, server));

  const request = http
    .request({
      host: url.hostname,
      port: url.port,
      method: 'CONNECT',
      path: 'example.com:443',
      agent: false,
    })
    .end();
  const [, socket] = (await once(request, 'connect')) as [unknown, Socket];
  socket.destroy();

  const [span] = await finished(1);
  assert.equal(span?.operationName, 'CONNECT');
  assert.equal(span!.tags['http.url'], 'example.com:443');
  assert.equal(span!.tags['http.status_code'], 200);
  assert.equal(span.tags.error, undefined);
});

const failures: Record<string, { send(): Promise<ClientRequest>; message: RegExp }> = {
  'a refused connection': {
    send: async () => http.get({ host: '127.0.0.1', port: await closedPort() }),
    message: /ECONNREFUSED/,
  },
  'a name that is not found': {
    send: async () => http.get('http://nowhere.invalid/'),
    message: /ENOTFOUND|EAI_AGAIN/,
  },
  'a createConnection that fails': {
    send: async () =>
      http.get({
        host: 'x',
        createConnection: () => {
          throw new Error('no way');
        },
      }),
    message: /no way/,
  },
};

for (const [name, { send, message }] of Object.entries(failures)) {
  test(`${name}: an error with its reason, which the caller gets as ever`, async (t) => {
    const { finished } = traceClients(t);

    const [error] = await once(await send(), 'error');

    assert.match(String(error.message), message);
    const [span] = await finished(1);
    assert.equal(span?.tags.error, true);
    assert.match(String(span.logs[0]?.fields.message), message);
    assert.equal(span!.tags['http.status_code'], undefined);
  });
}

test('a server that hangs up without an answer is an error', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t, (request) => request.socket.destroy());

  await once(http.get(url), 'error');

  const [span] = await finished(1);
  assert.equal(span?.tags.error, true);
  assert.match(String(span.logs[0]?.fields.message), /socket hang up|ECONNRESET/);
  assert.equal(span!.tags['http.aborted'], undefined);
});

test('a server that hangs up in the middle of the body is an error, with the status', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t, (request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('some');
    setImmediate(() => request.socket.destroy());
  });

  await assert.rejects(answerTo(http.get(url)));

  const [span] = await finished(1);
  assert.equal(span?.tags['http.status_code'], 200);
  assert.equal(span.tags.error, true);
  assert.equal(span!.tags['http.aborted'], undefined);
});

test('an answer that is no HTTP is an error', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t, (request) => request.socket.end('nonsense\r\n\r\n'));

  await once(http.get(url), 'error');

  const [span] = await finished(1);
  assert.equal(span?.tags.error, true);
  assert.match(String(span.logs[0]?.fields.message), /Parse Error/);
});

/** Ways in which a caller gives up; each gets a request to a server that never answers. */
const abortsBefore: Record<string, (url: string) => ClientRequest> = {
  abort: (url) => doLater(http.get(url), (request) => request.abort()),
  destroy: (url) => doLater(http.get(url), (request) => request.destroy()),
  'destroy at once': (url) => http.get(url).destroy(),
  'a signal': (url) => {
    const controller = new AbortController();
    return doLater(http.get(url, { signal: controller.signal }), () => controller.abort());
  },
  'a signal that was given already': (url) => http.get(url, { signal: AbortSignal.abort() }),
};

for (const [name, send] of Object.entries(abortsBefore)) {
  test(`${name}: given up before the answer is no error, and says that it was aborted`, async (t) => {
    const { finished } = traceClients(t);
    const { url } = await serveAndKeep(t, () => {});

    const request = send(url).on('error', () => {});
    await new Promise((resolve) => request.on('close', resolve));

    const [span] = await finished(1);
    assertAborted(span, undefined);
  });
}

const abortsAfter: Record<string, (request: ClientRequest, response: IncomingMessage) => void> = {
  abort: (request) => request.abort(),
  'destroy of the request': (request) => request.destroy(),
  'destroy of the response': (_, response) => response.destroy(),
  'a loop that breaks off': async (_, response) => {
    for await (const _chunk of response) break;
  },
};

for (const [name, giveUp] of Object.entries(abortsAfter)) {
  test(`${name}: given up in the middle of the body is no error, and keeps the status`, async (t) => {
    const { finished } = traceClients(t);
    const { url } = await serveAndKeep(t, (_, response) => response.writeHead(200).write('some'));

    const request = http.get(url);
    request.on('error', () => {});
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.on('error', () => {});
    giveUp(request, response);

    const [span] = await finished(1);
    assertAborted(span, 200);
  });
}

test('a request that is destroyed for a reason is an error with that reason', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t, () => {});

  const request = http.get(url);
  request.destroy(new Error('too slow for me'));
  await once(request, 'error');

  const [span] = await finished(1);
  assert.equal(span?.tags.error, true);
  assert.equal(span.logs[0]?.fields.message, 'too slow for me');
});

test('a time-out that ends the request is an error, whoever ends it', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t, () => {});

  const request = http.get(url, { timeout: 20 });
  request.on('timeout', () => request.destroy());
  await once(request, 'error');
  const signalled = http.get(url, { signal: AbortSignal.timeout(20) });
  await once(signalled, 'error');

  const spans = await finished(2);
  assert.deepEqual(
    spans.map(({ tags }) => [tags.error, tags['http.aborted']]),
    [
      [true, undefined],
      [true, undefined],
    ],
  );
  assert.equal(spans[0]?.logs[0]?.fields.event, 'timeout');
});

test('a time-out that the caller bears is no error', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t, async (_, response) => {
    await timedOut;
    response.end('late');
  });
  const request = http.get(url, { timeout: 20 });
  const timedOut = once(request, 'timeout');

  assert.equal(await answerTo(request), 'late');

  const [span] = await finished(1);
  assert.equal(span?.tags.error, undefined);
  assert.equal(span!.tags['http.status_code'], 200);
});

test('a request has no listener and no enumerable property more than without the patch', async (t) => {
  const { url } = await serveAndKeep(t);
  const plain = shapeOf(http.get(url));
  traceClients(t);

  assert.deepEqual(shapeOf(http.get(url)), plain);
});

test('methods that the application has put on a request before the installation are still called', async (t) => {
  const { url } = await serveAndKeep(t);
  const request = http.request(url);
  const emit = t.mock.method(request, 'emit');
  const destroy = t.mock.method(request, 'destroy');
  const { finished } = traceClients(t);

  request.end();
  await once(request, 'response').then(([response]) => textOf(response as IncomingMessage));
  request.destroy();

  await finished(1);
  assert.ok(emit.mock.calls.some(({ arguments: [name] }) => (name as string) === 'response'));
  assert.equal(destroy.mock.callCount(), 1);
});

test('an object that inherits from a request works as without the patch', async (t) => {
  const { finished } = traceClients(t);
  const { url } = await serveAndKeep(t);
  const request = http.get(url);
  const heir = Object.create(request) as ClientRequest;
  const heard: unknown[] = [];
  request.on('mine', (what) => heard.push(what));

  heir.emit('mine', 1);
  await answerTo(request);
  heir.destroy();

  assert.deepEqual(heard, [1]);
  await finished(1);
});

function shapeOf(request: ClientRequest): object {
  request.on('error', () => {}).destroy();
  return {
    listeners: request.eventNames().map((name) => [name, request.listenerCount(name)]),
    properties: Reflect.ownKeys(request).filter((key) =>
      Object.prototype.propertyIsEnumerable.call(request, key),
    ),
    headers: request.getHeaderNames(),
  };
}

function doLater(request: ClientRequest, fn: (request: ClientRequest) => void): ClientRequest {
  request.on('finish', () => setImmediate(fn, request));
  return request;
}

function assertAborted(
  span: Recorder['reporter']['spans'][number] | undefined,
  status: number | undefined,
): void {
  assert.deepEqual(
    [span?.tags['http.aborted'], span?.tags.error, span?.tags['http.status_code']],
    [true, undefined, status],
  );
}
