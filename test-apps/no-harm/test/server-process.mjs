import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const serve = fileURLToPath(new URL('../apps/serve.mjs', import.meta.url));

/** Starts an application in a process of its own. `stop` resolves with what it has seen. */
export async function startServer(t, how) {
  const child = fork(serve, [JSON.stringify(how)], {
    // Without what the test itself was started with, and as in production: error pages show no stack.
    execArgv: [],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  t.after(() => child.kill());
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  const died = once(child, 'close').then(([code, signal]) => {
    throw new Error(`ended with ${code ?? signal}: ${output}`);
  });
  // Whoever waits for an answer hears of it.
  died.catch(() => {});
  const answer = async () => (await Promise.race([once(child, 'message'), died]))[0];

  const { ports } = await answer();
  return {
    ports,
    died,
    async stop() {
      child.send('stop');
      const result = await answer();
      await died.catch(() => {});
      return { ...result, output };
    },
  };
}
