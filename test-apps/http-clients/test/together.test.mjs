import assert from 'node:assert/strict';
import http, { createServer } from 'node:http';
import { test } from 'node:test';
import { ConstSampler, InMemoryReporter, Tracer } from '@spoor/core';
import * as spoorHttp from '@spoor/http';
import { awaitSpans, listen } from '@spoor/testing';
import * as spoorUndici from '@spoor/undici';
import axios from 'axios';

function traceAll(t, { server = false } = {}) {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  spoorHttp.install({ server: server && { tracer }, client: { tracer } });
  spoorUndici.install({ tracer });
  t.after(spoorHttp.uninstall);
  t.after(spoorUndici.uninstall);
  return { tracer, reporter, finished: awaitSpans(reporter) };
}

test('with both packages installed a request is one span, of the client that sent it', async (t) => {
  const { tracer, reporter, finished } = traceAll(t);
  const headers = [];
  const url = await listen(
    t,
    createServer((request, response) => {
      headers.push(request.headers['uber-trace-id']);
      response.end('ok');
    }),
  );

  await (await fetch(url)).text();
  await finished(1);
  await axios.get(url);
  await finished(2);
  tracer.startSpan('last').finish();

  await finished(3);
  assert.deepEqual(
    reporter.spans.map(({ tags }) => tags.component),
    ['undici', 'http', undefined],
  );
  assert.deepEqual(
    headers,
    reporter.spans.slice(0, 2).map(({ context }) => context.toString()),
  );
});

for (const [name, call] of [
  ['node:http', (url) => new Promise((done) => http.get(url, (r) => r.resume().on('end', done)))],
  ['axios', (url) => axios.get(url)],
  ['fetch', async (url) => (await fetch(url)).text()],
]) {
  test(`${name}: from server to server each span is below the one that caused it`, async (t) => {
    const { finished } = traceAll(t, { server: true });
    const backend = await listen(
      t,
      createServer((_, response) => response.end('data')),
    );
    const frontend = await listen(
      t,
      createServer(async (_, response) => {
        await call(backend);
        response.end('page');
      }),
    );

    assert.equal((await axios.get(frontend)).data, 'page');

    const spans = await finished(4);
    const byId = new Map(spans.map((span) => [span.context.toSpanId(), span]));
    const kinds = [];
    const isBackend = ({ tags }) => String(tags['http.url']).startsWith(backend);
    let span = spans.find((one) => isBackend(one) && one.tags['span.kind'] === 'server');
    for (; span !== undefined; span = byId.get(span.parentId)) kinds.push(span.tags['span.kind']);
    assert.deepEqual(kinds, ['server', 'client', 'server', 'client']);
  });
}

test('below a request that a server ignores nothing is reported', async (t) => {
  const { tracer, reporter, finished } = traceAll(t);
  spoorHttp.install({ server: { tracer, ignore: '/health' }, client: { tracer } });
  const backend = await listen(
    t,
    createServer((_, response) => response.end()),
  );
  const frontend = await listen(
    t,
    createServer(async (_, response) => {
      await axios.get(`${backend}/health`);
      await (await fetch(`${backend}/health`)).text();
      response.end();
    }),
  );

  await axios.get(`${frontend}/health`);

  const [span] = await finished(1);
  assert.equal(span.tags['http.url'], `${frontend}/health`);
  assert.equal(reporter.spans.length, 1);
});
