import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { ConstSampler, InMemoryReporter, Tracer } from '@spoor/core';
import { install, uninstall } from '@spoor/http';
import { awaitSpans, listen } from '@spoor/testing';
import { clients } from '../clients.mjs';

/** Answers by the path, and keeps which context came with which. */
async function start(t) {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  install({ server: false, client: { tracer } });
  t.after(uninstall);
  const contexts = [];
  let failures = 2;
  const server = createServer((request, response) => {
    contexts.push(request.headers['uber-trace-id']);
    const paths = {
      '/from': () => response.writeHead(302, { location: '/over' }).end(),
      '/over': () => response.writeHead(307, { location: '/to' }).end(),
      '/to': () => response.end('arrived'),
      '/flaky': () => response.writeHead(failures-- > 0 ? 503 : 200).end('at last'),
      '/missing': () => response.writeHead(404).end(),
      '/silent': () => {},
    };
    response.setHeader('content-type', 'text/plain');
    if (request.method === 'POST') request.pipe(response);
    else paths[request.url]();
  });
  const url = await listen(t, server);
  return { url, tracer, reporter, contexts, finished: awaitSpans(reporter) };
}

const statuses = (spans) => spans.map(({ tags }) => tags['http.status_code']);

for (const client of clients) {
  const { name, skip = false, get, post, retry, timeOut } = client;
  const { abortsInTime = false, followsNothing = false } = client;
  const check = (title, fn, isLeftOut = false) => {
    if (!isLeftOut) test(`${name}: ${title}`, { skip }, async (t) => fn(await start(t)));
  };

  check('a request is one span, under the caller, whose context the server gets', async (app) => {
    const parent = app.tracer.startSpan('parent');
    const text = await app.tracer.withSpan(parent, () => get(`${app.url}/to`));

    const [span] = await app.finished(1);
    assert.equal(text, 'arrived');
    assert.equal(span.operationName, 'GET');
    assert.equal(span.parentId, parent.context().toSpanId());
    assert.equal(span.tags['http.url'], `${app.url}/to`);
    assert.equal(span.tags['http.status_code'], 200);
    assert.deepEqual(app.contexts, [span.context.toString()]);
    assert.equal(app.reporter.spans.length, 1);
  });

  check('each hop of a redirect is a span, under the caller', followRedirects, followsNothing);

  async function followRedirects(app) {
    const parent = app.tracer.startSpan('parent');
    const text = await app.tracer.withSpan(parent, () => get(`${app.url}/from`));

    const spans = await app.finished(3);
    assert.equal(text, 'arrived');
    assert.deepEqual(statuses(spans), [302, 307, 200]);
    for (const span of spans) assert.equal(span.parentId, parent.context().toSpanId());
    assert.deepEqual(
      app.contexts,
      spans.map(({ context }) => context.toString()),
    );
  }

  check(
    'each attempt is a span, under the caller',
    async (app) => {
      const parent = app.tracer.startSpan('parent');
      const text = await app.tracer.withSpan(parent, () => retry(`${app.url}/flaky`));

      const spans = await app.finished(3);
      assert.equal(text, 'at last');
      assert.deepEqual(statuses(spans), [503, 503, 200]);
      for (const span of spans) assert.equal(span.parentId, parent.context().toSpanId());
    },
    retry === undefined,
  );

  check(
    'a body is sent as it is',
    async (app) => {
      const text = await post(`${app.url}/echo`, 'a body');
      const [span] = await app.finished(1);
      assert.equal(text, 'a body');
      assert.equal(span.operationName, 'POST');
    },
    post === undefined,
  );

  check('after the answer the span of the caller is active', async (app) => {
    const parent = app.tracer.startSpan('parent');
    await app.tracer.withSpan(parent, async () => {
      await get(`${app.url}/to`);
      assert.equal(app.tracer.activeSpan(), parent);
      await Promise.all([1, 2, 3].map(() => get(`${app.url}/to`)));
      assert.equal(app.tracer.activeSpan(), parent);
    });
    await app.finished(4);
  });

  check('requests at once have the parents of their own callers', async (app) => {
    const parents = Array.from({ length: 20 }, (_, i) => app.tracer.startSpan(`parent ${i}`));
    await Promise.all(
      parents.map((parent) =>
        app.tracer.withSpan(parent, async () => {
          await get(`${app.url}/to`);
          assert.equal(app.tracer.activeSpan(), parent);
        }),
      ),
    );
    const found = (await app.finished(20)).map(({ parentId }) => parentId);
    assert.deepEqual(found.sort(), parents.map((parent) => parent.context().toSpanId()).sort());
  });

  check('a 404 is no error', async (app) => {
    await get(`${app.url}/missing`).catch(() => {});
    const [span] = await app.finished(1);
    assert.equal(span.tags['http.status_code'], 404);
    assert.equal(span.tags.error, undefined);
  });

  check(
    'a time limit is an error, or a request that is aborted where the client gives no reason',
    async (app) => {
      await assert.rejects(async () => timeOut(`${app.url}/silent`));
      const [{ tags }] = await app.finished(1);
      const expected = abortsInTime ? [undefined, true] : [true, undefined];
      assert.deepEqual([tags.error, tags['http.aborted']], expected);
      assert.equal(tags['http.status_code'], undefined);
    },
    timeOut === undefined,
  );
}
