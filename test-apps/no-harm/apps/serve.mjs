// One application in a process of its own: node serve.mjs '{"framework":…,"variant":…,"folder":…,"agentPort":…}'
// Says on which ports it listens, and when it is told to stop, what it has seen.
import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { frameworks } from './frameworks.mjs';
import { addListeners } from './listeners.mjs';
import { variants } from './variants.mjs';

// Error pages and logs show what called what, and there any middleware is seen, as it should be.
Error.stackTraceLimit = 0;

const how = JSON.parse(process.argv[2]);
const variant = variants[how.variant];
const framework = frameworks[how.framework];
const seen = { received: 0, handled: 0 };

const tracing =
  variant.sampler === undefined
    ? undefined
    : await (await import('./tracing.mjs')).startTracing(variant, how.agentPort);
await variant.install?.(tracing.tracer);
const middleware = variant.usesMiddleware
  ? await framework.middleware({ tracer: tracing.tracer })
  : undefined;

const { start } = await framework.load();
const app = await start({
  library: await framework.library?.(),
  middleware,
  folder: how.folder,
  onHandled: () => {
    seen.handled += 1;
  },
});
const onReceived = () => {
  seen.received += 1;
};
const plain = app.server ?? createServer(app.listener);
EventEmitter.captureRejections = true;
const listening = addListeners(createServer(app.listener), app.listener, onReceived);
EventEmitter.captureRejections = false;
const servers = { plain, listening };
const ports = {};
for (const [name, server] of Object.entries(servers)) {
  server.on('request', onReceived);
  // The answers name the time-out, and a machine that is busy shall not run into it.
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  ports[name] = server.address().port;
}

process.once('message', async () => {
  await Promise.all(
    Object.values(servers).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
  // What waited for a connection that is now closed hears of it in a later turn.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const isSpoorLoaded = Symbol.for('spoor.1') in globalThis;
  process.send({ seen, isSpoorLoaded, tracing: await tracing?.stop() }, () => process.exit());
});
process.send({ ports });
