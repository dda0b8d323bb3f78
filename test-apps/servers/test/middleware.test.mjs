import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConstSampler, InMemoryReporter, Tracer } from '@spoor/core';
import { awaitSpans, listen, tracedRequests } from '@spoor/testing';
import { expressStacks } from '../middleware/express.mjs';
import { fastifyStacks } from '../middleware/fastify.mjs';
import { koaStacks } from '../middleware/koa.mjs';

/** What usually stands between the first middleware and the handlers, for each framework. */
function forAll(title, check) {
  for (const stack of [...expressStacks, ...fastifyStacks, ...koaStacks]) {
    test(`${stack.name}: ${title}`, async (t) => {
      const reporter = new InMemoryReporter();
      const finished = awaitSpans(reporter);
      const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
      const url = await listen(t, await stack.start({ tracer }));
      await check(tracedRequests(url, reporter, finished), stack);
    });
  }
}

const idOf = ({ context }) => context.toSpanId();

for (const encoding of ['gzip', 'deflate', 'br', 'identity']) {
  forAll(`an answer in ${encoding} arrives whole, in its span`, async (ask) => {
    const { body, response, span } = await ask('/big', {
      headers: { 'accept-encoding': encoding },
    });
    assert.equal(response.headers.get('content-encoding') ?? 'identity', encoding);
    assert.deepEqual(JSON.parse(body), { spanId: idOf(span), padding: 'x'.repeat(20_000) });
    assert.equal(span.operationName, 'GET /big');
    assert.equal(span.tags['http.aborted'], undefined);
  });
}

forAll('a multipart upload is handled in its span', async (ask) => {
  const form = new FormData();
  form.append('field', 'value');
  form.append('file', new Blob(['y'.repeat(300_000)]), 'file.bin');
  const { body, span } = await ask('/upload', { method: 'POST', body: form });
  assert.deepEqual(JSON.parse(body), { bytes: 300_000, field: 'value', spanId: idOf(span) });
  assert.equal(span.operationName, 'POST /upload');
});

forAll('the span is active behind a session store', async (ask) => {
  const first = await ask('/session');
  assert.deepEqual(JSON.parse(first.body), { count: 1, spanId: idOf(first.span) });
  const cookie = first.response.headers
    .getSetCookie()
    .map((set) => set.split(';')[0])
    .join('; ');
  const second = await ask('/session', { headers: { cookie } });
  assert.deepEqual(JSON.parse(second.body), { count: 2, spanId: idOf(second.span) });
});

forAll('a static file has a span that is not named by its path', async (ask, { staticName }) => {
  const { body, span } = await ask('/static/file.txt');
  assert.equal(body, 'a static file\n');
  assert.equal(span.operationName, staticName);
  assert.equal(span.tags['http.status_code'], 200);
});
