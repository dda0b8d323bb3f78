import type { ClientRequest } from 'node:http';
import type { HttpTarget } from '@spoor/instrumentation';
import { insideOf } from './client-inside.js';

/**
 * Where a request goes, as its constructor has understood it: whatever the shape of the arguments was.
 *
 * @param options what Node hands to an agent: its own, completed
 */
export function targetOf(request: ClientRequest, options: unknown): HttpTarget {
  const { host, protocol, socketPath } = insideOf(request);
  return {
    method: request.method,
    protocol,
    hostname: host.startsWith('[') ? host.slice(1, -1) : host,
    port: socketPath ? undefined : (givenPort(options) ?? writtenPort(request, protocol)),
    socketPath: socketPath || undefined,
    path: request.path,
  };
}

function givenPort(options: unknown): number | undefined {
  return Number((options as { port?: unknown } | null | undefined)?.port) || undefined;
}

/** Without an agent nobody is told the port; Node has written it into the header. */
function writtenPort(request: ClientRequest, protocol: string): number {
  const written = /:(\d+)$/.exec(String(request.getHeader('host')))?.[1];
  return Number(written) || (protocol === 'https:' ? 443 : 80);
}
