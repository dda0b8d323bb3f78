// A made-up library and an instrumentation of it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { ConstSampler, InMemoryReporter, setGlobalTracer, Tracer } from '@spoor/core';
import {
  defineInstrumentation,
  type Instrumentation,
  startChildSpan,
  wrapMethod,
} from '@spoor/instrumentation';

/** A made-up client: `new Client().send(message)` resolves with what the server says. */
const clientSource = `
class Client {
  async send(message) { return 'echo: ' + message; }
}
exports.Client = Client;
`;

export interface Echo {
  Client: new () => { send(message: string): Promise<string> };
}

let count = 0;

/** An instrumentation of it, as CONTRIBUTING.md shows one. */
export function instrument(
  majors = [1],
  name = `echo-${count++}`,
): Instrumentation<{ module?: unknown }> {
  return defineInstrumentation<{ module?: unknown }, object>({
    name,
    readOptions: () => ({}),
    patches: [
      {
        library: 'echo',
        file: 'lib/client.js',
        majors,
        find: (library) => (library.Client === undefined ? undefined : library),
        patch: ({ Client }, live) => [
          wrapMethod(
            Client.prototype as { send(message: string): Promise<string> },
            'send',
            (send) =>
              async function tracedSend(this: object, message: string) {
                const span = live.settings && startChildSpan('echo:send', live.settings);
                try {
                  return await send.call(this as never, message);
                } finally {
                  span?.finish();
                }
              },
          ),
        ],
      },
    ],
  });
}

export function record(): InMemoryReporter {
  const reporter = new InMemoryReporter();
  setGlobalTracer(new Tracer('test', { reporter, sampler: new ConstSampler(true) }));
  return reporter;
}

/** A folder with the library in it, in as many versions as are named: `{ echo: '1.2.3' }` by the name of its folder. */
export function application(t: TestContext, versions: Record<string, string>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'spoor-hook-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, version] of Object.entries(versions)) {
    const library = path.join(folder, 'node_modules', name);
    mkdirSync(path.join(library, 'lib'), { recursive: true });
    writeFileSync(
      path.join(library, 'package.json'),
      JSON.stringify({ name: 'echo', version, main: 'lib/client.js' }),
    );
    writeFileSync(path.join(library, 'lib/client.js'), clientSource);
  }
  return folder;
}

export const requireFrom = (folder: string): NodeJS.Require =>
  createRequire(path.join(folder, 'app.js'));
