import { withoutSpan } from '../active-span.js';
import { AFTER_START_MS } from '../constants.js';
import { getText } from './get-text.js';

/** Share of the interval by which it varies, so that not all processes ask at the same moment. */
const jitter = 0.1;

export interface PollerOptions {
  /** From an answer to the next question, in milliseconds; a tenth more or less, by chance. 0 never asks by itself. */
  readonly intervalMs: number;
  /** From the start to the first question, in milliseconds. @default 100 */
  readonly firstAfterMs?: number | undefined;
  /** How long the server has to answer, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined;
}

/** Asks a server again and again, one question at a time. Holds neither the start nor the end of the process up. */
export class Poller {
  readonly #question: () => Promise<void>;
  readonly #intervalMs: number;
  readonly #firstAfterMs: number;
  readonly #timeoutMs: number;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined = undefined;
  #asking: Promise<void> | undefined = undefined;

  /** @param question asks by {@link get} and never rejects */
  constructor(question: () => Promise<void>, options: PollerOptions) {
    this.#question = question;
    this.#intervalMs = options.intervalMs;
    this.#firstAfterMs = options.firstAfterMs ?? AFTER_START_MS;
    this.#timeoutMs = options.timeoutMs ?? 5000;
  }

  get isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  start(): void {
    if (this.#intervalMs === 0) return;
    withoutSpan(() => this.#askIn(this.#firstAfterMs));
  }

  /** Asks now, or joins who is asking already: of two answers the older might come last. Never rejects. */
  async ask(): Promise<void> {
    if (this.isStopped) return;
    this.#asking ??= this.#question().finally(() => {
      this.#asking = undefined;
    });
    await this.#asking;
  }

  /** @throws Error as {@link getText}, and when the poller is stopped */
  get(url: URL): Promise<string> {
    return getText(url, { timeoutMs: this.#timeoutMs, signal: this.#stopping.signal });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stopping.abort();
  }

  #askIn(delayMs: number): void {
    this.#timer = setTimeout(() => void this.#askAgain(), delayMs);
    this.#timer.unref();
  }

  async #askAgain(): Promise<void> {
    await this.ask();
    if (this.isStopped) return;
    this.#askIn(this.#intervalMs * (1 + jitter * (2 * Math.random() - 1)));
  }
}
