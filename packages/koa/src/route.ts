import { originalPath } from '@spoor/http';
import type { KoaContext } from './koa-types.js';

/** The template of the route that took the request, the path that its application is mounted at before it. */
export function routeOf(context: KoaContext): string | undefined {
  const route = context._matchedRoute ?? context.routePath;
  if (route === undefined || route === null) return undefined;
  if (context.mountPath === undefined || route instanceof RegExp) return String(route);
  return join(mountOf(context, String(route)) ?? context.mountPath, String(route));
}

/**
 * Where applications are mounted in each other Koa only knows the innermost: all of them are what the path has in front of
 * the segments of the route. Undefined where the route may take any number of segments.
 */
function mountOf(context: KoaContext, route: string): string | undefined {
  if (/[*(){}?]/.test(route)) return undefined;
  const path = originalPath(context.req).split('?', 1)[0]!.replace(/\/$/, '').split('/');
  const mount = path.slice(0, path.length - segmentsOf(route)).join('/');
  return mount.endsWith(withoutSlash(context.mountPath ?? '')) ? mount : undefined;
}

function segmentsOf(route: string): number {
  return route.split('/').filter((segment) => segment !== '').length;
}

function join(mount: string, route: string): string {
  const path = withoutSlash(mount) + (route === '/' ? '' : route);
  return path === '' ? '/' : path;
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
