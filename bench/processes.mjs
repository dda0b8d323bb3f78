// Child processes that answer questions: the parent's side first, the child's side last.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { canPin } from './machine.mjs';

const running = new Set();

/** What a process may take to end by itself, in milliseconds. */
const endTimeoutMs = 5000;

/** A fresh Node process of a file in this folder. `ask` gets an answer of it, `end` lets it exit. */
export class Process {
  #child;
  #file;
  #exit;

  /** `core` is where it is pinned, `flags` are Node's own. */
  constructor(file, { node, core, flags = [], args = [] }) {
    this.#file = file;
    const command = [node, ...flags, fileURLToPath(new URL(file, import.meta.url)), ...args];
    // taskset replaces itself by the command, so that the channel and the process id stay.
    if (core !== undefined && canPin) command.unshift('taskset', '-c', String(core));
    this.#child = spawn(command[0], command.slice(1), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: environment(),
    });
    running.add(this.#child);
    this.#exit = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('exit', (code, signal) => resolve(`exit code ${code ?? signal}`));
    });
    this.#exit.then(() => running.delete(this.#child));
  }

  /** Rejects when the process ends instead of answering. */
  async ask(question, details = {}) {
    const answer = new Promise((resolve) => this.#child.once('message', resolve));
    const death = this.#exit.then((how) => {
      throw new Error(`${this.#file} ended before it answered "${question}": ${how}`);
    });
    this.#child.send({ question, details }, () => {});
    return Promise.race([answer, death]);
  }

  async end() {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), endTimeoutMs);
    await this.#exit;
    clearTimeout(timer);
  }
}

/** At once, for the end of this process. */
export function stopProcesses() {
  for (const child of running) child.kill('SIGKILL');
}

/** The user's, without what would configure a tracer or Node behind our back. */
function environment() {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(JAEGER_|OTEL_|NODE_OPTIONS$|NODE_V8_COVERAGE$)/.test(name),
  );
  return { ...Object.fromEntries(own), NODE_ENV: 'production' };
}

/** In the child: a function per question; what it returns is the answer. Ends with the parent. */
export function answer(questions) {
  process.on('message', async ({ question, details }) => {
    const reply = await questions[question](details);
    process.send(reply ?? {});
  });
  process.on('disconnect', () => process.exit());
}
