import assert from 'node:assert/strict';
import { forAll } from './suite.mjs';

for (const path of ['/throws', '/rejects']) {
  forAll(
    `an error out of ${path} is a 500 with its stack in one log`,
    async ({ ask }) => {
      const { span, response } = await ask(path);
      assert.equal(response.status, 500);
      assert.equal(span.operationName, `GET ${path}`);
      assert.equal(span.tags.error, true);
      assert.equal(span.logs.length, 1);
      const { stack, ...fields } = span.logs[0].fields;
      assert.deepEqual(fields, { event: 'error', 'error.kind': 'TypeError', message: 'boom' });
      assert.match(stack, /^TypeError: boom\n {4}at /);
    },
    { needsRoutes: true },
  );
}

forAll('a 5xx without an exception is an error, a 4xx is none', async ({ ask }) => {
  const failed = await ask('/status/503');
  assert.equal(failed.span.tags.error, true);
  assert.deepEqual(failed.span.logs, []);
  assert.equal((await ask('/status/404')).span.tags.error, undefined);
});

forAll(
  'which statuses are errors is an option',
  async ({ ask }) => {
    assert.equal((await ask('/status/404')).span.tags.error, true);
    assert.equal((await ask('/status/503')).span.tags.error, undefined);
  },
  { options: { isError: (status) => status === 404 } },
);

forAll(
  'an error that the application handles is logged where it can be seen, and judged by the status',
  async ({ ask }, { seesHandledErrors }) => {
    const { span, body } = await ask('/handled');
    assert.equal(span.tags['http.status_code'], 422);
    assert.equal(span.tags.error, undefined);
    assert.deepEqual(
      span.logs.map(({ fields }) => fields.message),
      seesHandledErrors ? ['handled'] : [],
    );
    assert.equal(body, span.context.toSpanId(), 'the span is active in the handler of errors');
  },
  { needsRoutes: true },
);
