/** How long all that is left to send may hold up the exit, in milliseconds. */
const patienceMs = 1000;
let deadlineMs: number | undefined;

const sent = 1;
const failed = 2;

const prologue = `
const { workerData: { state, data } } = process.getBuiltinModule('node:worker_threads');
const end = (isSent) => {
  Atomics.store(state, 0, isSent ? ${sent} : ${failed});
  Atomics.notify(state, 0);
};
`;

/**
 * Sends while the process exits, when nothing asynchronous happens in its own thread any more: another thread sends, for which
 * this one waits. That takes some 40 ms, so it is for what cannot be sent otherwise. Never throws.
 *
 * @param program JavaScript that sends `data` and then calls `end(isSent)`; a text, as no bundler leaves a function alone
 * @returns whether it was sent; if not, there is no use in further attempts
 */
export function sendInThread(program: string, data: object): boolean {
  deadlineMs ??= performance.now() + patienceMs;
  const state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  try {
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    // What is preloaded into the process has no business in there: it would load for as long as this waits, and trace.
    const { NODE_OPTIONS: _, ...env } = process.env;
    new Worker(prologue + program, { eval: true, execArgv: [], env, workerData: { state, data } });
    Atomics.wait(state, 0, 0, Math.max(0, deadlineMs - performance.now()));
  } catch {
    // Not permitted, or no memory left for a thread.
  }
  return Atomics.load(state, 0) === sent;
}
