/**
 * Every framework: how its application is loaded, and how its Spoor middleware. Functions, so that a process loads only
 * what it runs.
 */
export const frameworks = {
  'node:http': {
    load: () => import('./http.mjs'),
    middleware: async (options) => {
      const { traceRequests } = await import('@spoor/http');
      return (listener) => traceRequests(listener, options);
    },
  },
  'Express 5': {
    load: () => import('./express.mjs'),
    library: () => import('express'),
    middleware: expressMiddleware,
  },
  'Express 4': {
    load: () => import('./express.mjs'),
    library: () => import('express-4'),
    middleware: expressMiddleware,
  },
  'Fastify 5': {
    load: () => import('./fastify.mjs'),
    library: () => import('./fastify-5.mjs'),
    middleware: fastifyMiddleware,
  },
  'Fastify 4': {
    load: () => import('./fastify.mjs'),
    library: () => import('./fastify-4.mjs'),
    middleware: fastifyMiddleware,
  },
  'Koa 3': {
    load: () => import('./koa.mjs'),
    library: () => import('koa'),
    middleware: koaMiddleware,
  },
  'Koa 2': {
    load: () => import('./koa.mjs'),
    library: () => import('koa-2'),
    middleware: koaMiddleware,
  },
};

async function expressMiddleware(options) {
  const { jaegerMiddleware } = await import('@spoor/express');
  return jaegerMiddleware(options);
}

async function fastifyMiddleware(options) {
  const { jaegerPlugin } = await import('@spoor/fastify');
  return (app) => app.register(jaegerPlugin, options);
}

async function koaMiddleware(options) {
  const { jaegerMiddleware } = await import('@spoor/koa');
  return jaegerMiddleware(options);
}
