import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import type { TestContext } from 'node:test';
import { ConstSampler, InMemoryReporter, type RecordedSpan, Tracer } from '@spoor/core';
import { awaitSpans, type FinishedSpans, listen } from '@spoor/testing';
import { install, type UndiciOptions, uninstall } from '@spoor/undici';
import type * as undici7 from 'undici';

/** The newest of each major version, with the same types. Undefined where this Node is too old for it. */
export const versions: readonly { name: string; undici: typeof undici7 | undefined }[] = [
  { name: 'undici 6', undici: await load('undici-6') },
  { name: 'undici 7', undici: await load('undici') },
  { name: 'undici 8', undici: isNode(22, 19) ? await load('undici-8') : undefined },
];

export const tooOld = 'undici 8 needs Node 22.19';

export function isNode(major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

async function load(name: string): Promise<typeof undici7> {
  return (await import(name)) as typeof undici7;
}

export interface Traced {
  readonly tracer: Tracer;
  readonly reporter: InMemoryReporter;
  readonly finished: FinishedSpans<RecordedSpan>;
}

/** Installs the instrumentation with a tracer of its own until the test ends. */
export function trace(t: TestContext, options: UndiciOptions = {}): Traced {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  install({ tracer, ...options });
  t.after(uninstall);
  return { tracer, reporter, finished: awaitSpans(reporter) };
}

/** A server, and the requests that it got. */
export async function serve(
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

/** A port on which nobody listens any more. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
