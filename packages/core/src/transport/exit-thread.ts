/**
 * How long all that is left to send may still hold up the exit, in milliseconds: `sending` while the backend is silent,
 * `starting` while a thread starts, which takes long on a busy machine alone.
 */
const patienceMs = { starting: 3000, sending: 1000 };

const starting = 0;
const sending = 1;
const sent = 2;
const failed = 3;

const prologue = `
const { workerData: { state, data } } = process.getBuiltinModule('node:worker_threads');
const tell = (now) => {
  Atomics.store(state, 0, now);
  Atomics.notify(state, 0);
};
const end = (isSent) => tell(isSent ? ${sent} : ${failed});
tell(${sending});
`;

/**
 * Sends while the process exits, when nothing asynchronous happens in its own thread any more: another thread sends, for which
 * this one waits. That takes some 40 ms, so it is for what cannot be sent otherwise. Never throws.
 *
 * @param program JavaScript that sends `data` and then calls `end(isSent)`; a text, as no bundler leaves a function alone
 * @returns whether it was sent; if not, there is no use in further attempts
 */
export function sendInThread(program: string, data: object): boolean {
  const state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  try {
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    // What is preloaded into the process has no business in there: it would load for as long as this waits, and trace.
    const { NODE_OPTIONS: _, ...env } = process.env;
    new Worker(prologue + program, { eval: true, execArgv: [], env, workerData: { state, data } });
    waitWhile(state, starting, 'starting');
    waitWhile(state, sending, 'sending');
  } catch {
    // Not permitted, or no memory left for a thread.
  }
  return Atomics.load(state, 0) === sent;
}

function waitWhile(state: Int32Array, value: number, what: keyof typeof patienceMs): void {
  const fromMs = performance.now();
  Atomics.wait(state, 0, value, patienceMs[what]);
  patienceMs[what] = Math.max(0, patienceMs[what] - (performance.now() - fromMs));
}
