import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { activeSpan, type RecordedSpan } from '@spoor/core';
import { traceRequests, traceUpgrades, type UpgradeListener } from '@spoor/http';
import { listen } from '@spoor/testing';
import { WebSocket, WebSocketServer } from 'ws';
import { patch, type Recorder, record } from './helpers.js';

/** Both ways in which an upgrade comes to be traced. */
const ways: readonly {
  name: string;
  listenTraced(t: TestContext, recorder: Recorder, listener: UpgradeListener): Promise<string>;
}[] = [
  {
    name: 'traceUpgrades',
    listenTraced(t, { tracer }, listener) {
      const server = http.createServer();
      server.on('upgrade', traceUpgrades(listener, { tracer }));
      server.on('connect', traceUpgrades(listener, { tracer }));
      return listen(t, server);
    },
  },
  {
    name: 'the patch',
    listenTraced(t, { tracer }, listener) {
      patch(t, { tracer });
      return listen(t, http.createServer().on('upgrade', listener).on('connect', listener));
    },
  },
];

for (const { name, listenTraced } of ways) {
  test(`${name}: the span of a WebSocket is that of its handshake`, async (t) => {
    const recorder = record();
    const sockets = new WebSocketServer({ noServer: true });
    let active: string | undefined;
    const url = await listenTraced(t, recorder, (request, socket, head) => {
      active = activeSpan()?.toString();
      sockets.handleUpgrade(request, socket, head, (accepted) => accepted.send('hello'));
    });

    const client = new WebSocket(url.replace('http', 'ws'), {
      headers: { 'uber-trace-id': '463ac35c9f6413ad:a2fb4a1d1a96d312:0:1' },
    });
    t.after(() => client.terminate());
    const [message] = await once(client, 'message');

    assert.equal(String(message), 'hello');
    const [span] = await recorder.finished(1);
    assert.equal(active, span?.context.toString());
    assert.equal(span?.operationName, 'GET');
    assert.equal(span.context.toTraceId(), '463ac35c9f6413ad');
    assert.equal(span.tags['http.status_code'], 101);
    assert.equal(span.tags['http.url'], `${url}/`);
    assert.equal(span.tags.error, undefined);
    client.close();
    await once(client, 'close');
    assert.equal(recorder.reporter.spans.length, 1);
  });

  test(`${name}: an upgrade that is refused has the status of the refusal`, async (t) => {
    const recorder = record();
    const url = await listenTraced(t, recorder, (_, socket) => {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });

    const client = new WebSocket(url.replace('http', 'ws'));
    const [error] = await once(client, 'error');

    assert.match(String(error), /401/);
    const [span] = await recorder.finished(1);
    assert.equal(span?.tags['http.status_code'], 401);
    assert.equal(span.tags['http.aborted'], undefined);
  });

  test(`${name}: an upgrade that nobody answers is aborted, and says by whom`, async (t) => {
    const recorder = record();
    let client: Socket;
    const url = await listenTraced(t, recorder, (request, socket) => {
      if (request.url === '/by-server') {
        socket.destroy();
      } else {
        socket.resume().on('end', () => socket.end());
        client.destroy();
      }
    });

    for (const path of ['/by-server', '/by-client']) {
      client = connect(Number(new URL(url).port), '127.0.0.1');
      client.on('error', () => {});
      client.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n`,
      );
      await once(client, 'close');
    }

    const spans = await recorder.finished(2);
    assert.deepEqual(
      spans.map(({ logs }) => logs[0]?.fields.message),
      [
        'The server closed the connection before the response was complete.',
        'The client closed the connection before the response was complete.',
      ],
    );
    for (const { tags } of spans) assert.equal(tags['http.status_code'], undefined);
  });

  test(`${name}: a tunnel ends its span when it is open`, async (t) => {
    const recorder = record();
    const url = await listenTraced(t, recorder, (_, socket) => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.on('data', (chunk) => socket.end(chunk));
    });

    const request = http.request(url, { method: 'CONNECT', path: 'other.example:443' }).end();
    const [, tunnel] = await once(request, 'connect');
    const [span] = await recorder.finished(1);
    tunnel.end('through the tunnel');
    const [echo] = await once(tunnel, 'data');

    assert.equal(String(echo), 'through the tunnel');
    assert.equal(span?.operationName, 'CONNECT');
    assert.equal(span.tags['http.status_code'], 200);
  });
}

test('a client that asks for a protocol which nobody offers gets an ordinary answer', async (t) => {
  const { tracer, finished } = record();
  patch(t, { tracer });
  const url = await listen(
    t,
    http.createServer((_, response) => response.end('plain')),
  );

  const request = http.request(url, { headers: { connection: 'upgrade', upgrade: 'h2c' } }).end();
  const [response] = await once(request, 'response');

  assert.equal(String(await response.setEncoding('utf8').toArray()), 'plain');
  assert.equal((await finished(1))[0]?.tags['http.status_code'], 200);
});

test('a framework that makes a response of its own for an upgrade has one span', async (t) => {
  const { tracer, finished, reporter } = record();
  const sockets = new WebSocketServer({ noServer: true });
  // As @fastify/websocket and express-ws do: the upgrade goes through the routes.
  const route = traceRequests(
    (request, response) => {
      if (request.url === '/refused') response.writeHead(403).end();
      else
        sockets.handleUpgrade(request, request.socket, Buffer.alloc(0), (socket) => socket.close());
    },
    { tracer },
  );
  const server = http.createServer();
  server.on('upgrade', (request: http.IncomingMessage) => {
    const response = new http.ServerResponse(request);
    response.assignSocket(request.socket);
    response.shouldKeepAlive = false;
    response.on('finish', () => request.socket.end());
    route(request, response as http.ServerResponse & { req: http.IncomingMessage });
  });
  const url = (await listen(t, server)).replace('http', 'ws');

  await once(new WebSocket(`${url}/accepted`), 'close');
  await once(new WebSocket(`${url}/refused`), 'error');

  const spans = await finished(2);
  const outcome = ({ tags }: RecordedSpan): unknown[] => [
    tags['http.status_code'],
    tags['http.aborted'],
  ];
  assert.deepEqual(spans.map(outcome), [
    [101, undefined],
    [403, undefined],
  ]);
  assert.equal(reporter.spans.length, 2);
});
