import assert from 'node:assert/strict';
import { forAll, name } from './suite.mjs';

forAll(
  'a span is named by method and route, or by the method where nobody routes',
  async ({ ask }, adapter) => {
    const { span, body } = await ask('/users/42?page=2');
    assert.equal(body, '{"id":"42"}');
    assert.equal(span.operationName, name(adapter, 'GET', '/users/:id'));
    assert.equal(span.tags['http.route'], adapter.hasRoutes ? '/users/:id' : undefined);
  },
);

forAll('a mount path is in the route as the pattern that it is', async ({ ask }, adapter) => {
  const { span, body } = await ask('/shops/7/items/9');
  assert.deepEqual(
    JSON.parse(body),
    adapter.hasRoutes ? { shop: '7', item: '9' } : { shop: '7', items: '9' },
  );
  assert.equal(span.operationName, name(adapter, 'GET', '/shops/:shop/items/:item'));
});

forAll('what matches nothing is named by the method alone', async ({ ask }) => {
  const { span, response } = await ask('/no/such/path/1234');
  assert.equal(response.status, 404);
  assert.equal(span.operationName, 'GET');
  assert.equal(span.tags['http.route'], undefined);
  assert.equal(span.tags.error, undefined);
});

forAll('HEAD and OPTIONS are methods like any other', async ({ ask }, adapter) => {
  const head = await ask('/users/1', { method: 'HEAD' });
  assert.equal(head.span.operationName, name(adapter, 'HEAD', '/users/:id'));
  const options = await ask('/nowhere', { method: 'OPTIONS' });
  assert.equal(options.span.operationName, 'OPTIONS');
});

forAll('a handler can name the span', async ({ ask }) => {
  assert.equal((await ask('/named')).span.operationName, 'a better name');
});

forAll(
  'an option can name the span, and undefined leaves the usual name',
  async ({ ask }, adapter) => {
    assert.equal(
      (await ask('/users/1')).span.operationName,
      adapter.hasRoutes ? 'users by /users/:id' : 'users by undefined',
    );
    assert.equal((await ask('/nowhere')).span.operationName, 'GET');
  },
  {
    options: {
      operationName: ({ url }, route) =>
        url.startsWith('/users') ? `users by ${route}` : undefined,
    },
  },
);
