import { InMemoryReporter } from '@spoor/core';

/** Ends the wait of a test when a span arrives, instead of asking again and again. */
export class NotifyingReporter extends InMemoryReporter {
  #wake = new Set();

  report(span) {
    super.report(span);
    for (const wake of this.#wake) wake();
  }

  /** Resolves with all spans once there are so many. */
  finished(count, timeoutMs = 5000) {
    return new Promise((resolve, reject) => {
      const settle = (outcome, value) => {
        clearTimeout(deadline);
        this.#wake.delete(look);
        outcome(value);
      };
      const look = () => {
        if (this.spans.length >= count) settle(resolve, this.spans);
      };
      const deadline = setTimeout(() => {
        const names = this.spans.map(({ operationName }) => operationName);
        settle(reject, new Error(`waited for ${count} spans, got ${JSON.stringify(names)}`));
      }, timeoutMs);
      this.#wake.add(look);
      look();
    });
  }
}
