import { redactPath } from '../redact-url.js';

/** Where a request goes, in the parts that every HTTP client knows. */
export interface HttpTarget {
  /** In capitals. */
  readonly method: string;
  /** `https:` */
  readonly protocol: string;
  /** A name, or an IP address without brackets. */
  readonly hostname: string;
  /** Undefined for a Unix socket. */
  readonly port: number | undefined;
  readonly socketPath?: string | undefined;
  /** As it stands in the request: path and query; a whole URL through a proxy, `host:port` for CONNECT. */
  readonly path: string;
}

/** The URL for tags and interceptors: no credentials, and credential-like values of its query redacted. */
export function redactedUrl(target: HttpTarget): string {
  const url = fullUrl(target);
  const pathStart = url.indexOf('/', url.indexOf('://') + 3);
  return pathStart === -1 ? url : url.slice(0, pathStart) + redactPath(url.slice(pathStart));
}

/** The URL without credentials. */
export function fullUrl(target: HttpTarget): string {
  const { method, path } = target;
  if (path.startsWith('/')) return originOf(target) + path;
  if (method === 'CONNECT') return path;
  // Through a proxy; Node may have written it with the credentials that it was given.
  const authority = /^https?:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(path);
  if (authority === null) return `${originOf(target)}/${path}`;
  const scheme = path.slice(0, path.indexOf('://') + 3);
  return scheme + authority[1]! + path.slice(authority[0].length);
}

/** `host:port`, as it stands in a URL: no port where it is the scheme's own. */
export function hostOf({ protocol, hostname, port }: HttpTarget): string {
  const name = hostname.includes(':') ? `[${hostname}]` : hostname;
  return port === undefined || port === (protocol === 'https:' ? 443 : 80)
    ? name
    : `${name}:${port}`;
}

function originOf(target: HttpTarget): string {
  return `${target.protocol}//${hostOf(target)}`;
}
