import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type Http2ServerResponse,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { type TestContext, test } from 'node:test';
import { activeSpan } from '@spoor/core';
import { type ServerOptions, traceRequests } from '@spoor/http';
import { listen } from '@spoor/testing';
import { patch, type Recorder, record } from './helpers.js';

type Http2Listener = NonNullable<Parameters<typeof createServer>[1]>;

/** Both ways in which the compatibility API of node:http2 comes to be traced. */
const ways: readonly {
  name: string;
  trace(t: TestContext, listener: Http2Listener, options: ServerOptions): Http2Listener;
}[] = [
  {
    name: 'traceRequests',
    trace: (_, listener, options) =>
      traceRequests(listener as unknown as RequestListener, options) as unknown as Http2Listener,
  },
  {
    name: 'the patch',
    trace(t, listener, options) {
      patch(t, options);
      return listener;
    },
  },
];

/** Answers with the id of the active span. */
function answerWithSpanId(response: Http2ServerResponse): void {
  response.end(activeSpan()?.context().toSpanId() ?? 'none');
}

async function body(stream: ClientHttp2Stream): Promise<string> {
  return String(await stream.setEncoding('utf8').toArray());
}

for (const { name, trace } of ways) {
  async function start(
    t: TestContext,
    listener: Http2Listener,
    options: ServerOptions = {},
  ): Promise<Recorder & { client: ClientHttp2Session; url: string }> {
    const recorder = record();
    const traced = trace(t, listener, { tracer: recorder.tracer, ...options });
    const url = await listen(t, createServer(traced));
    const client = connect(url);
    t.after(() => client.destroy());
    return { ...recorder, client, url };
  }

  test(`${name}: an HTTP/2 request has the span of any other`, async (t) => {
    const { client, url, finished } = await start(
      t,
      (_, response) => answerWithSpanId(response.writeHead(404)),
      { responseHeader: ['server-timing', 'traceresponse'] },
    );
    const headers: OutgoingHttpHeaders = {
      ':path': '/things?token=secret',
      'uber-trace-id': '463ac35c9f6413ad:a2fb4a1d1a96d312:0:1',
    };
    const stream = client.request(headers);
    const answered = once(stream, 'response');

    const spanId = await body(stream);

    const [span] = await finished(1);
    assert.equal(span?.context.toSpanId(), spanId);
    assert.equal(span.operationName, 'GET');
    assert.equal(span.parentId, 'a2fb4a1d1a96d312');
    assert.equal(span.tags['http.url'], `${url}/things?token=REDACTED`);
    assert.equal(span.tags['http.status_code'], 404);
    assert.equal(span.tags['peer.ipv4'], '127.0.0.1');
    assert.equal(span.tags.error, undefined);
    const [{ traceresponse, 'server-timing': timing }] = await answered;
    assert.match(traceresponse, new RegExp(spanId));
    assert.match(timing, new RegExp(spanId));
  });

  test(`${name}: the span is active where an HTTP/2 body is read by hand`, async (t) => {
    const { client, finished } = await start(t, (request, response) => {
      request.on('data', () => {});
      request.on('end', () => answerWithSpanId(response));
    });
    // Without a content-length there is no header that tells of the body.
    const stream = client.request({ ':method': 'POST' });
    stream.write('one');
    setTimeout(() => stream.end('two'), 10);

    const spanId = await body(stream);

    assert.equal((await finished(1))[0]?.context.toSpanId(), spanId);
  });

  test(`${name}: an HTTP/2 stream that the client cancels claims no status`, async (t) => {
    const { client, finished } = await start(t, () => stream.close(8));
    const stream = client.request({ ':path': '/never' });
    stream.on('error', () => {});

    const [span] = await finished(1);

    assert.equal(span?.tags['http.aborted'], true);
    assert.equal(span.tags['http.status_code'], undefined);
    assert.match(String(span.logs[0]?.fields.message), /^The client closed/);
    assert.equal(client.destroyed, false);
  });

  test(`${name}: an HTTP/2 stream that the server resets in the middle says so`, async (t) => {
    const { client, finished } = await start(t, (_, response: Http2ServerResponse) => {
      response.write('half');
      setTimeout(() => response.stream.destroy(new Error('no more')), 10);
    });
    const stream = client.request();
    stream.on('error', () => {}).resume();

    const [span] = await finished(1);

    assert.equal(span?.tags['http.aborted'], true);
    assert.equal(span.tags['http.status_code'], 200);
  });

  test(`${name}: many HTTP/2 streams of one connection have spans of their own`, async (t) => {
    const { client, finished } = await start(t, (_, response) => {
      setTimeout(() => answerWithSpanId(response), Math.random() * 20);
    });

    const ids = await Promise.all(
      Array.from({ length: 100 }, (_, n) => body(client.request({ ':path': `/${n}` }))),
    );

    const spans = await finished(100);
    const byPath = new Map(
      spans.map(({ tags, context }) => [
        new URL(String(tags['http.url'])).pathname,
        context.toSpanId(),
      ]),
    );
    assert.deepEqual(
      ids,
      ids.map((_, n) => byPath.get(`/${n}`)),
    );
  });
}
