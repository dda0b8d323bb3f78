import { recordRequestError, ServerTracing } from '@spoor/http';
import { matchedRoutes } from 'hono/route';

/** Traces every request of a Hono application on node-server. Mount it first: `app.use(jaegerMiddleware())`. */
export function jaegerMiddleware(options = {}) {
  const tracing = new ServerTracing('jaegerMiddleware', { name: 'hono', routeOf }, options);
  return async function jaegerMiddleware(c, next) {
    const { incoming, outgoing } = c.env ?? {};
    // Not from node-server: `app.request()` in a test.
    if (incoming === undefined) return next();
    await tracing.trace(incoming, outgoing, c, next);
    // Hono answers for what its handlers throw, and throws nothing on.
    if (c.error !== undefined) recordRequestError(incoming, c.error);
  };
}

/** The route that answered, or the one behind the middleware that did. */
function routeOf(c) {
  // Hono keeps `app.use('/api/*', …)` as a route of all methods.
  const isMiddleware = ({ method, path }) => method === 'ALL' && path.endsWith('*');
  const routes = matchedRoutes(c).slice(c.req.routeIndex);
  return routes.find((route) => route.path !== '/*' && !isMiddleware(route))?.path;
}
