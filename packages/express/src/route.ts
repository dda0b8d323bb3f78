import { originalPath } from '@spoor/http';
import type { ExpressRequest, Layer, Route, Routing } from './express-types.js';

/** What is known of a route that has answered once: the same for every request. */
interface KnownRoute {
  /** Its full patterns: one for every place where it is mounted, and for every path that it was registered with. */
  readonly patterns: readonly string[];
  /** The parameters that a request has while the route has it. */
  readonly params: readonly string[];
  /** `*`, `/{*path}` and the like: what such a route answers with a 404, no route has matched. */
  readonly isCatchAll: boolean;
}

const knownRoutes = new WeakMap<Route, KnownRoute>();

/**
 * The pattern of the route that answered, those of the routers that it is mounted in before it:
 * `/api/:tenant/users/:id`.
 *
 * They are looked up in the application's routers, once per route, because a request only knows the actual path
 * (`/api/acme`), and after an error not even that.
 */
export function routeOf(request: ExpressRequest, hasFailed: boolean): string | undefined {
  const { app, route } = request;
  if (route === undefined) return undefined;
  let known = knownRoutes.get(route);
  if (known === undefined) {
    known = {
      patterns: patternsOf(app, route),
      params: requiredParams(route.path, isExpress4(app)),
      isCatchAll: typeof route.path === 'string' && /^[/{]*\*\w*\}?$/.test(route.path),
    };
    knownRoutes.set(route, known);
  }
  if (!hasFailed && isPassedOn(request, known.params)) return undefined;
  if (known.isCatchAll && request.res?.statusCode === 404) return undefined;
  const { patterns } = known;
  if (patterns.length === 1) return patterns[0];
  // Of several the actual path tells which one it was, if it can.
  const path = originalPath(request).split('?', 1)[0]!;
  return patterns.find((pattern) => isLike(path, pattern)) ?? patterns.join('|');
}

/**
 * Express leaves `route` there when the handlers pass the request on. That nobody took it shows in `next`; that a later
 * layer did, such as a handler for all that was not found, shows in `params`, which are those of that layer.
 */
function isPassedOn({ next, params }: ExpressRequest, ofRoute: readonly string[]): boolean {
  return next === undefined || ofRoute.some((name) => !Object.hasOwn(params ?? {}, name));
}

/** The names of the parameters without which a path does not match: not those in `{/:id}` or `:id?`. */
function requiredParams(path: unknown, isOfExpress4: boolean): readonly string[] {
  if (typeof path !== 'string') return [];
  const required = path.replaceAll(/\{.*\}|:\w+(\([^)]*\))?\?/g, '');
  // The wildcards of Express 4 have no names.
  return required.match(isOfExpress4 ? /(?<=:)\w+/g : /(?<=[:*])\w+/g) ?? [];
}

/** The router of an application, whichever version of Express made it. */
export function routerOf(app: Routing | undefined): Routing | undefined {
  // Express 4 has a getter `router` that throws.
  return isExpress4(app) ? app?._router : app?.router;
}

function isExpress4(app: Routing | undefined): boolean {
  return app?.lazyrouter !== undefined;
}

function patternsOf(app: Routing | undefined, route: Route): readonly string[] {
  const paths = [route.path].flat(Number.POSITIVE_INFINITY);
  return mountsOf(app, route).flatMap((mount) =>
    paths.map((path) => join(mount, patternText(path))),
  );
}

/** The patterns under which an application, and those that it is mounted in, reach a route. */
function mountsOf(app: Routing | undefined, route: Route): readonly string[] {
  let mounts = findInRouter(routerOf(app), route, '', new Set());
  // A router that is not reached from the application, such as one that a handler calls by hand.
  if (mounts.length === 0) mounts = [''];
  for (let mounted = app; mounted?.parent !== undefined; mounted = mounted.parent) {
    const own = patternText(mounted.mountpath);
    mounts = mounts.map((mount) => join(own === '/' ? '' : own, mount));
  }
  return [...new Set(mounts)];
}

function join(mount: string, path: string): string {
  return path === '/' && mount !== '' ? mount : mount + path;
}

/** Whether a path may be one of a pattern, segment by segment. */
function isLike(path: string, pattern: string): boolean {
  const segments = path.split('/');
  const patterns = pattern.split('/');
  return (
    segments.length === patterns.length &&
    patterns.every((part, i) => part === segments[i] || /[:*(]/.test(part))
  );
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
  return pattern instanceof RegExp ? `/${pattern.source}/` : String(pattern);
}
