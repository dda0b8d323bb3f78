import { readdirSync } from 'node:fs';
import { Process } from './processes.mjs';

/** Each file in `servers/` is one. */
export const frameworks = readdirSync(new URL('servers/', import.meta.url)).map((file) =>
  file.replace('.mjs', ''),
);

/** A fresh server and a fresh load, each on a core of its own. */
export class Pair {
  #load;
  #server;
  #url;

  static async start({ framework, variant, node, serverFlags }) {
    const pair = new Pair();
    pair.#load = new Process('load.mjs', { node, core: 1 });
    const { agentPort } = await pair.#load.ask('listen');
    pair.#server = new Process('serve.mjs', {
      node,
      core: 0,
      flags: serverFlags,
      args: [framework, variant, String(agentPort)],
    });
    const { port } = await pair.#server.ask('listen');
    pair.#url = `http://127.0.0.1:${port}/hello/spoor`;
    return pair;
  }

  /** Requests one after the other on each connection: `amount` of them, or for so many `seconds`. */
  async load({ connections, amount, seconds }) {
    const details = { url: this.#url, connections, amount, seconds };
    const result = await this.#load.ask('run', details);
    if (result.failedCount > 0 || (amount !== undefined && result.okCount !== amount)) {
      throw new Error(
        `${result.okCount} requests were answered with 200, ${result.failedCount} were not; expected ${amount ?? 'all'}.`,
      );
    }
    return result;
  }

  /** A question to the server: start, stop or heap. */
  ask(question, details) {
    return this.#server.ask(question, details);
  }

  /** What the agent has got since the load began. */
  received() {
    return this.#load.ask('received');
  }

  async end() {
    await Promise.all([this.#server?.end(), this.#load?.end()]);
  }
}
