import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span } from '@spoor/core';
import { tracedApp, versions } from './helpers.js';

for (const { name, express } of versions) {
  test(`${name}: request.span is the span, and typed`, async (t) => {
    const { app, request } = tracedApp(t, express);
    let seen: Span | undefined;
    app.get('/', (incoming, response) => {
      seen = incoming.span;
      response.end();
    });

    const span = await request('/');

    assert.equal(seen?.toString(), span.context.toString());
  });

  test(`${name}: an application that keeps something else under request.span goes on doing so`, async (t) => {
    const { app, request } = tracedApp(t, express);
    let seen: unknown;
    app.use((incoming, _response, next) => {
      Object.assign(incoming, { span: 'mine' });
      next();
    });
    app.get('/', (incoming, response) => {
      seen = incoming.span;
      response.end();
    });

    await request('/');

    assert.equal(seen, 'mine');
  });
}
