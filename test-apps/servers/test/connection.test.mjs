import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, openSocket } from './raw.mjs';
import { forAll } from './suite.mjs';

const pathOf = ({ tags }) => new URL(tags['http.url']).pathname;

forAll(
  'requests that are sent without waiting for answers have spans of their own',
  async ({ url, finished }, _setup, t) => {
    const { socket, read } = await openSocket(t, url);
    socket.write(get('/users/1') + get('/child/2') + get('/users/3'));
    await read(/"3"/);
    const spans = (await finished(4)).filter(({ tags }) => tags['span.kind'] === 'server');
    assert.deepEqual(spans.map(pathOf).sort(), ['/child/2', '/users/1', '/users/3']);
    assert.equal(new Set(spans.map(({ context }) => context.toTraceId())).size, 3);
    for (const { tags } of spans) assert.equal(tags['http.aborted'], undefined);
  },
);

forAll(
  'a request that still waits behind another when the client goes away ends its span',
  async ({ url, events, finished }, _setup, t) => {
    const { socket } = await openSocket(t, url);
    const isStarted = once(events, 'never');
    socket.write(get('/never') + get('/users/2'));
    await isStarted;
    await new Promise(setImmediate);
    socket.destroy();
    const spans = await finished(2);
    assert.deepEqual(spans.map(pathOf).sort(), ['/never', '/users/2']);
    for (const { tags } of spans) {
      assert.equal(tags['http.aborted'], true);
      assert.equal(tags['http.status_code'], undefined);
    }
  },
);

forAll(
  'a client that waits for 100 Continue has one span, with the status of the answer',
  async ({ url, reporter, finished }, _setup, t) => {
    const { socket, read } = await openSocket(t, url);
    socket.write(
      'POST /raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n' +
        'Content-Length: 5\r\nExpect: 100-continue\r\n\r\n',
    );
    await read(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    assert.deepEqual(reporter.spans, []);
    socket.write('bytes');
    const answer = await read(/"spanId":"\w+"/);
    const [span] = await finished(1);
    assert.equal(span.tags['http.status_code'], 200);
    assert.match(answer, new RegExp(`"bytes":5,"spanId":"${span.context.toSpanId()}"`));
  },
);

forAll('trailers are sent, and the span ends after them', async ({ url, finished }, _setup, t) => {
  const { socket, read } = await openSocket(t, url);
  socket.write(get('/trailer', 'Connection: close'));
  assert.match(await read(/\r\nx-checksum: 42\r\n\r\n$/i), /^HTTP\/1\.1 200/);
  const [span] = await finished(1);
  assert.equal(span.tags['http.status_code'], 200);
  assert.equal(span.tags['http.aborted'], undefined);
});

forAll('the span is active when the response is finished', async ({ ask, events }) => {
  const finishId = once(events, 'finish-id');
  const { span } = await ask('/finish');
  assert.deepEqual(await finishId, [span.context.toSpanId()]);
});

forAll(
  'a method that nobody knows is refused by Node before there is a span',
  async ({ url, ask, reporter }, _setup, t) => {
    const { socket, read } = await openSocket(t, url);
    socket.write('BREW /users/1 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await read(/^HTTP\/1\.1 400 Bad Request/);
    await ask('/users/1');
    assert.equal(reporter.spans.length, 1);
  },
);

forAll('an odd method that Node knows names the span', async ({ url, finished }, _setup, t) => {
  const { socket, read } = await openSocket(t, url);
  socket.write('PROPFIND /users/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await read(/^HTTP\/1\.1 4\d\d/);
  const [span] = await finished(1);
  assert.equal(span.operationName, 'PROPFIND');
  assert.equal(span.tags['http.route'], undefined);
});
