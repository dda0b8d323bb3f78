import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { listen } from '@spoor/testing';
import { WebSocket, WebSocketServer } from 'ws';
import { traceClients } from './client-helpers.js';

test('a WebSocket of ws is a span for its handshake, and the server gets its context', async (t) => {
  const { tracer, finished } = traceClients(t);
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) =>
    socket.send(String(request.headers['uber-trace-id'])),
  );
  const url = await listen(t, server);
  const parent = tracer.startSpan('parent');

  const client = tracer.withSpan(parent, () => new WebSocket(url.replace('http:', 'ws:')));
  const [message] = (await once(client, 'message')) as [Buffer];
  client.terminate();

  const [span] = await finished(1);
  assert.equal(String(message), span!.context.toString());
  assert.equal(span!.parentId, parent.context().toSpanId());
  assert.equal(span!.tags['http.status_code'], 101);
});
