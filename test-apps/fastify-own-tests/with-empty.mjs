// node --import with-empty.mjs FILE: like with-spoor.mjs, with a plugin that has the same parts and does nothing.
import { subscribe } from 'node:diagnostics_channel';

function emptyPlugin(app, _options, done) {
  app.decorateRequest('span', {
    getter() {
      return undefined;
    },
  });
  app.addHook('onRequest', (_request, _reply, next) => next());
  app.addHook('onError', (_request, _reply, _error, next) => next());
  done();
}

Object.assign(emptyPlugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'empty',
});

subscribe('fastify.initialization', ({ fastify }) => {
  fastify.register(emptyPlugin);
});
