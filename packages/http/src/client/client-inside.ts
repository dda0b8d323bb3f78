import type { Agent, ClientRequest, IncomingMessage } from 'node:http';

/** What Node's types leave out of a client's request; the same in Node 20 to 26. */
export interface RequestInside {
  host: string;
  protocol: string;
  socketPath?: string | undefined;
  /** The response, once there is one. */
  res: IncomingMessage | null;
  onSocket(...args: unknown[]): void;
  /** Makes the text of the request line and the headers, just before they go out or are queued. */
  _storeHeader(firstLine: string, headers: unknown): void;
}

export interface AgentInside {
  addRequest(request: ClientRequest, options: unknown, ...legacy: unknown[]): void;
}

export function insideOf(request: ClientRequest): RequestInside {
  return request as unknown as RequestInside;
}

export function insideOfAgents(prototype: Agent): AgentInside {
  return prototype as unknown as AgentInside;
}
