import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** Who sent a request, and how they wrote its address. */
export interface Caller {
  /** IP address; undefined where there is no connection, as in tests that inject requests. */
  readonly address: string | undefined;
  readonly isIpv6: boolean;
  readonly port: number | undefined;
  readonly scheme: string;
  readonly host: string;
}

const ipv4InIpv6 = '::ffff:';

/** The other end of the connection, which may be a proxy. */
export function directCaller(request: IncomingMessage): Caller {
  const { socket } = request;
  const address = withoutIpv6Prefix(socket?.remoteAddress);
  return {
    address,
    isIpv6: address?.includes(':') === true,
    port: socket?.remotePort,
    scheme: (socket as TLSSocket | undefined)?.encrypted === true ? 'https' : 'http',
    host: request.headers.host ?? authorityOf(request) ?? 'localhost',
  };
}

/** The first machine that `Forwarded` or `X-Forwarded-*` names; what they leave out is the connection's. */
export function forwardedCaller(request: IncomingMessage): Caller {
  const direct = directCaller(request);
  const { headers } = request;
  const forwarded = parseForwarded(single(headers.forwarded));
  const address = withoutPort(forwarded.get('for') ?? firstOf(single(headers['x-forwarded-for'])));
  const scheme = forwarded.get('proto') ?? firstOf(single(headers['x-forwarded-proto']));
  const host = forwarded.get('host') ?? firstOf(single(headers['x-forwarded-host']));
  return {
    address: address ?? direct.address,
    isIpv6: (address ?? direct.address)?.includes(':') === true,
    // The port of the connection is the proxy's.
    port: address === undefined ? direct.port : undefined,
    scheme: scheme === 'http' || scheme === 'https' ? scheme : direct.scheme,
    host: host ?? direct.host,
  };
}

/** HTTP/2 has no `host` header. */
function authorityOf(request: IncomingMessage): string | undefined {
  const authority = request.headers[':authority'];
  return typeof authority === 'string' ? authority : undefined;
}

/** The parameters of the first element. @see RFC 7239 section 4 */
function parseForwarded(header: string | undefined): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of firstOf(header)?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals === -1) continue;
    const value = pair.slice(equals + 1).trim();
    parameters.set(pair.slice(0, equals).trim().toLowerCase(), value.replaceAll('"', ''));
  }
  return parameters;
}

/** `1.2.3.4:5678`, `[2001:db8::1]:5678` and `2001:db8::1` without the port; undefined for names such as `unknown`. */
function withoutPort(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const bracketed = /^\[([0-9a-f:.]+)\]/i.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  const ipv4 = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$/.exec(address)?.[1];
  return (
    ipv4 ?? (/^[0-9a-f]*:[0-9a-f:.]+$/i.test(address) ? withoutIpv6Prefix(address) : undefined)
  );
}

function withoutIpv6Prefix(address: string | undefined): string | undefined {
  return address?.startsWith(ipv4InIpv6) ? address.slice(ipv4InIpv6.length) : address;
}

function firstOf(list: string | undefined): string | undefined {
  const first = list?.split(',', 1)[0]?.trim();
  return first === '' ? undefined : first;
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
