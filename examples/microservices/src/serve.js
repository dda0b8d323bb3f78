import { once } from 'node:events';

/** `PORT`, or the port that the service usually has. */
export function port(usual) {
  return Number(process.env.PORT || usual);
}

/** Serves until SIGTERM or Ctrl-C; then answers what has come, and calls `close`, where the tracer sends its last spans. */
export async function serve(name, server, port, close) {
  try {
    await once(server.listen(port), 'listening');
  } catch (error) {
    console.error(`${name} cannot listen on port ${port} (${error.code}). Set PORT to another.`);
    process.exit(1);
  }
  server.once('close', close);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close());
  const url = `http://localhost:${server.address().port}`;
  console.log(`${name} listens on ${url}`);
  process.send?.(url); // to start.js
}
