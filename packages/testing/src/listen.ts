import type { AddressInfo, Server } from 'node:net';

/** Something of a test that can be undone at its end, such as the context of `node:test`. */
export interface Cleanup {
  after(undo: () => unknown): void;
}

/** Listens on a free port of this machine until the test ends, and resolves with the address: `http://127.0.0.1:4711`. */
export async function listen(t: Cleanup, server: Server): Promise<string> {
  // A thousand clients at once are more than Node has room for: the others wait a second or longer, or are reset.
  const options = { port: 0, host: '127.0.0.1', backlog: 4096 };
  await new Promise<void>((resolve) => server.listen(options, resolve));
  t.after(() => {
    (server as { closeAllConnections?(): void }).closeAllConnections?.();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
