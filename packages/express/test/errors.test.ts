import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tracedApp, versions } from './helpers.js';

for (const { name, express } of versions) {
  test(`${name}: an error that nobody handles is a 500 with the stack in one log`, async (t) => {
    const { app, request } = tracedApp(t, express);
    const router = express.Router();
    router.get('/boom', () => {
      throw new TypeError('boom');
    });
    app.use('/api', router);

    const { operationName, tags, logs } = await request('/api/boom');

    assert.equal(operationName, 'GET /api/boom');
    assert.equal(tags['http.status_code'], 500);
    assert.equal(tags.error, true);
    assert.equal(logs.length, 1);
    const { stack, ...fields } = logs[0]!.fields;
    assert.deepEqual(fields, { event: 'error', 'error.kind': 'TypeError', message: 'boom' });
    assert.match(String(stack), /^TypeError: boom\n {4}at .*errors\.test/);
  });

  test(`${name}: an error that the application handles is logged once, and judged by the status`, async (t) => {
    const { app, request } = tracedApp(t, express);
    app.get('/boom', (_request, _response, next) => next(new RangeError('handled')));
    app.use(
      (error: Error, _request: unknown, response: import('express').Response, _next: unknown) => {
        response.status(422).send(error.message);
      },
    );

    const { tags, logs } = await request('/boom');

    assert.equal(tags['http.status_code'], 422);
    assert.equal(tags.error, undefined);
    assert.deepEqual(
      logs.map(({ fields }) => fields.message),
      ['handled'],
    );
  });
}
