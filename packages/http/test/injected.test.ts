import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { activeSpan } from '@spoor/core';
import { traceRequests } from '@spoor/http';
import { record } from './helpers.js';

/** A request without a connection, as the adapters for serverless platforms and test libraries make them. */
function inject(path: string): { request: IncomingMessage; response: ServerResponse } {
  const request = new IncomingMessage({ remoteAddress: '203.0.113.9' } as Socket);
  Object.assign(request, { method: 'GET', url: path, headers: { host: 'lambda' } });
  request.push(null);
  const response = new ServerResponse(request);
  response.assignSocket(new Writable({ write: (_chunk, _encoding, done) => done() }) as Socket);
  return { request, response };
}

test('a request that is injected ends its span with the response, and nobody aborted it', async () => {
  const { tracer, finished } = record();
  let active: string | undefined;
  const listener = traceRequests(
    (_, response) => {
      active = activeSpan()?.toString();
      response.writeHead(201).end('made');
    },
    { tracer },
  );
  const { request, response } = inject('/things');

  listener(request, response as Parameters<typeof listener>[1]);

  const [span] = await finished(1);
  assert.equal(active, span?.context.toString());
  assert.equal(span?.tags['http.status_code'], 201);
  assert.equal(span.tags['http.url'], 'http://lambda/things');
  assert.equal(span.tags['peer.ipv4'], '203.0.113.9');
  assert.equal(span.tags['http.aborted'], undefined);
});
