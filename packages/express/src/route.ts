import type { ExpressRequest, Layer, Route, Routing } from './express-types.js';

/** Where a route is mounted is the same for every request. */
const mountPatterns = new WeakMap<Route, string | undefined>();

/**
 * The pattern of the route that answered, those of the routers that it is mounted in before it:
 * `/api/:tenant/users/:id`.
 *
 * Mount patterns are looked up in the application's routers, once per route, because a request only knows the actual
 * path (`/api/acme`), and after an error not even that. Where they cannot be told (a route mounted twice), it is the
 * actual path after all.
 */
export function routeOf(request: ExpressRequest, hasFailed: boolean): string | undefined {
  const { route } = request;
  // Express leaves `route` there when the handlers pass the request on; that nobody took it shows in `next`.
  if (route === undefined || (request.next === undefined && !hasFailed)) return undefined;
  const mount = mountOf(route, request) ?? '';
  const path = patternText(route.path);
  return path === '/' && mount !== '' ? mount : mount + path;
}

/** The router of an application, whichever version of Express made it. */
export function routerOf(app: Routing | undefined): Routing | undefined {
  // Express 4 has a getter `router` that throws; its applications are told by `lazyrouter`.
  return app?.lazyrouter === undefined ? app?.router : app._router;
}

function mountOf(route: Route, request: ExpressRequest): string | undefined {
  if (!mountPatterns.has(route)) mountPatterns.set(route, findInApp(request.app, route));
  return mountPatterns.get(route) ?? request.baseUrl;
}

/** In an application and those that it is mounted in. */
function findInApp(app: Routing | undefined, route: Route): string | undefined {
  const mounts = findInRouter(routerOf(app), route, '', new Set());
  // Mounted in several places: which one it was only the request knows.
  if (mounts.length !== 1) return undefined;
  let pattern = mounts[0]!;
  for (let mounted = app; mounted?.parent !== undefined; mounted = mounted.parent) {
    if (typeof mounted.mountpath !== 'string') return undefined;
    pattern = (mounted.mountpath === '/' ? '' : mounted.mountpath) + pattern;
  }
  return pattern;
}

function findInRouter(
  router: Routing | undefined,
  route: Route,
  prefix: string,
  path: Set<Routing>,
): string[] {
  // A router that is mounted in itself is odd, but no reason to hang.
  if (router?.stack === undefined || path.has(router)) return [];
  path.add(router);
  const mounts = router.stack.flatMap((layer) => {
    if (layer.route === route) return [prefix];
    const nested = layer.handle as Routing | undefined;
    if (layer.route !== undefined || nested?.stack === undefined) return [];
    return findInRouter(nested, route, prefix + mountPattern(layer), path);
  });
  path.delete(router);
  return mounts;
}

function mountPattern(layer: Layer): string {
  if (layer.rawPath !== undefined) return layer.rawPath === '/' ? '' : patternText(layer.rawPath);
  return layer.regexp === undefined ? '' : patternOfRegexp(layer.regexp, layer.keys ?? []);
}

/** Express 4 keeps of a mount path only what path-to-regexp 0.1 made of it: `^\/api(?:\/([^/]+?))\/?(?=\/|$)`. */
function patternOfRegexp(regexp: RegExp, keys: readonly { name: string | number }[]): string {
  if ((regexp as { fast_slash?: boolean }).fast_slash === true) return '';
  let key = 0;
  return regexp.source
    .replace(/^\^/, '')
    .replace(/\\\/\?\(\?=\\\/\|\$\)$/, '')
    .replaceAll(
      /\(\?:(\\\/)?\(\[\^\\?\/\]\+\?\)\)/g,
      (_, slash = '') => `${slash}:${keys[key++]?.name ?? 'param'}`,
    )
    .replaceAll('\\', '');
}

function patternText(pattern: unknown): string {
  if (Array.isArray(pattern)) return pattern.map(patternText).join('|');
  return String(pattern);
}
