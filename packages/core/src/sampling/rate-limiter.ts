/**
 * A bucket that fills at a rate, holds one second's worth (but at least one), and starts full. Each {@link take} takes one
 * out of it.
 */
export class RateLimiter {
  readonly #nowMs: () => number;
  #perSecond: number;
  #capacity: number;
  #balance: number;
  #refilledAtMs: number;

  /**
   * @param perSecond 0 or more; a fraction works, 0.1 is one in ten seconds
   * @param nowMs a monotonic clock in milliseconds, for tests
   */
  constructor(perSecond: number, nowMs: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#capacity = capacityOf(perSecond);
    this.#balance = this.#capacity;
    this.#nowMs = nowMs;
    this.#refilledAtMs = nowMs();
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  take(): boolean {
    this.#refill();
    if (this.#balance < 1) return false;
    this.#balance -= 1;
    return true;
  }

  /** Changes the rate; a bucket that was half full is half full afterwards. */
  setRate(perSecond: number): void {
    this.#refill();
    const capacity = capacityOf(perSecond);
    const fullness = this.#capacity === 0 ? 1 : this.#balance / this.#capacity;
    this.#balance = capacity * fullness;
    this.#capacity = capacity;
    this.#perSecond = perSecond;
  }

  #refill(): void {
    const now = this.#nowMs();
    const earned = ((now - this.#refilledAtMs) / 1000) * this.#perSecond;
    this.#refilledAtMs = now;
    this.#balance = Math.min(this.#balance + earned, this.#capacity);
  }
}

function capacityOf(perSecond: number): number {
  return perSecond === 0 ? 0 : Math.max(perSecond, 1);
}
