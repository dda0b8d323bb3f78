import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { forAll } from './suite.mjs';

forAll(
  'a request that the client gives up claims no status, and says who closed',
  async ({ url, events, finished }) => {
    const controller = new AbortController();
    events.once('never', () => controller.abort());
    await assert.rejects(fetch(`${url}/never`, { signal: controller.signal }));
    const [span] = await finished(1);
    assert.equal(span.tags['http.status_code'], undefined);
    assert.equal(span.tags['http.aborted'], true);
    assert.equal(span.tags.error, true);
    assert.deepEqual(
      span.logs.map(({ fields }) => fields),
      [
        {
          event: 'aborted',
          message: 'The client closed the connection before the response was complete.',
        },
      ],
    );
  },
);

forAll(
  'a request that the server times out says that the server closed',
  async ({ url, server, finished }) => {
    // Not `server.timeout`, which on a busy machine is over before the request has come.
    server.once('request', ({ socket }) => socket.setTimeout(30));
    await assert.rejects(fetch(`${url}/never`));
    const [span] = await finished(1);
    assert.equal(span.tags['http.aborted'], true);
    assert.match(String(span.logs[0].fields.message), /^The server closed the connection/);
  },
);

forAll(
  'a response cut off in the middle keeps its status and says so',
  async ({ url, finished }) => {
    const outgoing = httpRequest(`${url}/half`).end();
    const [incoming] = await once(outgoing, 'response');
    await once(incoming, 'data');
    outgoing.destroy();
    const [span] = await finished(1);
    assert.equal(span.tags['http.status_code'], 200);
    assert.equal(span.tags['http.aborted'], true);
  },
);

forAll(
  'the span of an event stream covers the stream',
  async ({ url, events, reporter, finished }) => {
    const response = await fetch(`${url}/events`);
    const reader = response.body.getReader();
    await reader.read();
    assert.deepEqual(reporter.spans, []);
    events.emit('end-events');
    while (!(await reader.read()).done);
    const [span] = await finished(1);
    assert.equal(span.tags['http.aborted'], undefined);
  },
);

forAll(
  'the span of an event stream ends with its headers by option',
  async ({ url, events, reporter, finished }) => {
    const response = await fetch(`${url}/events`);
    const reader = response.body.getReader();
    await reader.read();
    const [span] = await finished(1);
    assert.equal(span.tags['http.status_code'], 200);
    assert.equal(span.tags['http.aborted'], undefined);
    events.emit('end-events');
    while (!(await reader.read()).done);
    assert.equal(reporter.spans.length, 1);
  },
  { options: { endStreamsAtHeaders: true } },
);

forAll(
  'requests on one connection, one after the other, have spans of their own',
  async ({ url, finished }) => {
    const { Agent } = await import('node:http');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const n of [1, 2, 3]) {
      const outgoing = httpRequest(`${url}/users/${n}`, { agent }).end();
      const [incoming] = await once(outgoing, 'response');
      incoming.resume();
      await once(incoming, 'end');
    }
    agent.destroy();
    const spans = await finished(3);
    assert.deepEqual(
      spans.map(({ tags }) => new URL(tags['http.url']).pathname),
      ['/users/1', '/users/2', '/users/3'],
    );
    assert.equal(new Set(spans.map(({ context }) => context.toTraceId())).size, 3);
  },
);
