import assert from 'node:assert/strict';
import { forAll } from './suite.mjs';

forAll('the span is active in the handler, after an await and in callbacks', async ({ ask }) => {
  const { span, body } = await ask('/active');
  assert.deepEqual(JSON.parse(body), Array(3).fill(span.context.toSpanId()));
});

forAll('the span is active where a body is read by hand', async ({ ask }) => {
  const { span, body } = await ask('/raw', {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: 'x'.repeat(100_000),
  });
  assert.deepEqual(JSON.parse(body), { bytes: 100_000, spanId: span.context.toSpanId() });
});

forAll('a body that the framework parses arrives whole', async ({ ask }) => {
  const body = JSON.stringify({ text: 'ä'.repeat(30_000) });
  const answer = await ask('/users', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  assert.equal(answer.response.status, 201);
  assert.equal(answer.body, body);
});

forAll(
  'of a thousand requests at once each child has its own parent',
  async ({ url, finished }) => {
    await Promise.all(
      Array.from({ length: 1000 }, async (_, n) => (await fetch(`${url}/child/${n}`)).text()),
    );
    const spans = await finished(2000);
    const parents = new Map(spans.map((span) => [span.context.toSpanId(), span]));
    const children = spans.filter(({ operationName }) => operationName === 'child');
    assert.equal(children.length, 1000);
    for (const child of children) {
      const { pathname } = new URL(parents.get(child.parentId).tags['http.url']);
      assert.equal(pathname, `/child/${child.tags.n}`);
    }
  },
);
