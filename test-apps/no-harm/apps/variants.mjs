/**
 * The ways in which every application is run. The first never loads Spoor; what the others answer is compared with it.
 *
 * `sampler` is the constant decision. `usesMiddleware` puts the framework's middleware first in the application;
 * `install(tracer)` runs before anything of the application is loaded. `spansFor` says which requests have a span: those
 * that the server has `received`, or those that the application has `handled` (Fastify, for one, answers some itself).
 */
export const variants = {
  untraced: {},
  sampled: { sampler: true, usesMiddleware: true, spansFor: 'handled' },
  unsampled: { sampler: false, usesMiddleware: true, spansFor: 'handled' },
  patched: { sampler: true, install: patchServers, spansFor: 'received' },
  'patched, with the middleware': {
    sampler: true,
    install: patchServers,
    usesMiddleware: true,
    spansFor: 'received',
  },
  installed: { sampler: true, install: installAll, spansFor: 'received' },
};

async function patchServers(tracer) {
  const { install } = await import('@spoor/http');
  install({ server: { tracer } });
}

/** With the global tracer, which is the only one here. */
async function installAll() {
  const { installPatches } = await import('@spoor/instrumentation');
  installPatches(['http', 'express', 'fastify', 'koa']);
}
