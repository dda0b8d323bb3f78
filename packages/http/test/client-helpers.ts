import { once } from 'node:events';
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import type { TestContext } from 'node:test';
import { type HttpClientOptions, install, uninstall } from '@spoor/http';
import { listen } from '@spoor/testing';
import { type Recorder, record } from './helpers.js';

/** A recorder, and the client side installed with its tracer until the test ends. */
export function traceClients(
  t: TestContext,
  options: HttpClientOptions<ClientRequest, IncomingMessage> = {},
): Recorder {
  const recorder = record();
  install({ server: false, client: { tracer: recorder.tracer, ...options } });
  t.after(uninstall);
  return recorder;
}

/** A server, and the headers of each request that it got, as they came. */
export async function serveAndKeep(
  t: TestContext,
  listener: RequestListener = (_, response) => response.end('ok'),
): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    return listener(request, response);
  });
  return { url: await listen(t, server), requests };
}

/** Waits for the response, reads it, and resolves with its text. */
export async function answerTo(request: ClientRequest): Promise<string> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return textOf(response);
}

export async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

/** A port on which nobody listens any more. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
